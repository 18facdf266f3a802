"""Two people, or two clicks, at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from commitments.models import Upload
from commitments.uploads import actions
from organisations.models import User
from tests import factories
from tests.commitments.uploads.workbooks import workbook
from tests.conftest import TODAY, Bodies, Cast
from workforce_tracker.clock import LONDON

NOW = datetime(2026, 11, 19, 10, tzinfo=LONDON)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_apply_once(
    cast: Cast, bodies: Bodies, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    plan = factories.plan("JFP", owner=bodies.board)
    rows = [["", f"Commitment {number}"] for number in range(20)]
    upload = actions.receive(
        by=cast.lead,
        content=workbook(["Reference", "Commitment"], *rows),
        filename="plan.xlsx",
        target=actions.Target(plan=plan),
        today=TODAY,
    )

    def click(_: int) -> bool:
        try:
            return actions.apply(
                by=User.objects.get(pk=cast.lead.pk),
                upload=Upload.objects.get(pk=upload.pk),
                accepted=True,
                today=TODAY,
                now=NOW,
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as clicks:
        done = list(clicks.map(click, range(4)))
    assert sorted(done) == [False, False, False, True]
    assert plan.commitments.count() == 20


@pytest.mark.django_db(transaction=True)
def test_two_people_apply_to_the_same_plan_one_after_the_other(
    cast: Cast, bodies: Bodies, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    plan = factories.plan("JFP", owner=bodies.board)
    promise = factories.commitment(plan, bodies.board, reference="JFP-001", title="As it was")

    def received(by: User, title: str) -> Upload:
        return actions.receive(
            by=by,
            content=workbook(["Reference", "Commitment"], ["JFP-001", title]),
            filename=f"{title}.xlsx",
            target=actions.Target(plan=plan),
            today=TODAY,
        )

    uploads = [received(cast.lead, "One"), received(cast.administrator, "Two")]

    def click(upload: Upload) -> str:
        try:
            actions.apply(
                by=User.objects.get(pk=upload.uploaded_by_id),
                upload=Upload.objects.get(pk=upload.pk),
                accepted=True,
                today=TODAY,
                now=NOW,
            )
            return "applied"
        except actions.Outdated as outdated:
            return str(outdated)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as clicks:
        said = sorted(clicks.map(click, uploads))
    # Whoever came second had seen the commitment as it was before the first.
    assert said[1] == "applied"
    assert "the file would now do something else to JFP-001" in said[0]
    states = sorted(Upload.objects.values_list("state", flat=True))
    assert states == ["applied", "checked"]
    promise.refresh_from_db()
    assert promise.title == Upload.objects.get(state="applied").filename.removesuffix(".xlsx")
