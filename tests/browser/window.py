"""The window of a browser under test."""

from playwright.sync_api import Page, expect

# The header is the part of a page that is begun last, and that is of another height before.
NOT_BEGUN = "[data-module=nhsuk-header]:not([data-nhsuk-header-init])"
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
