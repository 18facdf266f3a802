"""One small world for the sweeps: a public and an internal commitment, and an upload."""

from dataclasses import dataclass

from commitments.models import Commitment, Milestone, Plan, SavedView, Upload
from commitments.uploads.actions import Target, receive
from organisations.models import User
from tests import factories as make
from tests.conftest import TODAY


@dataclass
class World:
    """Things that addresses name."""

    public: Commitment
    internal: Commitment
    upload: Upload
    saved: SavedView

    def names(self, which: str) -> dict[str, object]:
        """Every argument that an address may ask for, about the public or the internal one."""
        commitment = self.public if which == "public" else self.internal
        milestone: Milestone = commitment.milestones.earliest("pk")
        return {
            "plan": commitment.plan.code,
            "code": commitment.plan.code,
            "reference": commitment.reference,
            "milestone": milestone.pk,
            "measure": commitment.measures.get().pk,
            "upload": self.upload.pk,
            "view": self.saved.pk,
        }


def build(cast, bodies) -> World:
    """A public joint commitment of our trust and our council; an internal one of the trust alone,
    in a plan that our board runs; an upload into that plan by our programme lead."""

    def promise(plan: Plan, *partners) -> Commitment:
        commitment = make.commitment(plan, bodies.trust, *partners, target="2031/32")
        make.milestone(commitment, baseline="2027-03-31")
        make.measure(commitment)
        return commitment

    public = promise(make.plan("PUB"), bodies.council)
    internal = promise(make.plan("INT", owner=bodies.board, visibility=Plan.Visibility.INTERNAL))
    return World(public, internal, _upload(internal.plan, cast.lead), _saved(cast.lead))


def _upload(plan: Plan, person: User) -> Upload:
    text = "Reference,Commitment,Lead organisation\nINT-900,A new one,NHS trusts\n"
    return receive(
        by=person,
        content=text.encode(),
        filename="actions.csv",
        target=Target(plan=plan),
        today=TODAY,
    )


def _saved(person: User) -> SavedView:
    return SavedView.objects.create(user=person, name="Mine", query="mine=yes")
