"""The rendered pack for every reader: axe-core's rules, contrast, keys, narrow columns, calm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from visits import Visit, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAPTOP, PHONE = 1280, 390
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# The shades at the edges of a table hide from axe what stands behind the text.
PLAIN = "document.querySelectorAll('.scroll').forEach(box => box.style.background = 'none')"
OPEN = "document.querySelectorAll('details').forEach(fold => fold.open = true)"
RUN = """([only, parts]) => axe.run(
    {include: [['html']], exclude: parts},
    {runOnly: only, rules: {'target-size': {enabled: true}}, resultTypes: ['violations']}
).then(found => found.violations.flatMap(
    rule => rule.nodes.map(node => rule.id + ': ' + node.html.slice(0, 120))))"""
# A channel of a colour as light, then its luminance; drawings are no business of axe's.
CONTRAST = """(() => {
    const light = text => { const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map(part => {
        const part1 = part / 255;
        return part1 <= 0.03928 ? part1 / 12.92 : ((part1 + 0.055) / 1.055) ** 2.4; });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const paper = light(getComputedStyle(document.body).backgroundColor);
    const against = fill => { const ink = light(fill);
        return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05); };
    return [...document.querySelectorAll('.chart text:not(.bartext), .chart tspan')]
        .filter(node => node.textContent && !node.closest('.bars'))
        .map(node => [node.textContent, against(getComputedStyle(node).fill)])
        .filter(([, ratio]) => ratio < 4.5); })()"""
FONTS = """(() => { const size = node => Math.round(parseFloat(getComputedStyle(node).fontSize));
    const seen = node => [...node.childNodes].some(c => c.nodeType === 3 && c.textContent.trim());
    return [...new Set([...document.querySelectorAll('body *')]
        .filter(node => seen(node) && !node.closest('script, style, noscript'))
        .map(size))].sort((a, b) => a - b); })()"""
# Letters in the longest line of running text.
LONGEST = """(() => { let most = 0;
    for (const part of document.querySelectorAll('.prose p, article > p, .plain li, .lines li')) {
        const range = document.createRange(); let line = 0, top = null;
        const walk = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) for (let k = 0; k < walk.currentNode.length; k++) {
            range.setStart(walk.currentNode, k); range.setEnd(walk.currentNode, k + 1);
            const box = range.getClientRects()[0]; if (!box) continue;
            if (top === null || Math.abs(box.top - top) > 8) { top = box.top; line = 0; }
            most = Math.max(most, ++line); } }
    return most; })()"""
SMALL = """[...document.querySelectorAll('nav a, summary, .skip, .chapters a')].filter(node => {
    const box = node.getBoundingClientRect(); return box.width && box.height < 24;
}).map(node => node.textContent)"""
CUT = """[...document.querySelectorAll('.chart text')].filter(node => {
    const box = node.getBoundingClientRect(), room = node.closest('.chart').getBoundingClientRect();
    return box.width && (box.left < room.left - 2 || box.right > room.right + 2);
}).map(node => node.textContent)"""
PINNED = """[...document.querySelectorAll('body *')].filter(node =>
    ['sticky', 'fixed'].includes(getComputedStyle(node).position) && !node.closest('.chart')
).map(node => node.className)"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core, as a package of Python brings it."""
    package = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    return (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def judged(seen: Visit, axe: str) -> list[str]:
    """What axe has against the page, its drawings left out: they are pictures to a reader."""
    seen.ask(OPEN)
    seen.ask(PLAIN)
    seen.ask(axe)
    only = {"type": "tag", "values": WCAG}
    return list(seen.page.evaluate(RUN, [only, [[".chart > *"]]]))


SEEN = {"phone": (PHONE, "light"), "laptop in the dark": (LAPTOP, "dark"), "narrow": (360, "light")}


@pytest.fixture(scope="module", params=list(SEEN))
def opened(
    request: pytest.FixtureRequest, browser: Any, demo_pack: Path, axe: str
) -> dict[str, dict[str, Any]]:
    """What was measured on every page in this light and at this width, every fold open."""
    width, scheme = SEEN[request.param]
    # axe is put into the page from outside, which the page's own policy forbids.
    settings = {"width": width, "color_scheme": scheme, "bypass_csp": True}
    asked = {"sizes": FONTS, "longest": LONGEST, "small": SMALL, "cut": CUT, "pinned": PINNED}
    asked |= {"pale": CONTRAST, "moving": "document.getAnimations().length"}
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(demo_pack.glob("*.html")):
        with visit(browser, path, pack=demo_pack, **settings) as seen:
            seen.ask(OPEN)
            found[path.name] = {name: seen.ask(question) for name, question in asked.items()}
            found[path.name]["axe"] = judged(seen, axe) if width != 360 else []
    return found


def named(opened: dict[str, dict[str, Any]], what: str) -> dict[str, Any]:
    return {name: told[what] for name, told in opened.items() if told[what]}


def test_no_page_breaks_a_rule_of_wcag(opened: Any) -> None:
    assert len(opened) > 4
    assert named(opened, "axe") == {}


def test_text_in_a_chart_stands_out_from_its_paper(opened: Any) -> None:
    assert named(opened, "pale") == {}


def test_four_sizes_of_text_are_enough(opened: Any) -> None:
    assert {name: told["sizes"] for name, told in opened.items() if len(told["sizes"]) > 4} == {}


def test_no_line_is_longer_than_70_letters(opened: Any) -> None:
    assert {name: told["longest"] for name, told in opened.items() if told["longest"] > 70} == {}
    assert max(told["longest"] for told in opened.values()) > 25


def test_what_is_pressed_is_24_pixels_high(opened: Any) -> None:
    assert named(opened, "small") == {}


def test_no_label_of_a_chart_is_cut(opened: Any) -> None:
    assert named(opened, "cut") == {}


def test_nothing_moves_and_nothing_is_pinned(opened: Any) -> None:
    assert named(opened, "pinned") == {}
    assert {told["moving"] for told in opened.values()} == {0}


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
