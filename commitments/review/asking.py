"""Who is asked about an update, by when, and how the answers to it stand. Nothing is written."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When

from commitments.answering import answers
from commitments.dates import add_working_days
from commitments.models import Dispute, ProgressUpdate, Review, Snapshot, Standing
from commitments.register.actions.rounds import ANSWER_DAYS
from organisations.kinds import REACH_OF_KIND, Reach, reach_of
from organisations.models import Organisation, Succession

# England's working days for the answers to an update that belongs to no round.
WITHOUT_ROUND_DAYS = 10
SECTOR_KINDS = [kind for kind, reach in REACH_OF_KIND.items() if reach == Reach.SECTOR]


@dataclass(frozen=True)
class Asked:
    """A body that is asked, and whether it answers for the whole sector."""

    body: Organisation
    for_sector: bool


def who_is_asked(update: ProgressUpdate, today: date) -> dict[int, Asked]:
    """Whom the update of a joint commitment asks, by key: every body that answers on this day for
    a party other than the one that reported, and the body that speaks for all councils.

    A class of bodies ("NHS trusts") cannot be asked, nor one that waits to be assigned after a
    split. Nobody is asked about a commitment that is not joint.
    """
    if not Standing.objects.filter(commitment=update.commitment_id, is_joint=True).exists():
        return {}
    reporter = body_now(update.organisation, today)
    parties = update.commitment.parties.select_related("organisation", "assigned_to")
    bodies = [body for answer in answers(parties, today) for body in answer.now]
    bodies += Organisation.objects.open_on(today).filter(kind__in=SECTOR_KINDS)
    return {
        body.pk: Asked(body, reach_of(body.kind) == Reach.SECTOR)
        for body in bodies
        if body.pk != reporter.pk
    }


def body_now(body: Organisation, today: date) -> Organisation:
    """The body at the end of a chain that passed on whole; itself where nobody took over."""
    return Succession.objects.heirs([body.pk], today).get(body.pk, body)


def due_on(update: ProgressUpdate, today: date) -> date:
    """The last day for answers: the round's, or WITHOUT_ROUND_DAYS working days. Whoever is asked
    after the round has closed, because the update came late, has as long as the others had."""
    if update.round is None:
        return add_working_days(today, WITHOUT_ROUND_DAYS)
    if today <= update.round.closes_on:
        return update.round.answers_due_on
    return max(update.round.answers_due_on, add_working_days(today, ANSWER_DAYS))


def is_frozen(update: ProgressUpdate) -> bool:
    """Whether the round of an update was closed for good, so that no given answer changes."""
    return Snapshot.objects.filter(round=update.round_id, reopened_at=None).exists()


def why_dropped(review: Review, is_joint: bool, today: date) -> str:
    """In words, why an organisation that was asked is asked no longer."""
    body, reporter = review.organisation, review.update.organisation
    heir, reporter_now = body_now(body, today), body_now(reporter, today)
    if heir.pk == reporter_now.pk:
        return f"{body} and {reporter}, which reported, are one body now: {heir}."
    if heir.pk != body.pk:
        return f"{body} is {heir} now, which is asked in its place."
    if body.is_closed(today):
        return f"{body} has closed, and nobody answers for it yet."
    return f"{body} is a partner no longer." if is_joint else "The commitment is joint no longer."


def joint_state() -> Case:
    """How the answers to an update stand, as an expression over updates.

    Disputed while a dispute of the commitment is open. Agreed only when everybody who was asked
    agrees: where one agrees and another was silent, it is "no answer".
    """
    state = ProgressUpdate.JointState
    of_commitment = Dispute.objects.open().filter(commitment=OuterRef("commitment"))
    of_update = Dispute.objects.filter(update=OuterRef("pk"))
    escalated = Exists(of_update.filter(end=Dispute.End.ESCALATED))
    differ = Exists(of_update.filter(end=Dispute.End.DIFFER))
    disagreed = _with(Review.State.DISAGREED)
    return Case(
        When(~Q(state=ProgressUpdate.State.SUBMITTED), then=Value("")),
        When(Exists(of_commitment), then=Value(state.DISPUTED)),
        When(disagreed & escalated, then=Value(state.ESCALATED)),
        When(disagreed & differ, then=Value(state.DIFFER)),
        When(disagreed, then=Value(state.DISPUTED)),
        When(_with(Review.State.AWAITED), then=Value(state.AWAITED)),
        When(_with(Review.State.NO_ANSWER), then=Value(state.NO_ANSWER)),
        When(_with(*Review.GIVEN), then=Value(state.AGREED)),
        default=Value(""),
        output_field=CharField(),
    )


def _with(*states: str) -> Exists:
    return Exists(Review.objects.filter(update=OuterRef("pk"), state__in=states))
