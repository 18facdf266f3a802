"""Keep what somebody is still writing. One draft an organisation and commitment; nothing typed is
lost, whoever else writes at the same time."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from commitments.models import Commitment, UpdateDraft
from commitments.progress.actions.saying import require_reporter
from commitments.register.actions.permission import writes
from organisations.models import Organisation, User

# The one entry of the boxes that is not a box: what a colleague had written when somebody went on
# with other words, kept until the draft is sent or thrown away.
SET_ASIDE = "set aside"
Boxes = Mapping[str, list[str]]


class DraftConflict(Exception):
    """Somebody saved the draft after this person's page was made. Nothing was written."""

    def __init__(self, theirs: UpdateDraft) -> None:
        super().__init__("Somebody else saved this draft.")
        self.theirs = theirs


@writes
def save_draft(
    *,
    by: User,
    commitment: Commitment,
    organisation: Organisation,
    boxes: Boxes,
    seen: int,
    take_over: bool = False,
    load_theirs: bool = False,
    today: date,
) -> UpdateDraft:
    """Keep the boxes of the update form as they are typed.

    `seen` is the version of the draft that the person has before them, 0 for none. Another version
    raises DraftConflict; asked again with that version, to `take_over` sets theirs aside and to
    `load_theirs` mine, where it can still be read. Raises PermissionDenied.
    """
    require_reporter(by, commitment, organisation, today)
    Commitment.objects.select_for_update(no_key=True).get(pk=commitment.pk)
    drafts = commitment.drafts.select_related("author")
    draft = drafts.filter(organisation=organisation).first()
    typed = dict(boxes)
    if draft is None:
        draft = UpdateDraft(commitment=commitment, organisation=organisation)
    elif draft.version != seen and _words(draft.boxes) != _words(typed):
        raise DraftConflict(draft)
    kept = draft.boxes.get(SET_ASIDE)
    if load_theirs:
        draft.boxes[SET_ASIDE] = _aside(by, timezone.now(), typed)
    else:
        if take_over and draft.pk:
            kept = _aside(draft.author, draft.saved_at, _words(draft.boxes))
        draft.boxes = typed | ({SET_ASIDE: kept} if kept else {})
        draft.author, draft.saved_at = by, timezone.now()
    draft.save()
    draft.refresh_from_db()
    return draft


@writes
def discard_draft(
    *, by: User, commitment: Commitment, organisation: Organisation, seen: int, today: date
) -> bool:
    """Throw the draft away; not one that was saved after the person looked. Whether it is gone.
    Raises PermissionDenied."""
    require_reporter(by, commitment, organisation, today)
    drafts = commitment.drafts.filter(organisation=organisation)
    drafts.filter(version=seen).delete()
    return not drafts.exists()


def _words(boxes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values for name, values in boxes.items() if name != SET_ASIDE}


def _aside(who: User, when: datetime, boxes: Mapping[str, Any]) -> dict[str, Any]:
    return {"who": str(who), "when": when.isoformat(), "boxes": dict(boxes)}
