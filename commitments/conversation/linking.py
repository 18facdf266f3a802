"""What people wrote, as a page prints it: escaped, with web addresses that can be followed."""

from django.template.defaultfilters import linebreaks_filter
from django.utils.html import Urlizer
from django.utils.safestring import SafeString, mark_safe

LONGEST_SHOWN = 80


class _Linker(Urlizer):
    url_template = '<a href="{href}" rel="nofollow noopener noreferrer">{url}</a>'


_link = _Linker()


def as_html(text: str) -> SafeString:
    """Text as paragraphs of HTML. Everything in it is escaped; links carry no weight for search
    engines and do not tell the page they lead to where they come from."""
    linked = _link(text, trim_url_limit=LONGEST_SHOWN, nofollow=True, autoescape=True)
    return linebreaks_filter(mark_safe(linked))  # escaped above
