"""A made-up link and a made-up conversation on one of the made-up promises."""

from collections.abc import Mapping
from datetime import date

from commitments.conversation.actions import write
from commitments.demonstration.contents import (
    BOARD,
    COUNCIL,
    COUNCIL_PERSON,
    LEAD_PERSON,
    MARK,
)
from commitments.evidence.actions import add_link
from commitments.models import Comment, Commitment, Evidence
from organisations.models import Organisation, User

LINK = "https://www.example.org/terms-of-the-shared-route"
TITLE = MARK + "terms of the shared route"
QUESTION = "Made up. @{council}, which two providers have not sent their numbers?"
ANSWER = "Made up. Both are in the north of the city. They have promised them for Friday."


def place_talk(
    commitment: Commitment,
    people: Mapping[str, User],
    bodies: Mapping[str, Organisation],
    today: date,
) -> None:
    """The council gives a link as evidence; the board asks, the council answers. All marked."""
    council, lead = people[COUNCIL_PERSON], people[LEAD_PERSON]
    given = add_link(
        by=council,
        commitment=commitment,
        organisation=bodies[COUNCIL],
        url=LINK,
        title=TITLE,
        strength=Evidence.Strength.DOCUMENT,
        today=today,
    )
    asked = write(
        by=lead,
        commitment=commitment,
        organisation=bodies[BOARD],
        text=QUESTION.format(council=council),
        today=today,
    )
    answer = write(
        by=council,
        commitment=commitment,
        organisation=bodies[COUNCIL],
        text=ANSWER,
        answers=asked,
        today=today,
    )
    # People cannot mark what they say as made up; only this can.
    Evidence.objects.filter(pk=given.pk).update(is_demonstration=True)
    Comment.objects.filter(pk__in=[asked.pk, answer.pk]).update(is_demonstration=True)
