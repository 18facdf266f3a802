"""The window of a browser under test, and what is to be said of the page in it."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

WIDTHS = (1280, 390)
AXE = Axe().axe_script
VIOLATIONS = "axe.run({resultTypes: ['violations']}).then(results => results.violations)"
# The header is the part of a page that is begun last, and that is of another height before.
NOT_BEGUN = "[data-module=nhsuk-header]:not([data-nhsuk-header-init])"
PATIENCE = 90_000  # milliseconds, on a machine that is busy with other things
# Each resizing is answered in the frame after it, and so is what that answer resizes.
FRAMES = """width => new Promise(done => {
    const next = left => left
        ? requestAnimationFrame(() => next(left - (innerWidth === width ? 1 : 0)))
        : done();
    next(6);
})"""


def settled(page: Page) -> None:
    """Wait until the page that is shown has been loaded and its scripts are at work."""
    page.wait_for_load_state()
    expect(page.locator(NOT_BEGUN)).to_have_count(0)


def widen(page: Page, width: int) -> None:
    """Make the window so wide, and wait until the header has folded or unfolded."""
    settled(page)
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(FRAMES, width)


def complaints(page: Page) -> list[str]:
    """What axe and the ruler find on the page as it stands."""
    settled(page)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = [
        f"{violation['id']}: {violation['help']}: {violation['nodes'][0]['html'][:160]}"
        for violation in page.evaluate(VIOLATIONS)
    ]
    width = page.evaluate("document.documentElement.scrollWidth")
    shown = page.viewport_size["width"]
    return found + ([f"{width} wide on a screen of {shown}"] if width > shown else [])
