"""Whom a name in a file is said to be closest to."""

from commitments.uploads.answers import Answers
from commitments.uploads.check import Part, check
from commitments.uploads.reading import read
from organisations.kinds import Kind
from organisations.models import Alias
from tests import factories
from tests.commitments.uploads.workbooks import workbook
from tests.conftest import TODAY, Bodies, Cast


def test_the_plans_own_come_first_and_nobody_is_chosen(cast: Cast, bodies: Bodies) -> None:
    elsewhere = factories.organisation("Lancashire County Council", Kind.COUNTY, code="E10000017")
    plan = factories.plan("JFP", owner=bodies.board)
    tables = read(workbook(["Reference", "Commitment", "Lead"], ["A-1", "A bank", "LCC"]), ".xlsx")

    def said() -> list[str]:
        parts: list[Part] = []
        checked = check(tables, plan=plan, by=cast.lead, today=TODAY, take=parts.append)
        draft = parts[0].entries[0].draft
        assert draft and [party.organisation for party in draft.parties or ()] == [None]
        (question,) = [each for each in checked.questions if each.kind == "organisation"]
        return [name for _, name in question.suggestions]

    # The system of the plan's owner, and what is a party to the plan before that.
    assert said() == ["Leeds City Council", "Lancashire County Council"]
    factories.commitment(plan, elsewhere)
    assert said() == ["Lancashire County Council", "Leeds City Council"]


def test_letters_that_are_a_code_elsewhere_are_asked_about_once(cast: Cast, bodies: Bodies) -> None:
    other = factories.organisation("Rushmoor Borough Council", Kind.DISTRICT, code="E07000092")
    Alias.objects.create(organisation=other, name="RUH", kind=Alias.Kind.CODE)
    plan = factories.plan("JFP", owner=bodies.board)
    heads = ["Reference", "Commitment", "Lead", "Lead code"]

    def found(row: list[str], **answers: str) -> tuple[list[str], list[object]]:
        parts: list[Part] = []
        checked = check(
            read(workbook(heads, row), ".xlsx"), plan=plan, by=cast.lead, today=TODAY,
            answers=Answers(names=answers), take=parts.append,
        )  # fmt: skip
        draft = parts[0].entries[0].draft
        assert draft
        open_ = [each.value for each in checked.to_confirm]
        return open_, [party.organisation for party in draft.parties or ()]

    assert found(["A-1", "Theatres", "RUH", ""]) == (["RUH"], [None])
    assert found(["A-1", "Theatres", "RUH", ""], RUH=bodies.trust.code) == ([], [bodies.trust])
    assert found(["A-1", "Theatres", "RUH", ""], RUH=other.code) == ([], [other])
    # A column of codes says what it is.
    assert found(["A-1", "Theatres", "", "RUH"]) == ([], [other])
