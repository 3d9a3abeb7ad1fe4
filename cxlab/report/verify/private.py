"""Is anything in a pack that belongs to one person: an e-mail address, a card, an account?

A glance at what is safe to tell by its shape alone. Names and telephone numbers are found
where comments are read (redact); here they could be anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxlab import redact
from cxlab.chapters.wanted import RESTRICTED
from cxlab.report.verify import charts, tables
from cxlab.report.verify.files import texts_in
from cxlab.report.verify.opened import Opened, Page

# A card of fewer digits may as well be the number of an article.
FEWEST_DIGITS = 15
# Nothing that is looked for is without one of these; most texts of a page are.
GLANCE = re.compile(r"[@＠]|(?:\d\D*){7}|dot|punkt|point|punto|[(\[{]\s*[aä]t", re.IGNORECASE)
SPOKEN = ("aria-label", "alt", "title", "content", "placeholder", "value")


def nobody(pack: Opened) -> Iterator[str]:
    """The files that hold something private, and of what kind it is; never what it says."""
    for name, texts in _texts(pack):
        if any(RESTRICTED in " ".join(text.split()) for text in texts):
            yield f"{name} is made from a notebook about persons, which is never published"
        found = sorted({kind for text in texts for kind in _kinds(text)})
        yield from (f"{name} has a text like an address or number: {kind}" for kind in found)


def _kinds(text: str) -> Iterator[str]:
    if not GLANCE.search(text):
        return
    for kind, start, end in redact.spans(text):
        digits = sum(letter.isdigit() for letter in text[start:end])
        if kind in (redact.EMAIL, redact.IBAN) or (kind == redact.CARD and digits >= FEWEST_DIGITS):
            yield kind


def _texts(pack: Opened) -> Iterator[tuple[str, set[str]]]:
    for name, page in pack.pages.items():
        yield name, {*page.texts, *_spoken(page), *_drawn(page)}
    yield tables.CSV, {cell for row in tables.cells_of(pack) or [] for cell in row}
    yield "manifest.json", set(texts_in(pack.says))
    if "summary.txt" in pack.files:
        text = pack.files["summary.txt"].read_bytes().decode("utf-8", errors="replace")
        yield "summary.txt", {text}


def _spoken(page: Page) -> Iterator[str]:
    for element in page.elements:
        yield from (value for name, value in element.attributes if name in SPOKEN)


def _drawn(page: Page) -> Iterator[str]:
    for drawing in page.drawings:
        yield from charts.texts_of(charts.figure_of(drawing.raw))
