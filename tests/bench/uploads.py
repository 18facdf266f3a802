"""Workbooks of 5,000 and 50,000 rows by 20 columns: previewed and applied, beside others.

Four ways to bring the same rows in, in one run: the product's own (read, check and preview; then
check again and apply); django-import-export as it comes, with a ModelResource of the commitment's
own fields (a preview, then the import); the same with a resource and a sheet more for each of
parties, measures and milestones, which is what the product writes; and PostgreSQL's COPY of what
the product wrote, into copies of its tables. Each measurement is a process of its own, so that its
peak of memory is its own.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter, sleep
from typing import Any

import django
from django.db import connection

SIZES = (5_000, 50_000)
# The defaults are slow, and cost the same a row at any size: so fewer rows do.
DEFAULT_ROWS = 1_000
EVERYTHING_ROWS = 100
HEADINGS = (
    "Reference", "Commitment", "Description", "Heading", "Theme", "Lead organisation",
    "Lead organisation code", "Partner organisations", "Target value", "Unit", "Baseline value",
    "Baseline date", "By when", "Staff groups", "Source", "Number in the plan", "Confidence",
    "Lead basis", "Milestone 1", "Milestone 1 date",
)  # fmt: skip
TABLES = ("commitment", "party", "measure", "milestone")
MEGABYTE = 1024 * 1024
TURNS = 3
WHOSE = {
    "product": "the product",
    "defaults": "the defaults, commitments alone",
    "everything": "the defaults, four tables",
}
# By kind of rows: milliseconds a row of each step, and MB.
Found = dict[str, dict[str, float]]
# What says where the throw-away database is, for the process of one measurement.
PLACE = ("NAME", "USER", "PASSWORD", "HOST", "PORT")


def run(rows: list[int] | None = None) -> None:
    """Print the tables: milliseconds a row, peak of memory, ratios."""
    from tests.bench import data

    usual = str(connection.settings_dict["NAME"])
    data.migrate_and_load()
    _prepare()
    connection.close()
    print("Workbooks of 20 columns: milliseconds a row, peak of memory in MB\n")
    print("{:<60}{:>8}{:>10}{:>10}{:>10}".format("", "rows", "preview", "apply", "memory"))
    both: dict[tuple[str, int], float] = {}
    for (what, size), found in _fastest(list(rows or SIZES), data, usual).items():
        for kind, words in (("new", "all rows new"), ("changed", "all rows change something")):
            _line(f"{WHOSE[what]}, {words}", size, found[kind])
            name = (kind, size) if what == "product" else (f"{what} {kind}", 0)
            both[name] = found[kind]["preview"] + found[kind]["apply"]
        if what == "product":
            both["copy", size] = found["new"]["copy"]
    print()
    for size in rows or SIZES:
        for kind in ("new", "changed"):
            for what in ("defaults", "everything"):
                ratio = both[f"{what} {kind}", 0] / both[kind, size]
                than = f"times faster a row than {WHOSE[what]}"
                print(f"{size:>8,} rows, {kind:<8} {than:<56}{ratio:>8.1f}")
        ratio = both["new", size] / both["copy", size]
        copied = f"({both['copy', size]:.2f} ms a row)"
        print(f"{size:>8,} rows, new      times the cost of COPY {copied:<19}{ratio:>8.1f}")
    sizes = list(rows or SIZES)
    for kind in ("new", "changed"):
        flat = both[kind, sizes[-1]] / both[kind, sizes[0]]
        print(f"a row of {sizes[-1]:,} to one of {sizes[0]:,}, {kind:<8}{flat:>26.2f}")


def _fastest(sizes: list[int], data: Any, usual: str) -> dict[tuple[str, int], Found]:
    """Each measurement several times, in turns, so that what else the machine does meets all of
    them alike: of times the least, of memory the most. The largest workbooks are measured once."""
    found: dict[tuple[str, int], Found] = {}
    for turn in range(TURNS):
        measured = [("product", size) for size in sizes if not turn or size <= SIZES[0]]
        others = (("defaults", DEFAULT_ROWS), ("everything", EVERYTHING_ROWS))
        for what, size in (*measured, *others):
            now = _measured(what, size, turn, data, usual)
            known = found.setdefault((what, size), now)
            for kind, numbers in now.items():
                for name, number in numbers.items():
                    best = max if name == "memory" else min
                    known[kind][name] = best(number, known[kind][name])
    return found


def _line(words: str, size: int, found: dict[str, float]) -> None:
    print(f"{words:<60}{size:>8,}{found['preview']:>8.2f}ms{found['apply']:>8.2f}ms"
          f"{found['memory']:>10.0f}")  # fmt: skip


def _measured(what: str, rows: int, turn: int, data: Any, usual: str) -> Found:
    """One measurement in a database of its own: rows that are new, then the same rows changed, each
    in a process of its own."""
    name = f"bench_{what}_{rows}_{turn}"
    data.copy_of(usual, name)
    with data.using(name):
        known = {key: connection.settings_dict[key] for key in PLACE}
    surroundings = {**os.environ, "BENCH_DATABASE": json.dumps(known)}
    found: Found = {}
    for kind in ("new", "changed"):
        command = [sys.executable, "-m", "tests.bench.uploads", what, str(rows), kind]
        done = subprocess.run(command, env=surroundings, check=True, stdout=subprocess.PIPE)
        found[kind] = json.loads(done.stdout)
    return found


# --- what is brought in ---------------------------------------------------------------------------
def _prepare() -> None:
    """A plan and somebody who may import into it."""
    from commitments.models import Plan
    from organisations.models import Membership, Organisation, Role, User

    user = User.objects.create_user("bench@test.example", name="Bench")
    board = Organisation.objects.get(code="QWO")
    Membership.objects.create(user=user, organisation=board, role=Role.PROGRAMME_LEAD)
    Plan.objects.create(code="GEN", title="Generated plan", owner=board)


def cells(size: int, names: list[tuple[str, str]], changed: bool) -> Iterator[list[str]]:
    """Generated rows; none of it is about real bodies' promises. With `changed` as somebody would
    send them a quarter later: another title, date and baseline in each."""
    verbs = ("Grow", "Train", "Retain", "Support", "Recruit")
    groups = ("midwives", "nurses", "social workers", "paramedics", "pharmacists", "planners")
    themes = ("Train", "Retain", "Reform")
    for number in range(size):
        lead, code = names[number % len(names)]
        first, second = (
            names[(number * 7) % len(names)][0],
            names[(number * 13 + 1) % len(names)][0],
        )
        year = 2026 + number % 8
        later = " by then" if changed else ""
        yield [
            f"GEN-{number:06}",
            f"{verbs[number % 5]} more {groups[number % 6]} in place {number}{later}",
            f"A generated promise, number {number}, in as many words as such a thing needs.",
            f"Chapter {number % 12}",
            themes[number % 12 % 3],
            lead,
            code,
            f"{first}; {second}",
            str(1_000 + number),
            "posts",
            str(500 + number + changed),
            "2024/25",
            f"{year + changed}/{(year + 1 + changed) % 100:02}",
            ("Nursing", "Doctors", "All staff")[number % 3],
            f"Page {number % 90}",
            f"{number % 12}.{number}",
            "high",
            "Stated in the source",
            f"Step of {number}",
            f"{1 + number % 28:02}/{1 + number % 12:02}/{2027 + changed}",
        ]


def _names(most: int = 200) -> list[tuple[str, str]]:
    from organisations.models import Organisation
    from workforce_tracker import clock

    rows = Organisation.objects.open_on(clock.today()).order_by("code")
    return list(rows.exclude(name__contains=";").values_list("name", "code")[:most])


def _workbook(size: int, changed: bool) -> bytes:
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Plan")
        for number, row in enumerate((HEADINGS, *cells(size, _names(), changed))):
            for place, text in enumerate(row):
                sheet.write_string(number, place, text)
    return stream.getvalue()


# --- one measurement ------------------------------------------------------------------------------
def _one(what: str, rows: int, kind: str) -> dict[str, float]:
    """Milliseconds a row of each step, and the peak of memory of this process and those it ran."""
    steps = {"product": _product, "defaults": _defaults, "everything": _everything}[what]
    times: dict[str, float] = {}
    with _peak_of_memory() as memory:

        @contextmanager
        def timed(name: str) -> Iterator[None]:
            start = perf_counter()
            yield
            times[name] = times.get(name, 0) + (perf_counter() - start) * 1000 / rows

        steps(rows, kind == "changed", timed)
    if what == "product" and kind == "new":
        times["copy"] = _copied() * 1000 / rows
    return times | {"memory": memory[0]}


def _product(rows: int, changed: bool, timed: Callable[[str], Any]) -> None:
    from commitments.models import Plan, Upload
    from commitments.uploads.actions import Target, apply, receive
    from organisations.models import User
    from workforce_tracker import clock

    user, today = User.objects.get(email="bench@test.example"), clock.today()
    target = Target(plan=Plan.objects.get(code="GEN"))
    content = _workbook(rows, changed)
    with timed("preview"):
        upload = receive(
            by=user, content=content, filename="bench.xlsx", target=target, today=today
        )
    assert upload.state == Upload.State.CHECKED, (upload.state, upload.error, upload.counts)
    kind = "changed" if changed else "new"
    assert upload.counts[kind] == rows, upload.counts
    with timed("apply"):
        apply(by=user, upload=upload, accepted=True, today=today, now=clock.now())


def _defaults(rows: int, changed: bool, timed: Callable[[str], Any]) -> None:
    """As the documentation of django-import-export begins: the fields of the model itself."""
    from import_export import fields, resources, widgets

    from commitments.models import Commitment, Pillar, Plan

    plan = Plan.objects.get(code="GEN")
    for number in range(12):
        Pillar.objects.get_or_create(plan=plan, name=f"Chapter {number}")

    class Resource(resources.ModelResource):
        """Plan and heading by their names, everything else by the model's own fields."""

        plan = fields.Field("plan", "plan", widget=widgets.ForeignKeyWidget(Plan, field="code"))
        pillar = fields.Field(
            "pillar", "pillar", widget=widgets.ForeignKeyWidget(Pillar, field="name")
        )

        class Meta:
            model = Commitment
            import_id_fields = ("reference",)
            fields = (
                "reference", "title", "description", "plan", "pillar", "source", "plan_reference",
                "confidence",
            )  # fmt: skip

    names = {"Reference": "reference", "Commitment": "title", "Description": "description",
             "Heading": "pillar", "Source": "source", "Number in the plan": "plan_reference",
             "Confidence": "confidence"}  # fmt: skip
    heads = [*(names.get(heading, heading) for heading in HEADINGS), "plan"]
    _by_default(Resource, heads, ([*row, "GEN"] for row in cells(rows, _names(), changed)), timed)


def _everything(rows: int, changed: bool, timed: Callable[[str], Any]) -> None:
    """All that the product makes of a row, a sheet and a resource for each table. What hangs on
    commitments can only be previewed when these are there."""
    from import_export import fields, resources, widgets

    from commitments.models import Commitment, Measure, Milestone, Party
    from organisations.models import Organisation

    _defaults(rows, changed, timed)
    reference = widgets.ForeignKeyWidget(Commitment, field="reference")
    body = widgets.ForeignKeyWidget(Organisation, field="name")
    sheets: dict[Any, list[dict[str, Any]]] = {Party: [], Measure: [], Milestone: []}
    for row in cells(rows, _names(), changed):
        named = [("lead", row[5]), *(("partner", name) for name in row[7].split("; "))]
        sheets[Party] += [
            {"commitment": row[0], "role": role, "organisation": name, "name": name}
            for role, name in named
        ]
        sheets[Measure].append({
            "commitment": row[0], "name": row[9], "unit": row[9], "baseline_value": row[10],
            "target_low": row[8], "target_high": row[8],
        })  # fmt: skip
        day = "-".join(reversed(row[19].split("/")))
        sheets[Milestone].append({
            "commitment": row[0], "title": row[18], "baseline_text": day, "baseline_date": day,
            "baseline_precision": "day",
        })  # fmt: skip
    keys = {Party: ("commitment", "role", "organisation"), Measure: ("commitment", "name"),
            Milestone: ("commitment", "title")}  # fmt: skip
    for table, given in sheets.items():
        columns = tuple(given[0])

        class Resource(resources.ModelResource):
            """What hangs on a commitment, which is known by its reference."""

            commitment = fields.Field("commitment", "commitment", widget=reference)
            if table is Party:
                organisation = fields.Field("organisation", "organisation", widget=body)

            class Meta:
                model = table
                import_id_fields = keys[table]
                fields = columns

        _by_default(Resource, columns, [list(each.values()) for each in given], timed)


def _by_default(
    resource: Any, heads: Sequence[str], rows: Iterable[Sequence[str]], timed: Callable[[str], Any]
) -> None:
    """A sheet previewed, then imported."""
    import tablib

    table = tablib.Dataset(headers=heads)
    for row in rows:
        table.append(row)
    content = table.export("xlsx")
    with timed("preview"):
        result = resource().import_data(tablib.Dataset().load(content, "xlsx"), dry_run=True)
    assert not result.has_errors() and not result.has_validation_errors(), result.row_errors()[:1]
    with timed("apply"):
        resource().import_data(tablib.Dataset().load(content, "xlsx"), raise_errors=True)


def _copied() -> float:
    """Seconds that PostgreSQL takes to COPY the rows that the product wrote into tables of the same
    shape, constraints, indexes and history included, one table after the other."""
    seconds = 0.0
    with connection.cursor() as cursor:
        names = [f"commitments_{table}" for table in TABLES]
        for name in (*names, *(f"{name}event" for name in names)):
            cursor.execute(f"CREATE TABLE copied_{name} (LIKE {name} INCLUDING ALL)")
            cursor.execute(
                "SELECT string_agg(quote_ident(column_name), ',') FROM information_schema.columns "
                "WHERE table_name = %s AND is_generated = 'NEVER'", [name],
            )  # fmt: skip
            columns = cursor.fetchone()[0]
            rows = io.StringIO()
            cursor.copy_expert(f"COPY (SELECT {columns} FROM {name}) TO STDOUT", rows)
            rows.seek(0)
            start = perf_counter()
            cursor.copy_expert(f"COPY copied_{name} ({columns}) FROM STDIN", rows)
            seconds += perf_counter() - start
    return seconds


@contextmanager
def _peak_of_memory() -> Iterator[list[float]]:
    """The most that this process and a process it starts hold at once, in MB."""
    found, over = [0.0], threading.Event()

    def watch() -> None:
        import psutil

        me = psutil.Process()
        while not over.is_set():
            held = me.memory_info().rss
            for child in me.children(recursive=True):
                try:
                    held += child.memory_info().rss
                except psutil.Error:
                    continue
            found[0] = max(found[0], held / MEGABYTE)
            sleep(0.02)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        over.set()
        watcher.join()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("what")
    parser.add_argument("rows", type=int)
    parser.add_argument("kind")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workforce_tracker.settings")
    django.setup()
    connection.settings_dict.update(json.loads(os.environ["BENCH_DATABASE"]))
    print(json.dumps(_one(arguments.what, arguments.rows, arguments.kind)))
