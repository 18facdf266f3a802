"""Several people decide on one request at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from commitments.models import BaselineChange
from organisations.models import Role, User
from tests import factories as make


@pytest.mark.django_db(transaction=True)
def test_of_four_who_decide_at_once_one_does(bodies, step, ask, decide):
    change = ask(step)
    people = [
        make.person(f"Lead {number}", (Role.PROGRAMME_LEAD, bodies.board)) for number in range(4)
    ]

    def click(number: int) -> bool:
        try:
            decide(
                BaselineChange.objects.get(pk=change.pk),
                User.objects.get(pk=people[number].pk),
                approve=bool(number % 2),
                note="As said.",
            )
            return True
        except ValidationError as refused:
            assert "Nothing was done" in refused.messages[0]
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as clicks:
        done = list(clicks.map(click, range(4)))
    assert sorted(done) == [False, False, False, True]
    step.milestone.refresh_from_db()
    change.refresh_from_db()
    assert step.milestone.moves == int(change.state == "approved")
