"""Does the data of a chart hold groups only, and nothing but data?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cxlab.report.verify.inert import fetches
from cxlab.report.verify.opened import Opened, Page

# Where plotly would keep single rows, or fetch a picture.
FORBIDDEN = ("customdata", "customdatasrc", "ids", "images")
MOST_POINTS = 5000
BYTES_OF_A_NUMBER = {"1": 1, "2": 2, "4": 4, "8": 8}
MARKUP = ("b", "i", "br", "span", "sub", "sup", "em", "strong")


def of_groups(pack: Opened) -> Iterator[str]:
    """Charts that cannot be read, hold single rows, or lead out of the page."""
    for name, page in pack.pages.items():
        for number, drawing in enumerate(page.drawings, start=1):
            yield from (f"{name}: chart {number} {each}" for each in _wrong(drawing.raw))


def _wrong(text: str) -> Iterator[str]:
    figure = figure_of(text)
    if not isinstance(figure, dict) or not isinstance(figure.get("data"), list):
        yield "is no figure"
        return
    keys = {key for key, _ in _pairs(figure)}
    yield from (f"has {name}" for name in FORBIDDEN if name in keys)
    if any(_length(value) > MOST_POINTS for _, value in _pairs(figure)):
        yield f"has more than {MOST_POINTS} points, which are single rows"
    if any(_leads_out(value) for _, value in _pairs(figure)):
        yield "has a label that is more than a label"


def figure_of(text: str) -> Any:
    """The figure in the data of a chart, None where it is no JSON."""
    try:
        return json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError):
        return None


def _refused(name: str) -> None:
    raise ValueError(name)


def _pairs(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every key and value in a figure, however deep."""
    yield key, value
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _pairs(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _pairs(each)


def texts_of(figure: Any) -> Iterator[str]:
    """Every text in a figure."""
    yield from (value for _, value in _pairs(figure) if isinstance(value, str))


def _length(value: Any) -> int:
    """How many values a list has, also one packed as plotly packs numbers."""
    if isinstance(value, dict) and "bdata" in value:
        size = BYTES_OF_A_NUMBER.get(str(value.get("dtype"))[-1:], 1)
        return len(str(value["bdata"])) * 3 // 4 // size
    return len(value) if isinstance(value, list) else 0


def _leads_out(value: Any) -> bool:
    if not isinstance(value, str) or "<" not in value:
        return False
    return any(
        element.tag not in MARKUP
        or any(name != "style" or fetches(told) for name, told in element.attributes)
        for element in Page(value).elements
    )
