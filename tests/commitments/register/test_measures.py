"""Numbers in their unit and their period, and how far they are from what was planned."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from commitments.dates import first_day
from commitments.figures import explain_unit, parse_figure, read_number
from commitments.models import Figure, Measure
from commitments.register.actions import EXAMPLES, record_figure
from tests import factories as make
from tests.conftest import TODAY


@pytest.mark.parametrize(
    ("typed", "unit"),
    [
        ("5", "places per year"),
        ("5 places", "places per year"),
        ("1 place", "places"),
        ("5%", "%"),
        ("5%", "% of staff"),
        ("£2.4bn", "£ billion"),
        ("2.4", "£ billion"),
        ("5", ""),
    ],
)
def test_a_number_in_the_measures_unit_is_read(typed: str, unit: str) -> None:
    assert read_number(typed, unit) == parse_figure(typed).low


@pytest.mark.parametrize(
    ("typed", "unit", "words"),
    [
        ("5%", "places", "is not in places, which this measure is counted in"),
        ("£5m", "places", "is not in places"),
        ("£5m", "£ billion", "Give the number in £ billion"),
        ("5 million", "places", "is not in places"),
        ("5 posts", "places", "is not in places"),
        ("5 places", "%", "is not in %"),
        ("5%", "", "counts a plain number"),
        ("5-6", "places", "is not one number"),
        ("", "places", "is not one number"),
    ],
)
def test_another_unit_is_refused_in_words(typed: str, unit: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        read_number(typed, unit)


def test_words_of_a_unit_that_say_how_a_number_is_meant_are_no_other_unit() -> None:
    assert explain_unit(parse_figure("at least 5 places"), "places") is None


@pytest.mark.parametrize(
    ("period", "first"),
    [
        ("March 2026", date(2026, 3, 1)),
        ("Q3 2025/26", date(2025, 10, 1)),
        ("2025/26", date(2025, 4, 1)),
        ("2026", date(2026, 1, 1)),
        ("28/02/2026", date(2026, 2, 28)),
        ("ongoing", None),
    ],
)
def test_the_first_day_of_a_period(period: str, first: date | None) -> None:
    assert first_day(make.fuzzy(period)) == first


@pytest.fixture
def measure(bodies) -> Measure:
    """Vacancies of our board: at most 10, in a plan with tolerances of 5 and 10 per cent."""
    plan = make.plan("MEA", amber_tolerance=5, red_tolerance=10)
    promise = make.commitment(plan, bodies.board, reference="MEA-1", target="2028")
    made = make.measure(promise, 10, name="Vacancies", unit="posts", direction="at_most")
    return Measure.objects.select_related("commitment__plan").get(pk=made.pk)


def record(measure: Measure, value: int, period: str, kind: str = "actual", **fields) -> Figure:
    return record_figure(
        by=None, measure=measure, kind=kind, value=value, period=make.fuzzy(period),
        source="Board", today=TODAY, **fields,
    )  # fmt: skip


def test_each_rhythm_takes_its_own_periods_and_the_example_is_one(measure: Measure) -> None:
    for rhythm in Measure.Rhythm:
        measure.rhythm = rhythm
        example = EXAMPLES[rhythm].rpartition("such as ")[2]
        assert make.fuzzy(example).precision == rhythm, example
        record(measure, 5, example, kind="trajectory", replace=True)
        with pytest.raises(ValidationError, match="“Vacancies” is reported every"):
            record(measure, 5, "28/02/2026")


@pytest.mark.parametrize("period", ["20/11/2026", "December 2026", "Q4 2026/27", "2027"])
def test_an_actual_of_a_period_that_has_not_begun_is_refused(measure: Measure, period: str) -> None:
    with pytest.raises(ValidationError, match="is still to come"):
        record(measure, 5, period)
    record(measure, 5, period, kind="trajectory")


def test_an_actual_of_a_period_under_way_is_kept(measure: Measure) -> None:
    assert record(measure, 5, "November 2026").period_date == date(2026, 11, 30)


# --- on the screen --------------------------------------------------------------------------------
def shown(client, measure: Measure) -> str:
    html = client.get(measure.commitment.get_absolute_url()).content.decode()
    return " ".join(html.split())


def test_where_the_latest_actual_lies_is_said_with_its_tolerance(
    measure: Measure, cast, sign_in, today
) -> None:
    for value, period, kind in (
        (20, "March 2026", "trajectory"), (20, "March 2026", "actual"),
        (15, "September 2026", "trajectory"), (18, "September 2026", "actual"),
    ):  # fmt: skip
        record(measure, value, period, kind)
    said = shown(sign_in(cast.lead), measure)
    assert "Vacancies: at most 10 posts" in said
    assert "Target at most 10" in said
    assert (
        "Latest actual 18 posts, 15 posts expected by then: 3 above (20%), "
        "outside the red tolerance."
    ) in said
    assert "Amber when more than 5% off, red when more than 10%" in said
    assert "3 above (20%)" in said and "as planned" in said


def test_a_measures_own_tolerance_counts_before_the_plans(
    measure: Measure, cast, sign_in, today
) -> None:
    Measure.objects.update(amber_tolerance=25, red_tolerance=50)
    record(measure, 15, "September 2026", "trajectory")
    record(measure, 18, "September 2026")
    said = shown(sign_in(cast.lead), measure)
    assert "3 above (20%), within tolerance." in said
    assert "Amber when more than 25% off" in said


def test_an_actual_needs_a_source_and_a_plan_does_not(
    measure: Measure, cast, sign_in, today
) -> None:
    address = reverse("figure_add", args=["MEA", "MEA-1", measure.pk])
    client = sign_in(cast.lead)
    data = {"kind": "actual", "value": "5", "period": "March 2026"}
    assert "Say where the actual comes from" in client.post(address, data).content.decode()
    assert not Figure.objects.exists()
    assert client.post(address, data | {"kind": "trajectory"}).status_code == 302
    assert client.post(address, data | {"source": "Board, May"}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"value": "5%"}, "is not in posts"),
        ({"period": "31/02/2026"}, "&quot;31/02/2026&quot; is not a date"),
        ({"period": "Q3 2025/26"}, "is reported every month, and Q3 2025/26 is a quarter"),
        ({"period": "December 2026"}, "is still to come"),
    ],
)
def test_a_wrong_unit_or_period_is_said_beside_its_box(
    measure: Measure, cast, sign_in, today, typed: dict[str, str], words: str
) -> None:
    Measure.objects.update(rhythm="month")
    address = reverse("figure_add", args=["MEA", "MEA-1", measure.pk])
    data = {"kind": "actual", "value": "5", "period": "March 2026", "source": "Board"} | typed
    response = sign_in(cast.lead).post(address, data)
    assert words in response.content.decode()
    assert not Figure.objects.exists()


def test_the_rhythm_is_set_where_the_measure_is_edited(
    measure: Measure, cast, sign_in, today
) -> None:
    address = reverse("commitment_change", args=["MEA", "MEA-1"])
    client = sign_in(cast.lead)
    context = client.get(address).context
    data = {
        field.html_name: "" if field.value() in (None, False) else str(field.value())
        for form in (context["form"], *context["measures"])
        for field in form
    }
    data[f"measure-{measure.pk}-rhythm"] = "quarter"
    assert client.post(address, data).status_code == 302
    measure.refresh_from_db()
    assert (measure.rhythm, measure.moves) == ("quarter", 0)
