"""The rendered pack as a reader meets it: a double click, no network, a laptop or a phone.

Then for every reader: axe-core's rules, contrast, keys, narrow columns, calm, light and dark.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from looked import LAPTOP, PHONE, Opened, faults, look
from packs import PAGES
from visits import inside, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core, as a package of Python brings it."""
    package = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    return (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=[LAPTOP, PHONE], ids=["laptop", "phone"])
def opened(
    request: pytest.FixtureRequest, browser: Any, demo_pack: Path, axe: str
) -> dict[str, Opened]:
    """Every page of the pack, opened once at this width."""
    pages = sorted(demo_pack.rglob("*.html"))
    settings = {"pack": demo_pack, "width": request.param, "axe": axe}
    return {path.name: look(browser, path, **settings) for path in pages}


def test_the_pack_has_a_front_page_and_its_chapters(opened: dict[str, Opened]) -> None:
    assert set(opened) == set(PAGES)


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


def test_no_page_breaks_a_rule_of_wcag(opened: dict[str, Opened]) -> None:
    assert faults(opened, lambda page: page.violations) == {}
    assert {len(set(page.papers)) for page in opened.values()} == {2}, "no page was dark"


def test_text_in_a_chart_stands_out_from_its_paper(opened: dict[str, Opened]) -> None:
    assert faults(opened, lambda page: page.pale) == {}


def test_four_sizes_of_text_are_enough(opened: dict[str, Opened]) -> None:
    assert faults(opened, lambda page: page.sizes[4:]) == {}


def test_no_line_is_longer_than_70_letters(opened: dict[str, Opened]) -> None:
    assert faults(opened, lambda page: page.longest > 70 and page.longest) == {}
    assert max(page.longest for page in opened.values()) > 25


def test_what_is_pressed_is_24_pixels_high(opened: dict[str, Opened]) -> None:
    assert faults(opened, lambda page: page.small) == {}


def test_no_label_of_a_chart_is_cut(opened: dict[str, Opened]) -> None:
    assert faults(opened, lambda page: page.cut) == {}


def test_nothing_moves_and_nothing_is_pinned(opened: dict[str, Opened]) -> None:
    assert faults(opened, lambda page: page.pinned) == {}
    assert {page.moving for page in opened.values()} == {0}


def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    browser: Any, demo_pack: Path
) -> None:
    with visit(browser, demo_pack / "loyalty.html", pack=demo_pack) as seen:
        reach = "document.querySelectorAll('a[href], summary, .scroll').length"
        hidden = "document.querySelectorAll('details:not([open]) .scroll').length"
        expected = seen.ask(reach) - seen.ask(hidden)
        reached = []
        for _ in range(expected):
            seen.page.keyboard.press("Tab")
            reached.append(
                seen.ask(
                    "getComputedStyle(document.activeElement).outlineStyle + "
                    "document.activeElement.tagName"
                )
            )
        assert reached[0] == "solidA"
        assert {told for told in reached if not told.startswith("solid")} == set()
        assert {"solidA", "solidSUMMARY", "solidDIV"} <= set(reached)


def test_in_forced_colours_a_drawing_keeps_its_own_paper(browser: Any, demo_pack: Path) -> None:
    with visit(browser, demo_pack / "loyalty.html", pack=demo_pack, forced_colors="active") as seen:
        kept = "getComputedStyle(document.querySelector('.chart')).forcedColorAdjust"
        paper = "getComputedStyle(document.querySelector('.chart')).backgroundColor"
        assert seen.ask(kept) == "none"
        assert seen.ask(paper) == "rgb(255, 255, 255)"
