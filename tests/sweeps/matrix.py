"""What every person gets at every address: the expected answers as one table.

Rows are the names of addresses, with `public` or `internal` for which commitment is meant, and POST
where the address only takes that. Columns are people of the cast; `anonymous` has not signed in.

200 a page; 302 a redirect (to the sign-in page for `anonymous`); 403 may read but not do this; 404
may not know of it.
"""

PEOPLE = (
    "anonymous", "nobody", "viewer", "other_lead", "trust", "council", "lga", "lead",
    "administrator", "platform",
)  # fmt: skip

# Addresses of libraries, which have sweeps of their own (tests/organisations, tests/look).
LIBRARIES = ("account_", "mfa_", "usersessions_", "socialaccount_", "openid_connect_")

EXPECTED = """
address                       anon nobody viewer other trust council lga lead admin platform
healthz                        503   503   503   503   503   503   503   503   503   503
home                           302   200   200   200   200   200   200   200   200   200
commitments                    302   200   200   200   200   200   200   200   200   200
commitment public              302   200   200   200   200   200   200   200   200   200
commitment internal            302   404   404   404   200   404   404   200   200   200
commitment_history public      302   200   200   200   200   200   200   200   200   200
commitment_history internal    302   404   404   404   200   404   404   200   200   200
commitment_reminders public    302   403   403   403   200   200   403   200   403   200
commitment_reminders internal  302   404   404   404   200   404   404   200   403   200
commitment_add                 302   403   403   200   403   403   403   200   403   200
commitment_change public       302   403   403   403   403   403   403   200   403   200
commitment_change internal     302   404   404   404   403   404   404   200   403   200
milestone_add public           302   403   403   403   403   403   403   200   403   200
milestone_add internal         302   404   404   404   403   404   404   200   403   200
milestone_change public        302   403   403   403   200   200   403   200   403   200
milestone_change internal      302   404   404   404   200   404   404   200   403   200
milestone_complete public POST 302   403   403   403   302   302   403   302   403   302
figure_add public              302   403   403   403   200   200   403   200   403   200
figure_add internal            302   404   404   404   200   404   404   200   403   200
progress_add public            302   403   403   403   200   200   403   200   403   403
progress_add internal          302   404   404   404   200   404   404   200   403   403
plans                          302   200   200   200   200   200   200   200   200   200
plan public                    302   200   200   200   200   200   200   200   200   200
plan internal                  302   404   404   404   200   404   404   200   200   200
round_add public               302   403   403   403   403   403   403   403   403   200
round_add internal             302   404   404   404   403   404   404   200   403   200
saved_view_add POST            302   302   302   302   302   302   302   302   302   302
saved_view_remove POST         302   404   404   404   404   404   404   302   404   404
organisations                  302   200   200   200   200   200   200   200   200   200
organisation                   302   200   200   200   200   200   200   200   200   200
switch_organisation POST       302   404   404   404   404   404   404   302   302   404
uploads                        302   403   403   200   403   403   403   200   200   200
upload_add                     302   403   403   200   403   403   403   200   200   200
upload_template                302   403   403   200   403   403   403   200   200   200
upload                         302   404   404   404   404   404   404   200   200   200
upload_file                    302   404   404   404   404   404   404   200   200   200
upload_apply POST              302   404   404   404   404   404   404   302   302   302
upload_discard POST            302   404   404   404   404   404   404   302   302   302
outbox                         302   200   200   200   200   200   200   200   200   200
outbox_message                 302   404   404   404   404   404   404   404   404   404
outbox_html                    302   404   404   404   404   404   404   404   404   404
"""


def rows() -> list[tuple[str, str, str, dict[str, int]]]:
    """The table as (address, which commitment, method, {person: status})."""
    found = []
    for line in EXPECTED.strip().splitlines()[1:]:
        words = line.split()
        statuses = [int(word) for word in words if word.isdigit()]
        labels = [word for word in words if not word.isdigit()]
        which = next((label for label in labels if label in ("public", "internal")), "internal")
        method = "POST" if "POST" in labels else "GET"
        found.append((labels[0], which, method, dict(zip(PEOPLE, statuses, strict=True))))
    return found
