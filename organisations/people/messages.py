"""What the people concerned are told by e-mail, in plain text, after the change has been stored.

Each function writes one message. `post` hands them to the mail server once the transaction has
ended: a message about something that did not happen cannot be sent, and a mail server that is down
undoes nothing.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.urls import reverse

from organisations.models import Invitation, JoinRequest, Membership, Organisation, Role, User

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """One e-mail to one address."""

    to: str
    subject: str
    body: str

    def as_email(self) -> EmailMessage:
        """As Django sends it. A name with a line break in it must not add a header."""
        body = f"Hello,\n\n{self.body.strip()}\n\nWorkforce Tracker\n"
        return EmailMessage(" ".join(self.subject.split()), body, to=[self.to])


def post(messages: Iterable[Message], then: Callable[[], object] | None = None) -> None:
    """Send after the transaction, over one connection; call `then` when a server has taken them."""
    waiting = list(messages)
    if waiting:
        transaction.on_commit(lambda: _send(waiting, then))


def _send(messages: Sequence[Message], then: Callable[[], object] | None) -> None:
    try:
        get_connection().send_messages([message.as_email() for message in messages])
    except OSError:  # every fault of a connection and of SMTP is one
        log.exception("%d messages about people could not be sent", len(messages))
        return
    if then:
        then()


def link(name: str, *args: object) -> str:
    """A full address for a message."""
    return settings.SITE_URL + reverse(name, args=args)


def as_role(role: str) -> str:
    """A role within a sentence, with its article."""
    words = Role(role).label.lower()
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


# --- invitations --------------------------------------------------------------------------------
def invited(invitation: Invitation, token: str, expires: date) -> Message:
    """To the person invited: the link. It says nothing about whether they have an account."""
    return Message(
        invitation.email,
        f"You are invited to the Workforce Tracker by {invitation.organisation}",
        f"""{invitation.invited_by} invites you to the Workforce Tracker, the shared record of \
what workforce plans promise, as {as_role(invitation.role)} in {invitation.organisation}.

To accept, open this link by {_day(expires)}. It works once:

{link("invitation", token)}

If you do not know what this is about, do nothing.""",
    )


def invitation_revoked(invitation: Invitation) -> Message:
    """To the person who had been invited."""
    return Message(
        invitation.email,
        f"The invitation of {invitation.organisation} was taken back",
        f"""The invitation to the Workforce Tracker as {as_role(invitation.role)} in \
{invitation.organisation} was taken back, and its link no longer works. You need do nothing.""",
    )


def invitation_accepted(invitation: Invitation, person: User) -> Message:
    """To the person who had sent it."""
    return Message(
        invitation.invited_by.email,
        f"{person} accepted your invitation",
        f"""{person} ({person.email}) is now {as_role(invitation.role)} in \
{invitation.organisation}.

{link("people", invitation.organisation.code)}""",
    )


def joined(membership: Membership) -> Message:
    """To somebody who now belongs to an organisation."""
    return Message(
        membership.user.email,
        f"You now belong to {membership.organisation}",
        f"""You are now {as_role(membership.role)} in {membership.organisation}.

{link("home")}""",
    )


# --- requests -----------------------------------------------------------------------------------
def join_link(email: str, token: str) -> Message:
    """To an address without an account: the way to ask."""
    return Message(
        email,
        "Ask to join an organisation in the Workforce Tracker",
        f"""Somebody, perhaps you, gave this address to ask for access to the Workforce Tracker. \
To choose an organisation and ask, open this link within a day:

{link("join_with_link", token)}

If it was not you, do nothing.""",
    )


def join_signed_in(email: str) -> Message:
    """To an address that has an account: only its owner may know that."""
    return Message(
        email,
        "Ask to join an organisation in the Workforce Tracker",
        f"""Somebody, perhaps you, gave this address to ask for access to the Workforce Tracker. \
You have an account with it already. Sign in, then choose an organisation and ask:

{link("join")}

If it was not you, do nothing.""",
    )


def asked(request: JoinRequest, keeper: User) -> Message:
    """To those who may say yes or no."""
    return Message(
        keeper.email,
        f"{request.name} asks to join {request.organisation}",
        f"""{request.name} ({request.email}) asks to join {request.organisation}:

{request.reason}

Say yes or no here:

{link("join_request", request.organisation.code, request.pk)}""",
    )


def refused(request: JoinRequest) -> Message:
    """To the person who asked."""
    return Message(
        request.email,
        f"{request.organisation} did not take you in",
        f"""You asked to join {request.organisation} in the Workforce Tracker. Its answer was no:

{request.answer}""",
    )


def withdrawn(request: JoinRequest, keeper: User) -> Message:
    """To those who had been asked."""
    return Message(
        keeper.email,
        f"{request.name} no longer asks to join {request.organisation}",
        f"{request.name} ({request.email}) took back the request. There is nothing to decide.",
    )


# --- memberships and accounts -------------------------------------------------------------------
def role_changed(membership: Membership, before: str, by: User) -> Message:
    """To the person whose role it is."""
    return Message(
        membership.user.email,
        f"Your role in {membership.organisation} has changed",
        f"""{by} changed your role in {membership.organisation}: you were {as_role(before)}, and \
are now {as_role(membership.role)}.

{link("account")}""",
    )


def ended(membership: Membership, by: User) -> Message:
    """To the person who no longer has a role."""
    who = "You" if by.pk == membership.user_id else by
    return Message(
        membership.user.email,
        f"You are no longer {as_role(membership.role)} in {membership.organisation}",
        f"""{who} ended it. What you did stays on record under your name.

{link("account")}""",
    )


def left(membership: Membership, keeper: User) -> Message:
    """To those who look after the organisation somebody has left."""
    return Message(
        keeper.email,
        f"{membership.user} has left {membership.organisation}",
        f"""{membership.user} ({membership.user.email}) is no longer {as_role(membership.role)} in \
{membership.organisation}.

{link("people", membership.organisation.code)}""",
    )


def taken_over(to: User, person: User, count: int, by: User) -> Message:
    """To the person who takes over."""
    things = "1 milestone" if count == 1 else f"{count} milestones"
    return Message(
        to.email,
        f"You now own {things} of {person}",
        f"""{by} handed {things} of {person} to you. They are on your home page:

{link("home")}""",
    )


def switched_off(person: User, by: User) -> Message:
    """To the person whose account was switched off."""
    return Message(
        person.email,
        "Your Workforce Tracker account was switched off",
        f"""{by} switched off your account. You can no longer sign in with it; what you did stays \
on record under your name. If that is a mistake, ask {by.email}.""",
    )


def second_factor_reset(person: User, by: User) -> Message:
    """To the person whose second factor was taken away."""
    return Message(
        person.email,
        "Your second factor was removed",
        f"""{by} removed the app, passkeys and recovery codes from your account, and ended your \
sessions. Sign in with your password and set up a new one:

{link("mfa_index")}

If you did not ask for this, tell {by.email} at once.""",
    )


def second_factor_asked(organisation: Organisation, person: User, by: User) -> Message:
    """To everybody in an organisation that now asks for a second factor."""
    return Message(
        person.email,
        f"{organisation} now asks for a second factor",
        f"""{by} decided that everybody in {organisation} signs in with a second factor: a code \
from an app, or a passkey. If you have none, you are asked to set one up when you next open \
the Workforce Tracker. It takes two minutes:

{link("mfa_index")}""",
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
