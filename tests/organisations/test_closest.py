"""What people in the field write for the bodies of the shipped register, and whom they are offered.

A suggestion only: that none of these is taken for a body without a person's choice is shown too.
"""

from collections import defaultdict

import pytest
from django.core.management import call_command

from organisations.closest import SMALL_WORDS
from organisations.kinds import Kind
from organisations.matching import How, OrganisationMatcher
from organisations.models import Organisation
from organisations.queries import at_home
from organisations.writing import undone
from tests.conftest import TODAY


@pytest.fixture(scope="module")
def register(django_db_setup, django_db_blocker) -> OrganisationMatcher:
    """The names of the register that the product ships, read once for the file."""
    with django_db_blocker.unblock(), undone():
        call_command("load_organisations", verbosity=0)
        yield OrganisationMatcher.load()


def offered(register: OrganisationMatcher, text: str) -> list[str]:
    match = register.match(text)
    assert (match.organisation, match.how) == (None, How.UNKNOWN)
    return [body.name for body in match.candidates]


BOARD = "NHS {} Integrated Care Board".format


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # Systems by their initials, with the board's own word, the system's, or none.
        ("WY ICB", [BOARD("West Yorkshire")]),
        ("wy ics", [BOARD("West Yorkshire")]),
        ("WYICB", [BOARD("West Yorkshire")]),
        ("NENC ICS", [BOARD("North East and North Cumbria")]),
        ("GM ICB", [BOARD("Greater Manchester")]),
        ("HNY ICB", [BOARD("Humber and North Yorkshire")]),
        ("LLR", [BOARD("Leicester, Leicestershire and Rutland")]),
        ("BLMK ICB", [BOARD("Bedfordshire, Luton and Milton Keynes")]),
        ("BNSSG ICB", [BOARD("Bristol, North Somerset and South Gloucestershire")]),
        ("SNEE ICB", [BOARD("Suffolk and North East Essex")]),
        ("L&SC ICB", [BOARD("Lancashire and South Cumbria")]),
        ("C&M ICB", [BOARD("Cheshire and Merseyside")]),
        ("N & W ICB", [BOARD("Norfolk and Waveney")]),
        ("SWL ICB", [BOARD("South West London")]),
        # With letters of small words, more than one letter of a word, or not of every word.
        ("HIOW ICB", [BOARD("Hampshire and Isle of Wight")]),
        ("BSol ICB", [BOARD("Birmingham and Solihull")]),
        ("BSW ICB", [BOARD("Bath and North East Somerset, Swindon and Wiltshire")]),
        ("BOB ICB", [BOARD("Buckinghamshire, Oxfordshire and Berkshire West")]),
        # Bassetlaw has left South Yorkshire's system since.
        ("SYB ICS", [BOARD("South Yorkshire")]),
        # Short forms of counties and of the points of the compass.
        ("West Yorks ICB", [BOARD("West Yorkshire")]),
        ("Hants & IOW ICB", [BOARD("Hampshire and Isle of Wight")]),
        ("Staffs & Stoke ICB", [BOARD("Staffordshire and Stoke-on-Trent")]),
        ("Herts & West Essex ICS", [BOARD("Hertfordshire and West Essex")]),
        ("Gtr Manchester ICB", [BOARD("Greater Manchester")]),
        # Trusts.
        ("UHL", ["University Hospitals of Leicester NHS Trust"]),
        ("UHL NHS Trust", ["University Hospitals of Leicester NHS Trust"]),
        ("LTHT", ["Leeds Teaching Hospitals NHS Trust"]),
        ("SaTH", ["The Shrewsbury and Telford Hospital NHS Trust"]),
        ("SWYPFT", ["South West Yorkshire Partnership NHS Foundation Trust"]),
        ("TEWV", ["Tees, Esk and Wear Valleys NHS Foundation Trust"]),
        ("CNTW FT", ["Cumbria, Northumberland, Tyne and Wear NHS Foundation Trust"]),
        # Councils.
        ("Leeds CC", ["Leeds City Council"]),
        ("Leeds LA", ["Leeds City Council"]),
        ("Bristol CC", ["Bristol City Council"]),
        ("York CC", ["City of York Council"]),
        ("LB Camden", ["London Borough of Camden"]),
        ("Camden LBC", ["London Borough of Camden"]),
        ("RBKC", ["Royal Borough of Kensington and Chelsea"]),
        ("Saint Helens Council", ["St Helens Council"]),
    ],
)
def test_the_one_body_that_is_meant_is_offered(register, text: str, names: list[str]) -> None:
    match = register.match(text)
    # "LB Camden" is a name that the register has.
    found = [match.organisation.name] if match.organisation else offered(register, text)
    assert found == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("RB Kingston", ["Royal Borough of Kingston upon Thames", "Hull City Council"]),
        ("Notts CC", ["Nottinghamshire County Council", "Nottingham City Council"]),
        (
            "BTHFT",
            [
                "Blackpool Teaching Hospitals NHS Foundation Trust",
                "Bradford Teaching Hospitals NHS Foundation Trust",
            ],
        ),
        (
            "Leeds Trust",
            [
                "Leeds Community Healthcare NHS Trust",
                "Leeds Teaching Hospitals NHS Trust",
                "Leeds and York Partnership NHS Foundation Trust",
            ],
        ),
        (
            "Mid & South Essex",
            [
                "Mid and South Essex NHS Foundation Trust",
                BOARD("Mid and South Essex"),
                "NHS Mid Essex CCG",
            ],
        ),
        # Open bodies before closed ones.
        (
            "NUH",
            ["Nottingham University Hospitals NHS Trust", "Newham University Hospital NHS Trust"],
        ),
    ],
)
def test_of_several_that_can_be_meant_all_are_offered(register, text, names) -> None:
    assert offered(register, text) == names


@pytest.mark.parametrize("text", ["ICB", "the Council", "Unison", "FT", "XQZ ICB", "W", "W ICB"])
def test_nothing_far_fetched_is_offered(register, text: str) -> None:
    assert offered(register, text) == []


def test_every_board_is_offered_by_its_initials(register) -> None:
    """First, where it is the only open one that has them; beside the others, where it is not."""
    boards = Organisation.objects.filter(kind=Kind.ICB)
    having: dict[str, list[Organisation]] = defaultdict(list)
    for board in boards:
        words = board.name.removesuffix(" Integrated Care Board").replace("-", " ").split()
        initials = "".join(word[0] for word in words if word.lower() not in SMALL_WORDS)
        if 2 <= len(initials) <= 8:
            having[f"{initials} ICB"].append(board)
    assert sum(map(len, having.values())) > 35
    for text, same in having.items():
        names = offered(register, text)
        still_open = [board.name for board in same if not board.closed]
        assert set(names[: len(same)]) == {board.name for board in same}, text
        assert len(still_open) != 1 or names[0] == still_open[0], text


@pytest.mark.parametrize(
    ("code", "first"),
    [
        ("QWO", "Leeds City Council"),  # West Yorkshire
        ("E08000035", "Leeds City Council"),
        ("QK1", "Leicester City Council"),  # Leicester, Leicestershire and Rutland
        ("E07000138", "Lincolnshire County Council"),  # around the City of Lincoln
    ],
)
def test_among_equals_the_system_of_who_asks_comes_first(register, code: str, first: str) -> None:
    asks = Organisation.objects.get(code=code)
    here = OrganisationMatcher(register.names, near=at_home(asks, TODAY))
    assert offered(here, "LCC")[0] == first


def test_at_home_are_the_body_its_systems_and_its_region(register) -> None:
    ranks = at_home(Organisation.objects.get(code="E08000035"), TODAY)
    found = {
        name: ranks.get(Organisation.objects.get(name=name).pk)
        for name in (
            "Leeds City Council",
            "Leeds Teaching Hospitals NHS Trust",
            BOARD("West Yorkshire"),
            BOARD("South Yorkshire"),
            BOARD("Devon"),
        )
    }
    assert list(found.values()) == [0, 1, 1, 2, None]
