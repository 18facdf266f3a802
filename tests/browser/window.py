"""The window of a browser under test."""

from playwright.sync_api import Page


def widen(page: Page, width: int) -> None:
    """Make the window so wide, and wait until the header has folded or unfolded.

    It does so a moment after the window has changed. The moment is waited for in the page, where a
    slow machine delays both alike.
    """
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("() => new Promise(done => setTimeout(done, 300))")
