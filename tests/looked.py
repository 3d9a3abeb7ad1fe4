"""What is asked of every page of a pack, in one visit: what it did, how it looks, how it reads.

A page is opened once at each width; then its light is changed, as a reader's evening does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from visits import DRAWN, FIGURES, Visit, visit

LAPTOP, PHONE, NARROW = 1280, 390, 360
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LINKS = "[...document.querySelectorAll('a[href]')].map(link => link.href.split('#')[0])"
SPILLED = """[...document.querySelectorAll('[data-drawing]')].filter(place => {
    const box = place.getBoundingClientRect();
    return [...place.querySelectorAll('svg.main-svg')].some(drawn =>
        drawn.getBoundingClientRect().bottom > box.bottom + 1 ||
        drawn.getBoundingClientRect().right > box.right + 1);
}).map(place => place.getAttribute('aria-label'))"""
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
MOVING = "document.getAnimations().length"
PAPER = "getComputedStyle(document.body).backgroundColor"


@dataclass(frozen=True)
class Opened:
    """What one page was and did when it was opened, and what a reader can make out."""

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
    papers: list[str]
    violations: list[str]
    pale: list[Any]
    sizes: list[int]
    longest: int
    small: list[str]
    cut: list[str]
    pinned: list[str]
    moving: int


def faults(opened: dict[str, Opened], find: Callable[[Opened], Any]) -> dict[str, Any]:
    """The pages with something found."""
    return {name: fault for name, page in opened.items() if (fault := find(page))}


def look(browser: Any, path: Path, *, pack: Path, width: int, axe: str) -> Opened:
    """Open the page; unfold it; narrow a phone; then turn the lights out and look again."""
    with visit(browser, path, pack=pack, width=width) as seen:
        told = _opened(seen)
        for question in (OPEN, PLAIN, axe):
            seen.ask(question)
        told |= _read(seen)
        told |= {"violations": _judged(seen, {"type": "tag", "values": WCAG})}
        if width == PHONE:
            told["cut"] += _narrowed(seen)
        return Opened(**told | _in_the_dark(seen, told))


def _opened(seen: Visit) -> dict[str, Any]:
    return {
        "title": seen.page.title(),
        "language": seen.ask("document.documentElement.lang"),
        "figures": seen.count(FIGURES),
        "drawn": seen.count(DRAWN),
        "number_tables": seen.count("figure details table"),
        "sideways": max(0, seen.ask(SIDEWAYS)),
        "spilled": seen.ask(SPILLED),
        "links": seen.ask(LINKS),
        "requested": seen.requested,
        "complaints": seen.complaints,
    }


def _read(seen: Visit) -> dict[str, Any]:
    asked = {"sizes": FONTS, "longest": LONGEST, "small": SMALL, "cut": CUT, "pinned": PINNED}
    asked |= {"pale": CONTRAST, "moving": MOVING}
    return {name: seen.ask(question) for name, question in asked.items()}


def _narrowed(seen: Visit) -> list[str]:
    """What is cut, or wider than the page, where a phone is as narrow as they come."""
    seen.page.set_viewport_size({"width": NARROW, "height": 900})
    # Charts follow a little later; what never fits is told below.
    for _ in range(25):
        seen.page.wait_for_timeout(200)
        if not seen.ask(SPILLED):
            break
    wide = ["the page scrolls sideways"] if seen.ask(SIDEWAYS) > 0 else []
    return [*seen.ask(CUT), *seen.ask(SPILLED), *wide]


def _in_the_dark(seen: Visit, told: dict[str, Any]) -> dict[str, Any]:
    """The same page after dark: only its colours are others."""
    light = seen.ask(PAPER)
    seen.page.emulate_media(color_scheme="dark")
    seen.page.wait_for_timeout(100)
    again = _judged(seen, {"type": "rule", "values": ["color-contrast"]})
    drawn = min(told["drawn"], seen.count(DRAWN))
    pale = told["pale"] + seen.ask(CONTRAST)
    papers = [light, seen.ask(PAPER)]
    found = {"papers": papers, "pale": pale, "drawn": drawn}
    return {**found, "violations": told["violations"] + again}


def _judged(seen: Visit, only: dict[str, Any]) -> list[str]:
    """What axe has against the page, its drawings left out: they are pictures to a reader."""
    return list(seen.page.evaluate(RUN, [only, [[".chart > *"]]]))
