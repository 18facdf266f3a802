"""What the domain of an e-mail address says about where somebody works: sometimes something."""

from organisations.models import Membership, Organisation

# Anybody can have an address here, so it says nothing.
PUBLIC = frozenset(
    {
        "aol.co.uk",
        "aol.com",
        "blueyonder.co.uk",
        "btinternet.com",
        "btopenworld.com",
        "fastmail.com",
        "gmail.com",
        "gmx.co.uk",
        "gmx.com",
        "gmx.net",
        "googlemail.com",
        "hotmail.co.uk",
        "hotmail.com",
        "hotmail.fr",
        "icloud.com",
        "live.co.uk",
        "live.com",
        "mac.com",
        "mail.com",
        "mail.ru",
        "me.com",
        "msn.com",
        "ntlworld.com",
        "o2.co.uk",
        "orange.net",
        "outlook.co.uk",
        "outlook.com",
        "plus.net",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "rocketmail.com",
        "sky.com",
        "talk21.com",
        "talktalk.net",
        "tiscali.co.uk",
        "tutanota.com",
        "virgin.net",
        "virginmedia.com",
        "yahoo.co.uk",
        "yahoo.com",
        "yandex.com",
        "yandex.ru",
        "ymail.com",
        "zoho.com",
    }
)
# Shared by the whole of the NHS in England.
SHARED = frozenset({"nhs.net"})
# A domain that more bodies share than this says nothing either.
AT_MOST = 5


def organisations_like(email: str) -> list[Organisation]:
    """Open organisations whose people have addresses of the same domain, at most five.

    Show this only to somebody who has shown that the address is theirs.
    """
    domain = email.rpartition("@")[2].lower()
    if not domain or domain in PUBLIC or domain in SHARED:
        return []
    there = Membership.objects.current().filter(
        organisation__closed__isnull=True, user__email__iendswith=f"@{domain}"
    )
    found = Organisation.objects.filter(pk__in=there.values("organisation"))[: AT_MOST + 1]
    return list(found) if len(found) <= AT_MOST else []
