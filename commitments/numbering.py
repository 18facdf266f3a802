"""References for rows that have none: the next number in the plan's own style. Pure functions."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

_NUMBERED = re.compile(r"(?P<prefix>.*?)(?P<number>\d{1,9})", re.DOTALL)


def free_references(code: str, taken: Iterable[str]) -> Iterator[str]:
    """References nobody uses, one after the other: after LTWP-080 comes LTWP-081.

    The style is the commonest among those taken; a plan without any starts at CODE-001.
    """
    used = {reference.upper() for reference in taken}
    numbered = [match for reference in used if (match := _NUMBERED.fullmatch(reference))]
    prefixes = Counter(match["prefix"] for match in numbered)
    # A prefix seen once may be a stray; ties go to the first by name, so that a second look at the
    # same file gives the same numbers.
    prefix = min(prefixes, key=lambda each: (-prefixes[each], each)) if prefixes else f"{code}-"
    same = [match["number"] for match in numbered if match["prefix"] == prefix]
    width = max((len(number) for number in same), default=3)
    number = max((int(number) for number in same), default=0)
    while True:
        number += 1
        reference = f"{prefix}{number:0{width}}"
        if reference.upper() not in used:
            yield reference
