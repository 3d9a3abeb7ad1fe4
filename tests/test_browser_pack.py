"""The rendered pack as a reader meets it: a double click, no network, a laptop or a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from visits import DRAWN, FIGURES, Visit, inside, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAPTOP, PHONE = 1280, 390
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LINKS = "[...document.querySelectorAll('a[href]')].map(link => link.href.split('#')[0])"


def pages(pack: Path) -> list[Path]:
    return sorted(pack.rglob("*.html"))


def faults(browser: Any, pack: Path, look: Callable[[Visit], Any], *, width: int) -> dict[str, Any]:
    """What `look` found on each page; a page without fault does not appear."""
    found = {}
    for path in pages(pack):
        with visit(browser, path, pack=pack, width=width) as seen:
            found[path.name] = look(seen)
    return {name: fault for name, fault in found.items() if fault}


@pytest.fixture(params=[LAPTOP, PHONE], ids=["laptop", "phone"])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def test_the_pack_has_a_front_page_and_chapters(demo_pack: Path) -> None:
    assert {path.name for path in pages(demo_pack)} >= {
        "index.html",
        "loyalty.html",
        "what-came-in.html",
    }


def test_every_chart_is_drawn(browser: Any, demo_pack: Path, width: int) -> None:
    waiting = {}

    def undrawn(seen: Visit) -> int:
        waiting[seen.page.url] = seen.count(FIGURES)
        return seen.count(FIGURES) - seen.count(DRAWN)

    assert faults(browser, demo_pack, undrawn, width=width) == {}
    assert sum(waiting.values()) >= 3, "a pack without charts proves nothing"


def test_nothing_is_requested_but_files_of_the_pack(
    browser: Any, demo_pack: Path, width: int
) -> None:
    def outside(seen: Visit) -> list[str]:
        return [address for address in seen.requested if not inside(address, demo_pack)]

    assert faults(browser, demo_pack, outside, width=width) == {}


def test_the_browser_has_nothing_to_complain_about(
    browser: Any, demo_pack: Path, width: int
) -> None:
    assert faults(browser, demo_pack, lambda seen: seen.complaints, width=width) == {}


def test_no_page_scrolls_sideways(browser: Any, demo_pack: Path, width: int) -> None:
    assert faults(browser, demo_pack, lambda seen: max(0, seen.ask(OVERFLOW)), width=width) == {}


def test_every_page_says_its_title_and_language(browser: Any, demo_pack: Path) -> None:
    heads = {}

    def head(seen: Visit) -> None:
        heads[seen.page.url] = (seen.page.title(), seen.ask("document.documentElement.lang"))

    faults(browser, demo_pack, head, width=LAPTOP)
    titles = [title for title, _ in heads.values()]
    assert {language for _, language in heads.values()} == {"en"}
    assert all(titles)
    assert len(set(titles)) == len(titles), "two pages with one title cannot be told apart in tabs"


def test_every_link_leads_to_a_page_of_the_pack(browser: Any, demo_pack: Path) -> None:
    known = {path.resolve().as_uri() for path in demo_pack.rglob("*") if path.is_file()}

    def astray(seen: Visit) -> list[str]:
        return sorted(set(seen.ask(LINKS)) - known)

    assert faults(browser, demo_pack, astray, width=LAPTOP) == {}


def test_the_numbers_behind_a_chart_are_one_click_away(browser: Any, demo_pack: Path) -> None:
    def tables_missing(seen: Visit) -> int:
        return max(0, seen.count(FIGURES) - seen.count("details table"))

    assert faults(browser, demo_pack, tables_missing, width=LAPTOP) == {}
