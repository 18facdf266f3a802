"""The window of a browser under test, and what is to be said of the page in it."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (1280, 390)
AXE = Axe().axe_script
VIOLATIONS = "axe.run({resultTypes: ['violations']}).then(results => results.violations)"


def widen(page: Page, width: int) -> None:
    """Make the window so wide, and wait until the header has folded or unfolded.

    It does so a moment after the window has changed. The moment is waited for in the page, where a
    slow machine delays both alike.
    """
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("() => new Promise(done => setTimeout(done, 300))")


def complaints(page: Page) -> list[str]:
    """What axe and the ruler find on the page as it stands."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = [
        f"{violation['id']}: {violation['help']}: {violation['nodes'][0]['html'][:160]}"
        for violation in page.evaluate(VIOLATIONS)
    ]
    width = page.evaluate("document.documentElement.scrollWidth")
    shown = page.viewport_size["width"]
    return found + ([f"{width} wide on a screen of {shown}"] if width > shown else [])
