"""The rendered pack as a reader meets it: a double click, no network, a laptop or a phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from visits import DRAWN, FIGURES, Visit, inside, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAPTOP, PHONE = 1280, 390
CHAPTERS = {
    *("index.html", "loyalty.html", "comments.html", "drivers.html", "needs.html"),
    *(
        "journeys.html",
        "promises.html",
        "linkage.html",
        "reputation.html",
        "delivery-gap.html",
        "assets.html",
        "asking.html",
        "what-came-in.html",
        "what-we-can-answer.html",
    ),
}

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LINKS = "[...document.querySelectorAll('a[href]')].map(link => link.href.split('#')[0])"
SPILLED = """[...document.querySelectorAll('[data-drawing]')].filter(place => {
    const box = place.getBoundingClientRect();
    return [...place.querySelectorAll('svg.main-svg')].some(drawn =>
        drawn.getBoundingClientRect().bottom > box.bottom + 1 ||
        drawn.getBoundingClientRect().right > box.right + 1);
}).map(place => place.getAttribute('aria-label'))"""


@dataclass(frozen=True)
class Opened:
    """What one page was and did when it was opened."""

    title: str
    language: str
    figures: int
    drawn: int
    number_tables: int
    sideways: int
    spilled: list[str]
    links: list[str]
    requested: list[str]
    complaints: list[str]


def look(seen: Visit) -> Opened:
    return Opened(
        title=seen.page.title(),
        language=seen.ask("document.documentElement.lang"),
        figures=seen.count(FIGURES),
        drawn=seen.count(DRAWN),
        number_tables=seen.count("figure details table"),
        sideways=max(0, seen.ask(SIDEWAYS)),
        spilled=seen.ask(SPILLED),
        links=seen.ask(LINKS),
        requested=seen.requested,
        complaints=seen.complaints,
    )


@pytest.fixture(scope="module", params=[LAPTOP, PHONE], ids=["laptop", "phone"])
def opened(request: pytest.FixtureRequest, browser: Any, demo_pack: Path) -> dict[str, Opened]:
    """Every page of the pack, opened once at this width."""
    pages = {}
    for path in sorted(demo_pack.rglob("*.html")):
        with visit(browser, path, pack=demo_pack, width=request.param) as seen:
            pages[path.name] = look(seen)
    return pages


def faults(opened: dict[str, Opened], find: Callable[[Opened], Any]) -> dict[str, Any]:
    return {name: fault for name, page in opened.items() if (fault := find(page))}


def test_the_pack_has_a_front_page_and_its_chapters(opened: dict[str, Opened]) -> None:
    assert set(opened) == CHAPTERS


def test_every_chart_is_drawn(opened: dict[str, Opened]) -> None:
    assert faults(opened, lambda page: page.figures - page.drawn) == {}
    assert opened["loyalty.html"].drawn >= 3, "a chapter without charts proves nothing"


def test_nothing_is_requested_but_files_of_the_pack(
    opened: dict[str, Opened], demo_pack: Path
) -> None:
    assert all(page.requested for page in opened.values())
    assert (
        faults(opened, lambda page: [a for a in page.requested if not inside(a, demo_pack)]) == {}
    )


def test_the_browser_has_nothing_to_complain_about(opened: dict[str, Opened]) -> None:
    assert faults(opened, lambda page: page.complaints) == {}


def test_no_page_scrolls_sideways(opened: dict[str, Opened]) -> None:
    assert faults(opened, lambda page: page.sideways) == {}


def test_no_chart_spills_over_what_stands_beside_it(opened: dict[str, Opened]) -> None:
    assert faults(opened, lambda page: page.spilled) == {}


def test_every_page_says_its_title_and_language(opened: dict[str, Opened]) -> None:
    titles = {page.title for page in opened.values()}
    assert all(titles)
    assert len(titles) == len(opened), "two pages with one title cannot be told apart in tabs"
    assert {page.language for page in opened.values()} == {"en"}


def test_every_link_leads_to_a_page_of_the_pack(opened: dict[str, Opened], demo_pack: Path) -> None:
    known = {path.resolve().as_uri() for path in demo_pack.rglob("*") if path.is_file()}
    assert faults(opened, lambda page: sorted(set(page.links) - known)) == {}


def test_the_numbers_behind_every_chart_are_one_click_away(opened: dict[str, Opened]) -> None:
    assert faults(opened, lambda page: page.figures - page.number_tables) == {}
