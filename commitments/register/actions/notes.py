"""What a plan's source reports beside its promises."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from commitments.models import Note, Plan
from commitments.register.actions.permission import may_import, may_run, require, writes
from organisations.models import User


@dataclass(frozen=True)
class NoteDraft:
    """A result or a fact in its source's words; matched by reference within the plan."""

    reference: str
    kind: str
    title: str
    description: str = ""
    value_text: str = ""
    baseline_text: str = ""
    when_text: str = ""
    source: str = ""


@writes
def save_notes(
    *, by: User | None, plan: Plan, drafts: Sequence[NoteDraft], today: date
) -> Counter[str]:
    """Make a plan's notes as the drafts say; how many were new, changed and unchanged.

    A handful a plan, so one statement each. Raises ValidationError and PermissionDenied.
    """
    if by is not None:
        require(may_run(by, plan, today) or may_import(by, plan, today))
    Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    stored = {note.reference.upper(): note for note in plan.notes.all()}
    done: Counter[str] = Counter()
    for draft in drafts:
        known = stored.get(draft.reference.upper())
        note = known or Note(plan=plan)
        differing = {n: v for n, v in asdict(draft).items() if getattr(note, n) != v}
        if known and set(differing) <= {"reference"}:
            done["unchanged"] += 1
            continue
        for name, value in differing.items():
            setattr(note, name, value)
        note.full_clean(validate_unique=False, validate_constraints=False)
        note.save()
        done["changed" if known else "new"] += 1
    return done
