"""What a registered change did to the register, read from the history: reversing it undoes that and
nothing else. A day that a body's own source gave it stays."""

from organisations.models import Organisation, Succession
from organisations.succession.queries import Registered

INSERT, UPDATE = "insert", "update"


def closed_by(found: Registered) -> list[Organisation]:
    """The bodies that got their last day with the change."""
    old = {row.predecessor_id: row.predecessor for row in found.successions}
    last_day = found.change.last_day
    return [
        body
        for body in old.values()
        if body.closed == last_day and body.pk in _touched(found, UPDATE)
    ]


def opened_by(found: Registered) -> list[Organisation]:
    """The bodies that were put in the register with the change."""
    new = {row.successor_id: row.successor for row in found.successions}
    added = _touched(found, INSERT)
    return [body for pk, body in new.items() if pk in added and body.opened == found.first.on]


def _touched(found: Registered, label: str) -> set[int]:
    """Organisations that the same piece of work changed that registered the successions."""
    registering = Succession.pgh_event_model.objects.filter(  # type: ignore[attr-defined]
        pgh_obj__in=[row.pk for row in found.successions],
        pgh_label=INSERT,
        pgh_context__isnull=False,
    )
    events = Organisation.pgh_event_model.objects.filter(  # type: ignore[attr-defined]
        pgh_label=label, pgh_context__in=registering.values("pgh_context")
    )
    return set(events.values_list("pgh_obj", flat=True))
