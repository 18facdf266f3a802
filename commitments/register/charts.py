"""Drawings for a commitment's page, made on the server: a measure over time, milestones on a line.

Across, places are per cent of the width and down they are pixels, so that a drawing fills a phone
or a sheet of paper while its letters keep their size. What a mark looks like is a class of the
style sheet. Templates print the parts; nothing here knows HTML.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

from commitments.dates import format_fuzzy
from commitments.figures import format_figure, format_number
from commitments.models import Figure, Measure, Milestone

PLOT_TOP, PLOT_HEIGHT, AXIS_ROOM = 34, 140, 24
LANE = 30


@dataclass(frozen=True)
class Line:
    """A straight line; x in per cent, y in pixels, ready to print."""

    kind: str
    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True)
class Mark:
    """A round mark with an optional word on it."""

    kind: str
    x: str
    y: str
    size: int = 5


@dataclass(frozen=True)
class Label:
    """Words at a place; `anchor` is start, middle or end."""

    words: str
    x: str
    y: str
    anchor: str = "start"
    kind: str = ""


@dataclass(frozen=True)
class Band:
    """A range across the whole width."""

    y: str
    height: str


@dataclass
class Drawing:
    """What a template prints as SVG; `title` and `description` say it to those who cannot see."""

    title: str
    description: str
    height: int
    lines: list[Line] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)


class _Across:
    """Days to per cent of the width, with room at both ends: on the left for the scale."""

    def __init__(self, days: Iterable[date], start: int = 3) -> None:
        known = sorted(days)
        self.first, self.last = known[0], known[-1]
        self.start = start
        self.span = max((self.last - self.first).days, 1)

    def place(self, day: date) -> float:
        return self.start + (97 - self.start) * (day - self.first).days / self.span

    def at(self, day: date) -> str:
        return f"{self.place(day):.2f}%"


# --- a measure ------------------------------------------------------------------------------------
def measure_drawing(
    measure: Measure, figures: Sequence[Figure], by: date | None, today: date
) -> Drawing | None:
    """Baseline, trajectory, actuals and target of a measure over time, with today marked.

    `figures` are in order of their period; `by` is the last day of the commitment's target date.
    None when there is nothing to compare: fewer than two numbers, or fewer than two dates.
    """
    levels = [measure.baseline_value, measure.target_low, measure.target_high]
    values = [level for level in levels if level is not None] + [f.value for f in figures]
    days = [day for day in (measure.baseline_date, by) if day] + [f.period_date for f in figures]
    if len(set(values)) < 2 or len(set(days)) < 2:
        return None
    across = _Across([*days, today], start=14)
    down = _Down(values)
    drawing = Drawing(
        f"{measure.name} over time", _said(measure, figures), PLOT_TOP + PLOT_HEIGHT + AXIS_ROOM
    )
    _grid(drawing, down, measure.unit)
    _time_axis(drawing, across, PLOT_TOP + PLOT_HEIGHT)
    _levels(drawing, measure, down)
    for kind in (Figure.Kind.TRAJECTORY, Figure.Kind.ACTUAL):
        points = [(f.period_date, f.value) for f in figures if f.kind == kind]
        if measure.baseline_date and measure.baseline_value is not None and points:
            points.insert(0, (measure.baseline_date, measure.baseline_value))
        _path(drawing, kind, points, across, down)
    if measure.baseline_date and measure.baseline_value is not None:
        place = (across.at(measure.baseline_date), down.at(measure.baseline_value))
        drawing.marks.append(Mark("app-milestone__baseline", *place))
    if by and measure.target_low is not None:
        for level in {measure.target_low, measure.target_high or measure.target_low}:
            mark = Mark("app-milestone__complete", across.at(by), down.at(level))
            drawing.marks.append(mark)
    _today(drawing, across, today, PLOT_TOP + PLOT_HEIGHT)
    return drawing


class _Down:
    """Values to pixels between round numbers; zero is the foot where that wastes little."""

    def __init__(self, values: Sequence[Decimal]) -> None:
        low, high = min(values), max(values)
        foot = Decimal(0) if 0 <= low <= high * Decimal("0.7") else low
        self.step = _round_step((high - foot) or Decimal(1))
        self.foot = (foot / self.step).to_integral_value(ROUND_FLOOR) * self.step
        self.top = (high / self.step).to_integral_value(ROUND_CEILING) * self.step
        if self.top == self.foot:
            self.top += self.step

    def at(self, value: Decimal) -> str:
        share = (value - self.foot) / (self.top - self.foot)
        return f"{PLOT_TOP + PLOT_HEIGHT * (1 - share):.1f}"

    def ticks(self) -> list[Decimal]:
        count = int((self.top - self.foot) / self.step)
        return [self.foot + self.step * n for n in range(count + 1)]


def _round_step(span: Decimal) -> Decimal:
    """A step of 1, 2 or 5 times a power of ten that divides a span into at most five."""
    power = Decimal(10) ** ((span / 5).adjusted())
    return next(power * n for n in (1, 2, 5, 10) if power * n * 5 >= span)


def _grid(drawing: Drawing, down: _Down, unit: str) -> None:
    for tick in down.ticks():
        y = down.at(tick)
        drawing.lines.append(Line("app-chart__axis", "0%", y, "100%", y))
        words = format_figure(tick, None, unit=unit if unit in ("%", "£") else "")
        label = Label(words, "0%", f"{float(y) - 4:.1f}", "start", "app-chart__quiet")
        drawing.labels.append(label)


def _levels(drawing: Drawing, measure: Measure, down: _Down) -> None:
    """The target right across (a range as a band) and the baseline dotted, both named."""
    low, high, baseline = measure.target_low, measure.target_high, measure.baseline_value
    if low is not None and high is not None and high > low:
        top = down.at(high)
        drawing.bands.append(Band(top, f"{float(down.at(low)) - float(top):.1f}"))
    for level in {low, high} - {None}:
        y = down.at(level)  # type: ignore[arg-type]
        drawing.lines.append(Line("app-chart__target", "0%", y, "100%", y))
    if low is not None:
        words = format_figure(low, high)
        if measure.direction == Measure.Direction.AT_MOST and low == high:
            words = f"at most {words}"
        above = baseline is None or (high or low) >= baseline
        edge = down.at((high or low) if above else low)
        drawing.labels.append((_above if above else _below)(f"Target {words}", "100%", edge, "end"))
    if baseline is not None:
        y = down.at(baseline)
        drawing.lines.append(Line("app-chart__baseline", "0%", y, "100%", y))
        put = _above if low is not None and low < baseline else _below
        drawing.labels.append(put(f"Baseline {format_number(baseline)}", "100%", y, "end"))


def _path(
    drawing: Drawing,
    kind: str,
    points: Sequence[tuple[date, Decimal]],
    across: _Across,
    down: _Down,
) -> None:
    places = [(across.at(day), down.at(value)) for day, value in points]
    for (x1, y1), (x2, y2) in pairwise(places):
        drawing.lines.append(Line(f"app-chart__{kind}", x1, y1, x2, y2))
    if kind == Figure.Kind.ACTUAL:
        drawing.marks.extend(Mark("app-chart__point", x, y, 4) for x, y in places)


def _said(measure: Measure, figures: Sequence[Figure]) -> str:
    """The drawing in a sentence or two."""
    parts = []
    if measure.baseline_value is not None:
        baseline = format_figure(measure.baseline_value, None, unit=measure.unit)
        when = f" ({format_fuzzy(measure.baseline)})" if measure.baseline else ""
        parts.append(f"Baseline {baseline}{when}.")
    actuals = [figure for figure in figures if figure.kind == Figure.Kind.ACTUAL]
    if actuals:
        latest = format_figure(actuals[-1].value, None, unit=measure.unit)
        parts.append(f"Latest actual {latest} ({format_fuzzy(actuals[-1].period)}).")
    if target := format_figure(
        measure.target_low, measure.target_high, measure.qualifier, measure.unit
    ):
        parts.append(f"Target {target}.")
    return " ".join([*parts, "The numbers are in the table below."])


# --- milestones -----------------------------------------------------------------------------------
def milestone_drawing(
    milestones: Sequence[Milestone], by: date | None, today: date
) -> Drawing | None:
    """Milestones on a line of time: what was promised hollow, what is expected solid, with their
    numbers in the table (from 1, in the order given) and today marked.

    None when fewer than two different dates would stand on it.
    """
    dated = [
        (number, milestone)
        for number, milestone in enumerate(milestones, 1)
        if _now(milestone) or milestone.baseline_date
    ]
    days = {_now(m) for _, m in dated} | {m.baseline_date for _, m in dated} | {by}
    known = {day for day in days if day}
    if not dated or len(known | {today}) < 2:
        return None
    across = _Across([*known, today])
    lanes = _lanes(dated, across)
    foot = PLOT_TOP + LANE * max(lanes.values()) + LANE
    late = sum(1 for _, m in dated if m.is_open and m.due_date and m.due_date < today)
    done = sum(1 for _, m in dated if m.state == Milestone.State.COMPLETE)
    said = f"{len(dated)} with a date, {done} complete, {late} late. They are in the table below."
    drawing = Drawing("Milestones over time", said, foot + AXIS_ROOM)
    drawing.lines.append(Line("app-chart__axis", "0%", f"{foot}", "100%", f"{foot}"))
    _time_axis(drawing, across, foot)
    if by:
        x = across.at(by)
        drawing.lines.append(Line("app-chart__target", x, f"{PLOT_TOP - 8}", x, f"{foot}"))
        drawing.labels.append(
            Label("Target date", x, f"{PLOT_TOP - 14}", _anchor(across.place(by)))
        )
    _today(drawing, across, today, foot, beside=by)
    for number, milestone in dated:
        _milestone(drawing, number, milestone, across, PLOT_TOP + LANE * lanes[number] + 16, today)
    return drawing


def _now(milestone: Milestone) -> date | None:
    return milestone.actual_on or milestone.due_date


def _lanes(dated: Sequence[tuple[int, Milestone]], across: _Across) -> dict[int, int]:
    """The lane of each milestone: the first in which nothing stands near it."""
    ends: list[float] = []
    lanes: dict[int, int] = {}
    starts = {n: [across.place(day) for day in (_now(m), m.baseline_date) if day] for n, m in dated}
    for number in sorted(starts, key=lambda n: min(starts[n])):
        left, right = min(starts[number]), max(starts[number])
        lane = next((n for n, end in enumerate(ends) if end + 7 <= left), len(ends))
        ends[lane : lane + 1] = [right]
        lanes[number] = lane
    return lanes


def _milestone(
    drawing: Drawing, number: int, milestone: Milestone, across: _Across, y: int, today: date
) -> None:
    now, promised = _now(milestone), milestone.baseline_date
    if promised and promised != now:
        if now:
            ends = (across.at(promised), f"{y}", across.at(now), f"{y}")
            drawing.lines.append(Line("app-milestone__moved", *ends))
        drawing.marks.append(Mark("app-milestone__baseline", across.at(promised), f"{y}", 6))
    if now is None:
        return
    kind, sign = _look(milestone, now, today)
    drawing.marks.append(Mark(kind, across.at(now), f"{y}", 7))
    drawing.labels.append(Label(f"{number}{sign}", across.at(now), f"{y - 11}", "middle"))


def _look(milestone: Milestone, now: date, today: date) -> tuple[str, str]:
    """The class of a mark, and the sign that says the same without colour."""
    if milestone.state == Milestone.State.COMPLETE:
        return "app-milestone__complete", " ✓"
    if milestone.state == Milestone.State.CANCELLED:
        return "app-milestone__baseline", " ✕"
    return ("app-milestone__late", " !") if now < today else ("app-milestone__forecast", "")


# --- what both have -------------------------------------------------------------------------------
def _today(
    drawing: Drawing, across: _Across, today: date, foot: int, beside: date | None = None
) -> None:
    """A dashed line with its word on top; a word that stands there already moves it up."""
    x, place = across.at(today), across.place(today)
    near = beside is not None and abs(across.place(beside) - place) < 20
    top = 4 if near else PLOT_TOP - 18
    drawing.lines.append(Line("app-chart__today", x, f"{top + 10}", x, f"{foot}"))
    drawing.labels.append(Label("Today", x, f"{top + 6}", _anchor(place)))


def _time_axis(drawing: Drawing, across: _Across, foot: int) -> None:
    for day, words in _time_ticks(across.first, across.last):
        if (place := across.place(day)) <= 96:
            x = across.at(day)
            drawing.lines.append(Line("app-chart__axis", x, f"{foot}", x, f"{foot + 5}"))
            drawing.labels.append(
                Label(words, x, f"{foot + 18}", _anchor(place), "app-chart__quiet")
            )


def _time_ticks(first: date, last: date) -> list[tuple[date, str]]:
    """Firsts of months or years between two days: at most six."""
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next((n for n in (1, 2, 3, 6, 12, 24, 60, 120) if months / n <= 5), 240)
    found = []
    for index in range(first.year * 12, last.year * 12 + 12, step):
        day = date(index // 12, index % 12 + 1, 1)
        if first <= day <= last:
            found.append((day, f"{day:%Y}" if step >= 12 else f"{day:%b %Y}"))
    return found


def _anchor(place: float) -> str:
    if place < 8:
        return "start"
    return "end" if place > 90 else "middle"


def _above(words: str, x: str, y: str, anchor: str) -> Label:
    return Label(words, x, f"{float(y) - 8:.1f}", anchor)


def _below(words: str, x: str, y: str, anchor: str) -> Label:
    return Label(words, x, f"{float(y) + 17:.1f}", anchor)
