"""docs/running.md names every setting that there is, and none that there is not."""

import re

from tests.running.conftest import PROJECT


def test_every_environment_variable_is_documented_and_every_documented_one_is_read() -> None:
    code = "".join(
        path.read_text()
        for path in (PROJECT / "workforce_tracker").rglob("*.py")
        if "templatetags" not in path.parts
    )
    read = set(re.findall(r"""\benv(?:\.\w+)?\(\s*["'](\w+)["']""", code))
    read |= set(re.findall(r"""environ\.get\(["'](\w+)["']""", code))
    table = (PROJECT / "docs" / "running.md").read_text().split("## Environment variables")[1]
    documented = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert documented == read
