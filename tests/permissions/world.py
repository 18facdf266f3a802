"""A world for the sweeps: every role in every kind of relation to one promise, and a row for
everything that an address can name.

The promise is led by a trust ("own") and by a body that has since merged into another, the
"successor"; its council is the partner, the board around both the "system", a far board "foreign".
"""

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from commitments.models import Commitment, Export, Plan, Review, SavedView, SectorComment
from commitments.uploads import jobs
from commitments.uploads.actions import Target, receive
from commitments.uploads.exporting import export_lines
from commitments.uploads.making import ask
from commitments.uploads.return_actions import receive_return
from organisations.kinds import Kind
from organisations.models import (
    Area,
    Invitation,
    JoinRequest,
    Membership,
    Organisation,
    Role,
    Succession,
    User,
)
from organisations.models.invitation import digest
from tests import factories as make
from tests.conftest import TODAY
from tests.permissions.matrix import OTHERS, RELATIONS, ROLES
from workforce_tracker.spreadsheets import csv_lines

TOKEN = "a-link-that-works-once"


@dataclass
class World:
    """Who there is, by the column of the matrix ("own viewer", "nobody" ...), and what there is."""

    bodies: dict[str, Organisation]
    people: dict[str, User]
    clients: dict[str, Client]
    public: Commitment
    internal: Commitment
    draft: Commitment
    things: dict[str, object]

    def arguments(self, which: str) -> dict[str, object]:
        """Every argument that an address may ask for, about one of the commitments."""
        commitment = getattr(self, which, self.internal)
        names = {
            "plan": commitment.plan.code,
            "reference": commitment.reference,
            "milestone": commitment.milestones.get().pk,
            "measure": commitment.measures.get().pk,
            "update": commitment.updates.values_list("pk", flat=True).last(),
            "round": commitment.plan.rounds.values_list("pk", flat=True).first(),
            "review": Review.objects.get(update__commitment=commitment).pk,
            "dispute": commitment.disputes.get().pk,
            "comment": commitment.comments.values_list("pk", flat=True).first(),
            "evidence": commitment.evidence_items.values_list("pk", flat=True).first(),
            "verified": commitment.evidence_items.values_list("pk", flat=True).last(),
            "dependency": 0,
            "change": commitment.baseline_changes.values_list("pk", flat=True).first(),
        }
        body = self.bodies.get(which, self.bodies["own"])
        return names | self.things | {"organisation": body.code}


def build() -> World:
    """Make it all, in whatever transaction is open."""
    bodies = _bodies()
    people = {
        f"{relation} {role}": make.person(f"{relation} {role}", (role, bodies[relation]))
        for relation in RELATIONS
        for role in ROLES
    }
    people["platform"] = make.person("Pat Platform", is_platform_administrator=True)
    people["nobody"] = make.person("Nora Nobody")
    clients = {name: Client() for name in (*people, "anonymous")}
    for name, person in people.items():
        clients[name].force_login(person)

    def promise(plan: Plan, reference: str, **fields) -> Commitment:
        parties = (bodies["own"], bodies["partner"])
        made = make.commitment(plan, *parties, reference=reference, target="2031/32", **fields)
        make.milestone(made, f"Step of {reference}", baseline="2027-03-31")
        make.measure(made, name=f"Measure of {reference}")
        made.parties.create(role="lead", name=str(bodies["merged"]), organisation=bodies["merged"])
        days = (TODAY - timedelta(days=5), TODAY + timedelta(days=9))
        round_ = make.round_(plan, *days, name=f"Round of {reference}")
        said = make.update(made, people["own contributor"], bodies["own"], round=round_)
        reviewer = people["partner reviewer"]
        make.review(said, bodies["partner"], answered_by=reviewer, state="disagreed")
        make.dispute(said)
        make.comment(made, people["own contributor"], f"Said of {reference}")
        verified = {"verified_for": bodies["partner"], "verified_by": reviewer}
        make.evidence(made, people["own contributor"], bodies["own"], strength="verified",
                      verified_at=timezone.now(), **verified)  # fmt: skip
        make.evidence(made, people["own contributor"], bodies["own"])
        return made

    def asked(made: Commitment) -> Commitment:
        make.baseline_change(made, people["own contributor"], bodies["own"], to="2032/33")
        return made

    internal_plan = make.plan(
        "INT", title="Secret plan", owner=bodies["own"], visibility=Plan.Visibility.INTERNAL
    )
    shared = make.plan("SHA", owner=bodies["own"], visibility=Plan.Visibility.SHARED)
    return World(
        bodies=bodies,
        people=people,
        clients=clients,
        public=asked(promise(make.plan("PUB", title="Open plan"), "PUB-1", title="Open promise")),
        internal=asked(promise(internal_plan, "INT-1", title="Secret promise")),
        draft=promise(shared, "SHA-1", title="Secret draft", state="draft", draft_of=bodies["own"]),
        things=_things(bodies, people, internal_plan),
    )


def _bodies() -> dict[str, Organisation]:
    board = make.organisation("NHS Near Integrated Care Board", Kind.ICB, code="NEAR")
    bodies = {
        "own": make.organisation("Own NHS Trust", code="OWN", parent=board),
        "system": board,
        "partner": make.organisation("Partner City Council", Kind.METROPOLITAN, code="PARTNER"),
        "merged": make.organisation("Merged NHS Trust", code="MERGED", closed="2026-03-31"),
        "successor": make.organisation("Successor NHS Trust", code="SUCC", opened="2026-04-01"),
        "foreign": make.organisation("NHS Far Integrated Care Board", Kind.ICB, code="FAR"),
    }
    Area.objects.create(
        council=bodies["partner"], board=board, edition="2024", valid_from="2024-04-01",
        lsoa_count=10, share=1,
    )  # fmt: skip
    bodies["split"] = make.organisation("Split NHS Trust", code="SPLIT", closed="2026-03-31")
    for old, new, kind in (
        ("merged", "successor", "merger"), ("split", "own", "split"), ("split", "foreign", "split"),
    ):  # fmt: skip
        Succession.objects.create(
            predecessor=bodies[old], successor=bodies[new], on="2026-04-01", kind=kind
        )
    return bodies


def _things(
    bodies: dict[str, Organisation], people: dict[str, User], plan: Plan
) -> dict[str, object]:
    own, lead, now = bodies["own"], people["own programme_lead"], timezone.now()
    invitation = Invitation.objects.create(
        organisation=own, email="new@test.example", name="New Person", role=Role.VIEWER,
        token_digest=digest(TOKEN), invited_by=lead, invited_at=now,
        expires_at=now + timedelta(days=14),
    )  # fmt: skip
    mine = Invitation.objects.create(
        organisation=bodies["foreign"], email=people["own viewer"].email, name="Own Viewer",
        role=Role.VIEWER, token_digest=digest("another"), invited_by=lead, invited_at=now,
        expires_at=now + timedelta(days=14),
    )  # fmt: skip
    asked = JoinRequest.objects.create(
        organisation=own, person=people["nobody"], email=people["nobody"].email, name="Nora",
        reason="I moved.", asked_at=now,
    )  # fmt: skip
    text = "Reference,Commitment,Lead organisation\nINT-900,A new one,NHS trusts\n"
    upload = receive(
        by=lead, content=text.encode(), filename="actions.csv", target=Target(plan=plan),
        today=TODAY,
    )  # fmt: skip
    contributor = people["own contributor"]
    taken = "".join(csv_lines(export_lines(Commitment.objects.filter(plan=plan), lead, TODAY)))
    returned = receive_return(
        by=contributor, acting=None, content=taken.encode(), filename="back.csv", today=TODAY
    )
    export = ask(Export(asked_by=lead, form="csv"), today=TODAY)
    jobs.run(export.pk, today=TODAY, now=now, kind=Export)
    session = UserSession.objects.create(
        user=people["own viewer"], ip="127.0.0.1", user_agent="", session_key="x" * 32
    )
    return {
        "member": Membership.objects.get(user=people["own viewer"]).pk,
        "my_membership": Membership.objects.get(user=people["own contributor"]).pk,
        "invitation": invitation.pk,
        "my_invitation": mine.pk,
        "request": asked.pk,
        "upload": upload.pk,
        "returned": returned.pk,
        "export": export.pk,
        "form": "csv",
        "view": SavedView.objects.create(user=lead, name="Mine", query="mine=yes").pk,
        "session": session.pk,
        "sector_comment": SectorComment.objects.create(
            organisation=own, title="Ask us early", text="Ask us.", written_by=lead
        ).pk,
        "succession": Succession.objects.get(kind="merger").pk,
        "token": TOKEN,
        "name": "unknown",
        "provider_id": "unknown",
        "unknown": 0,
    }


def columns() -> list[str]:
    """Everybody of the matrix, from left to right."""
    return [f"{relation} {role}" for relation in RELATIONS for role in ROLES] + list(OTHERS)


def post_data(world: World) -> dict[str, object]:
    """What is posted everywhere: enough for buttons, too little for any form."""
    return SimpleNamespace(
        accepted="on", name="A view", next="/", organisation=world.bodies["own"].pk
    ).__dict__
