"""Another organisation verifies; removal keeps the row and the reason."""

from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from commitments.evidence.actions import remove, take_back, verify
from commitments.models import Evidence
from organisations.models import Membership, Role, Succession
from tests import factories as make
from tests.conftest import TODAY

pytestmark = pytest.mark.django_db
ADDRESS = "/commitments/LTWP/LTWP-1/evidence/"


def by(person, evidence):
    return verify(by=person, acting=None, evidence=evidence, today=TODAY)


def test_a_partner_verifies(give, cast, bodies, sign_in):
    given = give()
    page = sign_in(cast.council).get(ADDRESS).content.decode()
    assert "Verify for Leeds City Council" in page
    sign_in(cast.council).post(f"{ADDRESS}{given.pk}/verify/")
    given.refresh_from_db()
    assert given.strength == Evidence.Strength.VERIFIED
    assert (given.verified_by, given.verified_for) == (cast.council, bodies.council)
    page = sign_in(cast.trust).get(ADDRESS).content.decode()
    assert "Verified by another organisation" in page
    assert "Verify for" not in page


@pytest.mark.parametrize("person", ["council", "council_reviewer", "lga"])
def test_who_may_verify(give, cast, person):
    assert by(getattr(cast, person), give()).strength == Evidence.Strength.VERIFIED


@pytest.mark.parametrize("person", ["trust", "lead", "administrator", "platform", "national"])
def test_who_may_not(give, cast, sign_in, person):
    given = give()
    with pytest.raises(PermissionDenied):
        by(getattr(cast, person), given)
    client = sign_in(getattr(cast, person))
    assert "Verify for" not in client.get(ADDRESS).content.decode()
    assert client.post(f"{ADDRESS}{given.pk}/verify/").status_code == 403


def test_nobody_verifies_for_another_body_what_one_of_theirs_gave(give, cast, bodies):
    given = give()
    Membership.objects.create(user=cast.trust, organisation=bodies.council, role=Role.REVIEWER)
    colleague = make.person(
        "Both Sides", (Role.VIEWER, bodies.trust), (Role.REVIEWER, bodies.council)
    )
    for person in (cast.trust, colleague):
        with pytest.raises(PermissionDenied):
            by(type(person).objects.get(pk=person.pk), given)


def test_who_took_over_from_the_giver_does_not_verify(give, cast, bodies):
    """After a merger it is their own evidence."""
    given = give()
    heir = make.organisation("North Trust")
    Succession.objects.create(predecessor=bodies.trust, successor=heir, on=TODAY, kind="merger")
    person = make.person("Hera Heir", (Role.REVIEWER, heir))
    with pytest.raises(PermissionDenied):
        by(person, given)


def test_the_association_does_not_verify_what_is_not_joint(give, cast):
    given = give()
    given.commitment.plan.visibility = "shared"
    given.commitment.plan.save()
    given.commitment.parties.filter(role="partner").delete()
    with pytest.raises(PermissionDenied):
        by(cast.lga, given)


def test_a_second_click_changes_nothing_and_a_second_person_is_told(give, cast):
    given = by(cast.council, give())
    again = by(cast.council, given)
    assert again.verified_at == given.verified_at
    with pytest.raises(ValidationError, match="Leeds City Council has verified"):
        by(cast.lga, given)


def test_what_was_removed_cannot_be_verified(give, cast):
    given = give()
    remove(by=cast.trust, evidence=given, reason="Wrong one", today=TODAY)
    with pytest.raises(ValidationError, match="has been removed"):
        by(cast.council, given)


def no_longer(person, evidence, reason="Clicked on the wrong one"):
    return take_back(by=person, acting=None, evidence=evidence, reason=reason, today=TODAY)


def test_a_verification_is_taken_back_with_a_reason(give, cast, sign_in):
    given = by(cast.council, give(strength="self_declared"))
    page = sign_in(cast.council).get(ADDRESS).content.decode()
    assert "Take back the verification" in page
    address = f"{ADDRESS}{given.pk}/take-back/"
    assert "Say why it is taken back" in sign_in(cast.council).post(address).content.decode()
    given.refresh_from_db()
    assert given.strength == Evidence.Strength.VERIFIED
    answer = sign_in(cast.council).post(address, {"reason": "The wrong minutes"}, follow=True)
    assert "is no longer verified" in answer.content.decode()
    given.refresh_from_db()
    assert given.strength == Evidence.Strength.SELF_DECLARED
    assert (given.verified_by, given.verified_for, given.verified_at) == (None, None, None)
    assert "Verify for Leeds City Council" in answer.content.decode()
    history = sign_in(cast.trust).get("/commitments/LTWP/LTWP-1/history/").content.decode()
    assert "because: The wrong minutes" in history


def test_a_colleague_takes_back_what_was_verified_for_the_same_body(give, cast):
    given = by(cast.council, give())
    assert no_longer(cast.council_reviewer, given).strength == Evidence.Strength.DOCUMENT


def test_the_successor_takes_back_what_its_predecessor_verified(give, cast, bodies):
    given = by(cast.council, give())
    heir = make.organisation("New Leeds Council", "metropolitan", opened=TODAY)
    Succession.objects.create(
        predecessor=bodies.council, successor=heir, on=TODAY, kind=Succession.Kind.RENAME
    )
    person = make.person("Nia New", (Role.REVIEWER, heir))
    assert no_longer(person, given).strength == Evidence.Strength.DOCUMENT


@pytest.mark.parametrize("person", ["trust", "lead", "lga", "platform", "national"])
def test_nobody_else_takes_a_verification_back(give, cast, sign_in, person):
    given = by(cast.council, give())
    with pytest.raises(PermissionDenied):
        no_longer(getattr(cast, person), given)
    client = sign_in(getattr(cast, person))
    assert "Take back the verification" not in client.get(ADDRESS).content.decode()
    assert client.post(f"{ADDRESS}{given.pk}/take-back/", {"reason": "No"}).status_code == 403


def test_taking_back_twice_changes_nothing_and_it_can_be_verified_again(give, cast, sign_in):
    given = by(cast.council, give())
    for _ in range(2):
        assert no_longer(cast.council, given).strength == Evidence.Strength.DOCUMENT
    page = sign_in(cast.council).get(f"{ADDRESS}{given.pk}/take-back/", follow=True)
    assert "is not verified, so nothing was taken back" in page.content.decode()
    assert by(cast.lga, given).strength == Evidence.Strength.VERIFIED
    with pytest.raises(ValidationError, match="Say why"):
        no_longer(cast.lga, given, reason=" ")
    remove(by=cast.trust, evidence=given, reason="Wrong one", today=TODAY)
    page = sign_in(cast.council).get(f"{ADDRESS}{given.pk}/take-back/", follow=True)
    assert "has been removed, so nothing was taken back" in page.content.decode()


def test_removal_deletes_the_file_and_keeps_row_and_reason(
    give, cast, sign_in, django_capture_on_commit_callbacks
):
    given = give("minutes.pdf")
    stored = Path(given.file.path)
    address = f"{ADDRESS}{given.pk}/remove/"
    answer = sign_in(cast.trust).post(address, {"reason": " "})
    assert "Say why it is removed" in answer.content.decode()
    assert stored.exists()

    with django_capture_on_commit_callbacks(execute=True):
        sign_in(cast.trust).post(address, {"reason": "Names of patients in it"})

    assert not stored.exists()
    page = sign_in(cast.council).get(ADDRESS).content.decode()
    assert "Removed by Tariq Trust" in page
    assert "Names of patients in it" in page
    assert sign_in(cast.trust).get(f"{ADDRESS}{given.pk}/file/").status_code == 404
    history = sign_in(cast.council).get("/commitments/LTWP/LTWP-1/history/").content.decode()
    assert "Evidence “minutes.pdf” changed" in history
    assert "Names of patients in it" in history
    give("minutes.pdf")  # the place is free again


def test_who_may_remove(give, cast):
    for person in (cast.council, cast.lga, cast.region):
        with pytest.raises(PermissionDenied):
            remove(by=person, evidence=give(title="x"), reason="Mine", today=TODAY)
        Evidence.objects.all().delete()
    for person in (cast.trust, cast.lead, cast.platform):
        assert remove(by=person, evidence=give(), reason="Wrong", today=TODAY).removed_at


def test_removing_twice_keeps_the_first_reason(give, cast):
    given = give()
    remove(by=cast.trust, evidence=given, reason="First", today=TODAY)
    assert remove(by=cast.lead, evidence=given, reason="Second", today=TODAY).removed_reason == (
        "First"
    )
