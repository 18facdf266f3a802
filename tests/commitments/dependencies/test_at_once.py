"""Two people close the two halves of a circle at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from commitments.dependencies.actions import add_dependency
from commitments.models import Dependency, Milestone
from organisations.models import User
from tests import factories as make
from tests.conftest import TODAY


@pytest.mark.django_db(transaction=True)
def test_of_two_halves_of_a_circle_one_is_refused(cast, bodies):
    plan = make.plan("HALF")
    steps = [make.milestone(make.commitment(plan, bodies.board), f"Step {n}") for n in range(2)]

    def click(number: int) -> bool:
        lower, upper = (Milestone.objects.get(pk=steps[n].pk) for n in (number, 1 - number))
        try:
            add_dependency(
                by=User.objects.get(pk=cast.lead.pk), milestone=lower, waits_on=upper, today=TODAY
            )
            return True
        except ValidationError as refused:
            assert "That would be a circle" in refused.messages[0]
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as clicks:
        done = list(clicks.map(click, range(2)))
    assert sorted(done) == [False, True]
    assert Dependency.objects.count() == 1
