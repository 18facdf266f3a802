"""Kinds of organisation, and what follows from a kind: its side and its reach.

Every rule that depends on "what sort of body is this" reads these two tables, so a new kind is one
line here. Kinds follow the Organisation Data Service and the Office for National Statistics, with
national and representative bodies divided by the side that they speak for.
"""

from django.db import models


class Side(models.TextChoices):
    """Which of the two partners of a joint commitment a body belongs to, if either."""

    NHS = "nhs", "NHS"
    LOCAL_GOVERNMENT = "local_government", "Local government"
    OTHER = "other", "Other"


class Reach(models.TextChoices):
    """How far the members of a body can see beyond their own organisation."""

    OWN = "own", "Own organisation"
    SYSTEM = "system", "Its integrated care system"
    REGION = "region", "Its region"
    SECTOR = "sector", "All councils and all joint commitments"
    NATIONAL = "national", "England"


class Kind(models.TextChoices):
    """What sort of body an organisation is."""

    NHS_REGION = "nhs_region", "NHS England region"
    ICB = "icb", "Integrated care board"
    FOUNDATION_TRUST = "foundation_trust", "NHS foundation trust"
    NHS_TRUST = "nhs_trust", "NHS trust"
    CCG = "ccg", "Clinical commissioning group"
    TRAINING_HUB = "training_hub", "Training hub"
    NHS_NATIONAL = "nhs_national", "National NHS body"
    NHS_REPRESENTATIVE = "nhs_representative", "NHS representative body"
    COUNTY = "county", "County council"
    UNITARY = "unitary", "Unitary council"
    METROPOLITAN = "metropolitan", "Metropolitan district council"
    DISTRICT = "district", "District council"
    LONDON_BOROUGH = "london_borough", "London borough council"
    CITY_CORPORATION = "city_corporation", "City of London Corporation"
    SUI_GENERIS = "sui_generis", "Council of the Isles of Scilly"
    COUNCIL_REPRESENTATIVE = "council_representative", "Local government representative body"
    COUNCIL_SOCIETY = "council_society", "Local government association or society"
    DEPARTMENT = "department", "Government department"
    ARMS_LENGTH = "arms_length", "Arm's-length body"
    SKILLS_BODY = "skills_body", "Sector skills body"
    REPRESENTATIVE = "representative", "Representative body"


NHS_KINDS = (
    Kind.NHS_REGION,
    Kind.ICB,
    Kind.FOUNDATION_TRUST,
    Kind.NHS_TRUST,
    Kind.CCG,
    Kind.TRAINING_HUB,
    Kind.NHS_NATIONAL,
    Kind.NHS_REPRESENTATIVE,
)
COUNCIL_KINDS = (
    Kind.COUNTY,
    Kind.UNITARY,
    Kind.METROPOLITAN,
    Kind.DISTRICT,
    Kind.LONDON_BOROUGH,
    Kind.CITY_CORPORATION,
    Kind.SUI_GENERIS,
)
TRUST_KINDS = (Kind.FOUNDATION_TRUST, Kind.NHS_TRUST)
# Only the representative body itself reaches every council; a society of directors or of chief
# executives stands on the same side and sees what is its own.
LOCAL_GOVERNMENT_KINDS = (*COUNCIL_KINDS, Kind.COUNCIL_REPRESENTATIVE, Kind.COUNCIL_SOCIETY)

REACH_OF_KIND: dict[str, Reach] = {
    Kind.ICB: Reach.SYSTEM,
    Kind.NHS_REGION: Reach.REGION,
    Kind.COUNCIL_REPRESENTATIVE: Reach.SECTOR,
    Kind.NHS_NATIONAL: Reach.NATIONAL,
    Kind.DEPARTMENT: Reach.NATIONAL,
}


def side_of(kind: str) -> Side:
    """The side a kind of body belongs to; the database computes the same in Organisation.side."""
    if kind in NHS_KINDS:
        return Side.NHS
    return Side.LOCAL_GOVERNMENT if kind in LOCAL_GOVERNMENT_KINDS else Side.OTHER


def reach_of(kind: str) -> Reach:
    """How far members of a body of this kind can see."""
    return REACH_OF_KIND.get(kind, Reach.OWN)
