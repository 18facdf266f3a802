"""A joint commitment whose dates and target stand, and two people who may decide on them."""

import pytest

from commitments.changing import actions
from commitments.changing.queries import Promise
from commitments.models import BaselineChange, Commitment, Plan
from organisations.models import Role
from tests import factories as make
from tests.conftest import TODAY


@pytest.fixture
def passport(bodies) -> Commitment:
    """Led by our board, with our council: joint. In a plan that our trust keeps."""
    plan = make.plan("PASS", owner=bodies.trust, visibility=Plan.Visibility.SHARED)
    made = make.commitment(
        plan,
        bodies.board,
        bodies.council,
        target="31/03/2028",
        reference="PASS-1",
        title="Passport",
    )
    make.milestone(made, "Agree it", baseline="30/09/2027")
    make.measure(made, 100, name="Passports", unit="people")
    return Commitment.objects.select_related("plan", "standing").get(pk=made.pk)


@pytest.fixture
def second(bodies):
    """Another programme lead of our board."""
    return make.person("Sam Second", (Role.PROGRAMME_LEAD, bodies.board))


@pytest.fixture
def step(passport) -> Promise:
    """The promised date of its milestone."""
    return Promise(passport, milestone=passport.milestones.get())


@pytest.fixture
def ask(cast):
    """`ask(promise, to)` asks as our lead, unless told otherwise."""

    def asking(promise: Promise, to: str = "31/12/2027", **fields) -> BaselineChange:
        fields.setdefault("by", cast.lead)
        fields.setdefault("reason", "The supplier is late.")
        values = {} if promise.measure else {"to": make.fuzzy(to)}
        return actions.ask(promise=promise, today=TODAY, **values, **fields)

    return asking


@pytest.fixture
def decide():
    """`decide(change, by)` approves; `approve=False` and a `note` refuse."""

    def deciding(change, by, approve=True, note="") -> BaselineChange:
        return actions.decide(by=by, change=change, approve=approve, note=note, today=TODAY)

    return deciding
