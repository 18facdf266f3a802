"""The shipped files keep what the Content-Security-Policy and collectstatic ask of them."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.loader import get_template

TEMPLATES = settings.BASE_DIR / "templates"
STATIC = settings.BASE_DIR / "static"

# Mail programs know neither style sheets nor our policy, so messages may carry their own style.
PAGES = [
    path for path in TEMPLATES.rglob("*.html") if "email" not in path.relative_to(TEMPLATES).parts
]
NAMESPACE = "http://www.w3.org/"


def relative(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR))


def inline(source: str) -> list[str]:
    """What the policy would refuse in a template."""
    found = re.findall(r"\sstyle\s*=|<style\b|\son[a-z]+\s*=\s*[\"']|javascript:|\bhx-on\b", source)
    scripts = re.findall(r"<script\b([^>]*)>", source)
    return found + [script for script in scripts if "src=" not in script]


def other_hosts(source: str) -> list[str]:
    """Addresses of other hosts from which a browser would fetch something."""
    fetched = re.findall(r"(?:src|srcset|data|poster)\s*=\s*[\"'](?:https?:)?//[^\"']+", source)
    linked = re.findall(r"<link\b[^>]*href\s*=\s*[\"'](?:https?:)?//[^\"']+", source)
    return fetched + linked


def test_the_sweeps_find_what_they_look_for() -> None:
    bad = '<p style="x"><a onclick="x()"><script>x</script><img src="https://a.example/b.png">'
    assert len(inline(bad)) == 3
    assert len(other_hosts(bad)) == 1
    assert len(PAGES) > 30


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_a_template_has_nothing_inline_and_asks_no_other_host(path: Path) -> None:
    source = path.read_text()
    assert inline(source) == []
    assert other_hosts(source) == []


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_a_template_compiles(path: Path) -> None:
    assert get_template(str(path.relative_to(TEMPLATES)), using=engines.all()[0].name)


@pytest.mark.parametrize(
    "path", [p for p in STATIC.rglob("*") if p.suffix in (".css", ".js", ".svg")], ids=relative
)
def test_static_files_ask_no_other_host(path: Path) -> None:
    source = path.read_text().replace(NAMESPACE, "")
    assert re.findall(r"https?://[\w.-]+", source) == []
    assert "sourceMappingURL" not in source
    assert "@font-face" not in source


@pytest.mark.parametrize("path", list(STATIC.rglob("*.css")), ids=relative)
def test_every_image_of_a_style_sheet_is_shipped_beside_it(path: Path) -> None:
    for address in re.findall(r"url\(['\"]?([^)'\"]+)", path.read_text()):
        assert not address.startswith("/")
        assert address.startswith("data:") or (path.parent / address).is_file()


def test_vendored_parts_carry_their_licences() -> None:
    for folder in (STATIC / "vendor").iterdir():
        assert (folder / "LICENSE").is_file()


def test_the_parts_of_every_page_leave_room_for_the_page() -> None:
    base = (TEMPLATES / "base.html").read_text()
    parts = [STATIC / name for name in re.findall(r"{% static '([^']+)' %}", base)]
    assert len(parts) >= 5
    # A first page may weigh 150 KB compressed in all; half of it is the page's own.
    assert sum(len(gzip.compress(part.read_bytes())) for part in parts) < 75_000
