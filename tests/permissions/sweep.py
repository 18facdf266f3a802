"""Walks the addresses of the product."""

import re
from http.cookies import SimpleCookie

from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from organisations.writing import undone
from tests.permissions import matrix
from tests.permissions.world import World, post_data

# Addresses in which `code` is a plan's and not an organisation's; what `pk` is the key of.
PLANS = {
    "plan", "plan_history_export", "plan_ladder", "rounds", "round", "round_add", "round_owed",
    "round_nudge", "round_extend", "round_reopen",
}  # fmt: skip
PK = {
    "update": "update",
    "update_return": "update",
    "update_withdraw": "update",
    "round": "round",
    "round_owed": "round",
    "round_nudge": "round",
    "round_extend": "round",
    "round_reopen": "round",
    "milestone_change": "milestone",
    "milestone_complete": "milestone",
    "dependency_add": "milestone",
    "dependency_remove": "milestone",
    "figure_add": "measure",
    "baseline_change": "change",
    "baseline_change_decide": "change",
    "baseline_change_object": "change",
    "baseline_change_withdraw": "change",
    "review_answer": "review",
    "dispute_differ": "dispute",
    "dispute_escalate": "dispute",
    "sector_comment_change": "sector_comment",
    "sector_comment_remove": "sector_comment",
    "comment_reply": "comment",
    "comment_edit": "comment",
    "comment_take_back": "comment",
    "comment_resolve": "comment",
    "comment_reopen": "comment",
    "evidence_file": "evidence",
    "evidence_verify": "evidence",
    "evidence_take_back": "verified",
    "evidence_remove": "evidence",
    "saved_view_remove": "view",
    "upload": "upload",
    "upload_apply": "upload",
    "upload_discard": "upload",
    "upload_file": "upload",
    "upload_progress": "upload",
    "upload_marked": "upload",
    "upload_columns": "upload",
    "upload_names": "upload",
    "upload_same": "upload",
    "upload_withdraw": "upload",
    "upload_again": "upload",
    "upload_undo": "upload",
    "return_page": "returned",
    "return_send": "returned",
    "return_discard": "returned",
    "return_original": "returned",
    "return_marked": "returned",
    "return_progress": "returned",
    "return_again": "returned",
    "export": "export",
    "export_progress": "export",
    "export_file": "export",
    "round_returns": "round",
    "return_file": "round",
    "people_invitation_resend": "invitation",
    "people_invitation_revoke": "invitation",
    "join_request": "request",
    "join_request_withdraw": "request",
    "people_member": "member",
    "people_member_end": "member",
    "people_member_switch_off": "member",
    "people_member_reset_factor": "member",
    "invitation_accept": "my_invitation",
    "leave": "my_membership",
    "session_end": "session",
    "succession_reverse": "succession",
    "milestone_calendar": "milestone",
    "calendar_revoke": "unknown",
    "undelivered_again": "unknown",
    "undelivered_address_again": "unknown",
}
SIGN_IN = "/accounts/login/"
LETTERS = {200: "2", 301: "3", 302: "3", 401: "u", 403: "-", 404: ".", 400: "4", 405: "x", 503: "5"}


def addresses(found=None, above=(), route="") -> dict[str, tuple[str, ...]]:
    """Every address by its name (else by how it is written), with the words for its arguments,
    whatever is included from where."""
    flat: dict[str, tuple[str, ...]] = {}
    for pattern in found if found is not None else get_resolver().url_patterns:
        words = (*above, *pattern.pattern.converters)
        if isinstance(pattern, URLPattern):
            flat[pattern.name or f"{route}{pattern.pattern}"] = words
        else:
            flat |= addresses(pattern.url_patterns, words, f"{route}{pattern.pattern}")
    return flat


def is_library(name: str) -> bool:
    """Whether an address belongs to a library."""
    return name.startswith(matrix.LIBRARIES)


def address(name: str, about: str, world: World) -> str:
    """The address of a row, about the thing that it names."""
    known = world.arguments(about)
    values = {}
    for word in addresses()[name]:
        if word == "code":
            values[word] = known["plan" if name in PLANS else "organisation"]
        else:
            values[word] = known[PK[name] if word == "pk" else word]
    return reverse(name, kwargs=values)


def library_address(name: str) -> str:
    """The address of a library's page, with made-up arguments."""
    if "/" in name:
        return f"/{name}"
    for arguments in ([], [1], ["x"], ["x", "y"]):
        try:
            return reverse(name, args=arguments)
        except NoReverseMatch:
            continue
    raise AssertionError(f"{name} wants arguments that the sweep does not know")


def answer(world: World, person: str, method: str, path: str) -> tuple[str, str]:
    """The letter of the matrix, and what was said. What one does leaves nothing behind."""
    client, kept = world.clients[person], world.clients[person].cookies.output()
    with undone():
        response = client.post(path, post_data(world)) if method == "POST" else client.get(path)
        said = _said(response)
    _restore(client, kept)
    if response.status_code == 302 and response.url.startswith(SIGN_IN):
        return "s", said
    return LETTERS.get(response.status_code, str(response.status_code)), said


def is_lost(html: str) -> bool:
    """Whether the frame around a page has a menu and does not say where one is."""
    return 'aria-label="Menu"' in html and len(places(html)) != 1


def places(html: str) -> list[str]:
    """The words of the links around a page that say: you are here."""
    frame = re.sub(r"<main.*</main>", "", html, flags=re.S)
    links = re.findall(r'<a [^>]*aria-current="true"[^>]*>(.*?)</a>', frame, re.S)
    return [re.sub(r"<[^>]*>", " ", words).split("  ")[0].strip() for words in links]


def _said(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace")


def _restore(client: Client, kept: str) -> None:
    cookies = SimpleCookie()
    for line in kept.splitlines():
        cookies.load(re.sub(r"^Set-Cookie: ", "", line))
    client.cookies = cookies
