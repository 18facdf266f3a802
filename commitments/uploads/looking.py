"""Look at a file: what its columns are, whom its names mean, and what applying it would do.

The questions come one after the other, and one that has nothing to ask is passed over. Nothing is
written but the upload itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError

from commitments.models import KnownLayout, Plan, Upload
from commitments.register.actions import save_plan
from commitments.uploads.answers import Answers
from commitments.uploads.check import Checked, Tell, check
from commitments.uploads.collecting import without_collecting
from commitments.uploads.effects import Effects
from commitments.uploads.keeping import Found, Target, record, tables_of, target_of
from commitments.uploads.layout import (
    SheetProposal,
    is_certain,
    layout_key,
    mapping_of,
    propose,
)
from commitments.uploads.pages import Pages
from commitments.uploads.reading import Table, Unreadable
from organisations.models import Organisation, User
from organisations.permissions import Capability
from organisations.writing import undone

State = Upload.State


@without_collecting()
def look(upload: Upload, *, today: date, tell: Tell | None = None) -> None:
    """Read and check a file with the answers given so far, and keep what was found: the upload is
    then at the step of the wizard that has something to ask, or ready, or faulty. Raises nothing
    about the file: what is wrong with it is kept as well."""
    answers = Answers.from_json(upload.answers)
    try:
        found = _look(upload, answers, today, tell or (lambda stage, done, total: None))
    except Unreadable as problem:
        found = Found(State.FAULTY, answers, error=str(problem))
    except ValidationError as refused:
        found = Found(State.FAULTY, answers, error=" ".join(refused.messages))
    except PermissionDenied:
        found = Found(State.FAULTY, answers, error=no_longer(upload))
    record(upload, found)


def _look(upload: Upload, answers: Answers, today: date, tell: Tell) -> Found:
    by = upload.asked_by or upload.uploaded_by
    tell("Reading the file", 0, 0)
    tables = tables_of(upload)
    proposals = propose(tables)
    if answers.columns is None:
        known = known_layouts(upload.organisation)
        if not is_certain(proposals, known):
            return Found(State.COLUMNS, answers, proposals)
        answers = replace(answers, columns=mapping_of(proposals, known))
    effects = Effects(today)
    # A plan that is not there yet is made, looked at and gone: one check serves both kinds.
    with undone():
        checked = check(
            tables,
            plan=plan_for(by, target_of(upload), today),
            by=by,
            today=today,
            answers=answers,
            organisation=upload.organisation,
            tell=tell,
            take=effects.take,
        )
    effects.pages.close()
    ratings = effects.pages if not checked.errors else Pages()
    return Found(_state(checked), answers, proposals, checked, ratings)


def _state(checked: Checked) -> State:
    if any(finding.group == "names" and not finding.answer for finding in checked.questions):
        return State.PEOPLE
    return State.FAULTY if checked.errors else State.CHECKED


def no_longer(upload: Upload) -> str:
    """What to say when the person for whom the work is done may not import any more."""
    person = upload.asked_by or upload.uploaded_by
    return f"Nothing was changed: {person} may no longer import into {upload.plan_title}."


# --- columns --------------------------------------------------------------------------------------
def known_layouts(organisation: Organisation | None) -> dict[str, dict[str, str]]:
    """The layouts that an organisation has confirmed, by key."""
    if organisation is None:
        return {}
    return dict(
        KnownLayout.objects.filter(organisation=organisation).values_list("layout", "columns")
    )


def remembered_columns(
    tables: Sequence[Table], organisation: Organisation | None
) -> dict[str, dict[str, str]] | None:
    """What an organisation has said of the layouts in a file, by sheet; None when of none."""
    known = known_layouts(organisation)
    if not known:
        return None
    keys = {each.sheet: layout_key(each) for each in propose(tables) if each.columns}
    return {sheet: known[key] for sheet, key in keys.items() if key in known} or None


def remember_layouts(
    organisation: Organisation | None,
    proposals: list[SheetProposal],
    mapping: dict[str, dict[str, str]],
) -> None:
    """Keep what somebody confirmed for the organisation's next files with the same headings."""
    if organisation is None:
        return
    rows = {
        layout_key(proposal): KnownLayout(
            organisation=organisation, layout=layout_key(proposal), columns=mapping[proposal.sheet]
        )
        for proposal in proposals
        if proposal.sheet in mapping
        and (proposal.kind != "other" or any(mapping[proposal.sheet].values()))
    }
    KnownLayout.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["organisation", "layout"],
        update_fields=["columns"],
    )


# --- the plan -------------------------------------------------------------------------------------
def plan_for(by: User, target: Target, today: date) -> Plan:
    """The plan that a file goes into, made if need be. Raises PermissionDenied for one that the
    person may not import into, ValidationError for a new one that cannot be."""
    allowed = Plan.objects.allowing(by, Capability.IMPORT, today)
    if target.plan is not None:
        if not allowed.filter(pk=target.plan.pk).exists():
            raise PermissionDenied
        return target.plan
    if taken := Plan.objects.visible_to(by, today).filter(code__iexact=target.code).first():
        raise ValidationError(
            {"new_code": f'"{taken.code}" is the code of "{taken.title}". Use another code, '
             "or choose that plan."}
        )  # fmt: skip
    if Plan.objects.filter(code__iexact=target.code).exists():
        raise ValidationError({"new_code": f'"{target.code}" is taken. Use another code.'})
    try:
        return save_plan(
            by=by, code=target.code, title=target.title, today=today, owner=target.owner
        )
    except ValidationError as refused:
        names = {"code": "new_code", "title": "new_title"}
        found = getattr(refused, "error_dict", {"__all__": refused})
        raise ValidationError(
            {names.get(name, "plan"): words for name, words in found.items()}
        ) from refused
