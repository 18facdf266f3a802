"""Everything goes wrong with the reminders of thousands of people, and then they are counted."""

import os
import random
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from django.db import connection

from commitments.dates import is_working_day
from commitments.models import Reminder
from commitments.reminders.delivery import refusals
from organisations.models import User
from tests.chaos import app, cast, mail
from tests.chaos.processes import Crowd

REFUSED = 20  # people whose address is refused until it is mended


class Wrong(Exception):
    """The product broke its promise, or the chaos did not get through in its time."""


@dataclass
class Chaos:
    """One run."""

    seasons: Sequence[cast.Season]
    people: cast.Cast
    server: mail.Server
    crowd: Crowd
    random: random.Random
    deadline: float
    by_moment: list[tuple[datetime, int]] = field(default_factory=list)

    def go(self) -> None:
        """Through all the days."""
        for season in self.seasons:
            for day in season.days:
                for moment in cast.moments(day):
                    app.move(moment)
                    before = len(self.server.taken)
                    self._settle(day, moment)
                    # What administrators are told of addresses keeps no hours.
                    new = self.server.taken[before:]
                    number = sum(1 for taken in new if taken.message["List-Id"])
                    self.by_moment.append((moment, number))
                # On the day off after `early`: no run is at work then that began on a working day
                # and would rightly send at once what was mended.
                if day == season.days[1]:
                    self._mend_addresses()
            cast.end(season)

    def _settle(self, day: date, moment: datetime) -> None:
        """Wait until what can go at this moment has gone; while waiting, break things."""
        quiet_since = None
        # On a day off, or too early in the day, nothing should happen: give it the time to.
        until = time.monotonic() + (2 if is_working_day(day) and moment.hour >= 7 else 5)
        while True:
            self.crowd.turn()
            self._trouble_the_server()
            time.sleep(0.25)
            now = time.monotonic()
            if now > self.deadline:
                raise Wrong(f"Not through in time: still at {moment:%d %B %Y %H:%M}")
            if now < until or not self._is_settled(day, moment):
                quiet_since = None
                continue
            quiet_since = quiet_since or now
            if now - quiet_since > 1.5:
                return

    def _is_settled(self, day: date, moment: datetime) -> bool:
        """Whether everything owed by this moment is in the ledger, and all of it that need not wait
        for another try is sent."""
        if not is_working_day(day) or moment.hour < 7:
            return True
        due = sum(1 for when in self.people.owed.values() if when <= day)
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT count(*) FILTER (WHERE m.title <> 'Step of Person 0'
                                          AND (r.state = 'sent' OR r.cause = 'address'
                                               OR r.state = 'planned' AND r.next_try_at > %s)),
                       count(*) FILTER (WHERE r.state = 'planned'
                                          AND (r.next_try_at IS NULL OR r.next_try_at <= %s))
                FROM commitments_reminder r JOIN commitments_milestone m ON m.id = r.thing_id
                """,
                [moment, moment],
            )
            settled, waiting = cursor.fetchone()
        connection.close()
        return settled >= due and not waiting

    def _trouble_the_server(self) -> None:
        """Now and then it serves nobody for a second or two."""
        if self.server.is_down:
            self.server.is_down = self.random.random() > 0.15
        elif self.random.random() < 0.01:
            self.server.is_down = True

    def _mend_addresses(self) -> None:
        for person in User.objects.exclude(refused_email=""):
            self.server.refused.discard(person.email)
            refusals.lift(person)


def run(
    recipients: int, seasons: int, seed: int, seconds: float, folder: Path
) -> list[tuple[str, object]]:
    """Do it; returns what there is to print. Raises Wrong when a promise was broken."""
    dice = random.Random(seed)
    chosen = cast.SEASONS[:seasons]
    people = cast.make(recipients, chosen)
    # Those who are owed one thing, which is still worth sending once the address is mended.
    early = cast.SEASONS[0].early
    first = [
        who for (who, stage), day in people.owed.items() if (stage, day) == ("before_7", early)
    ]
    troubles = mail.Troubles(dropped=0.01, refused_for_now=0.01, busy=0.0005, slow=0.01)
    server = mail.Server(troubles, random.Random(seed + 1))
    server.refused = set(dice.sample(first, min(REFUSED, len(first))))
    refused = len(server.refused)
    connection.close()
    started = time.monotonic()
    with mail.running(server):
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{server.port}"
        app.move(cast.moments(cast.SEASONS[0].early)[0])
        with Crowd(folder, random.Random(seed + 2)) as crowd:
            chaos = Chaos(chosen, people, server, crowd, dice, started + seconds)
            chaos.go()
        # One more look after the last process has gone.
        time.sleep(0.5)
    took = time.monotonic() - started
    return [*_verdict(chaos, refused), ("seconds", round(took))]


def _verdict(chaos: Chaos, refused: int) -> list[tuple[str, object]]:
    """Count; raise Wrong with everything that is not as it should be."""
    wrong: list[str] = []
    owed = set(chaos.people.owed)
    rows = list(Reminder.objects.select_related("person"))
    sent = {(row.person.email, row.stage) for row in rows if row.state == "sent"}
    if owed != sent:
        wrong.append(
            f"owed and not sent {sorted(owed - sent)[:5]}, not owed {sorted(sent - owed)[:5]}"
        )

    reminders = [taken for taken in chaos.server.taken if taken.message["List-Id"]]
    times = Counter(taken.name for taken in reminders)
    messages: dict[tuple[int, datetime], list[Reminder]] = defaultdict(list)
    for row in rows:
        if row.state == "sent":
            messages[row.person_id, row.sent_at].append(row)
    names = {_name(group) for group in messages.values()}
    if missing := names - set(times):
        wrong.append(f"{len(missing)} messages are stamped and never arrived")
    twice = sum(times[name] - 1 for name in times if name in names)
    # Taken, the sender killed before the stamp, and afterwards something else was sent instead.
    unknown = sum(times[name] for name in times if name not in names)
    kills = chaos.crowd.deaths_of_senders
    if twice + unknown > kills:
        wrong.append(f"{twice + unknown} repetitions for {kills} kills of senders")

    failed = [row.person.email for row in rows if row.state == "failed"]
    if set(failed) != {chaos.people.odd}:
        wrong.append(f"dead letters for {failed}")
    told = Counter(t.name for t in chaos.server.taken if t.address == chaos.people.keeper)
    if len(told) != refused:
        wrong.append(f"the administrator was told of {len(told)} refused addresses, not {refused}")
    early = [
        (moment, count)
        for moment, count in chaos.by_moment
        if count and (not is_working_day(moment.date()) or moment.hour < 7)
    ]
    if early:
        wrong.append(f"messages on days off or before their hour: {early}")
    if wrong:
        raise Wrong("; ".join(wrong))
    return [
        ("people", len({email for email, _ in owed}) + 1),
        ("messages owed", len(names)),
        ("messages delivered", len(set(times))),
        ("delivered again after a kill", twice + unknown),
        ("kills: workers", chaos.crowd.kills["worker"]),
        ("kills: workers' children", chaos.crowd.kills["worker's child"]),
        ("kills: beats", chaos.crowd.kills["beat"]),
        *sorted((f"server: {what}", count) for what, count in chaos.server.counts.items()),
        ("addresses refused and mended", refused),
        ("administrator told of them", len(told)),
        ("dead letters (the one that cannot be told)", len(failed)),
    ]


def _name(group: list[Reminder]) -> str:
    """The Message-ID of a message with these reminders (docs/delivery.md)."""
    first, *others = sorted(group, key=lambda row: row.pk)
    name = first.message_id
    if others:
        name = uuid.uuid5(name, " ".join(str(row.message_id) for row in others))
    return f"<{name}@localhost>"
