"""What a pack's folder holds: one page for each chapter, the front page, the findings.

`bind` writes them all from run notebooks. The same notebooks give the same bytes.

Not here: running chapters (run), what one page looks like (exporter, pages), the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from cxlab import findings
from cxlab.chapters import making
from cxlab.errors import RunFailed
from cxlab.periods import Period
from cxlab.report import front
from cxlab.report.pack import mail
from cxlab.report.page import pages

Chapter = dict[str, str]


def bind(
    folder: Path,
    runs: Mapping[str, Any],
    failed: Mapping[str, str],
    *,
    study: Any,
    period: Period,
    above: str = "",
) -> dict[str, str]:
    """Write pages, findings and assets; gives the chapters a page cannot show, and why.

    With `above`, the title of a page one folder up, every page leads there and uses the
    assets there.
    """
    chapters, broken = _chapters(runs)
    shown = {chapter["name"]: runs[chapter["name"]] for chapter in chapters}
    table = findings.collect(shown)
    findings.write(table, folder)
    around = _around(study, period, above=above)
    for chapter in chapters:
        links = _links(chapters, chapter["href"], above=above)
        _page(folder, chapter, shown[chapter["name"]], around={**around, "links": links})
    titles = [{"title": spoken(name)} for name in (*failed, *broken)]
    content = front.content(table, study=study, period=period)
    page = {**around, "title": "Summary", "links": _links(chapters, "index.html", above=above)}
    html = pages.front({**content, "chapters": chapters, "failed": titles}, page)
    (folder / "index.html").write_text(html, encoding="utf-8")
    missing = [each["title"] for each in titles]
    mail.write(folder, content, study=study.name, period=period.label, failed=missing)
    if not above:
        assets(folder / "assets")
    return broken


def slug(name: str) -> str:
    """The name of a chapter as names of files have it."""
    return name.replace("_", "-")


def spoken(name: str) -> str:
    """The name of a chapter as a reader has it."""
    return name.replace("_", " ").capitalize()


def _chapters(runs: Mapping[str, Any]) -> tuple[list[Chapter], dict[str, str]]:
    from cxlab.report.page.exporter import summary

    chapters: list[Chapter] = []
    broken: dict[str, str] = {}
    for name, notebook in runs.items():
        try:
            chapters.append({"name": name, "href": f"{slug(name)}.html", **summary(notebook)})
        except RunFailed as error:
            broken[name] = f"chapter `{name}`: {error}"
    return chapters, broken


def _page(folder: Path, chapter: Chapter, notebook: Any, *, around: Mapping[str, Any]) -> None:
    from cxlab.report.page.exporter import blocks

    # Past nbconvert's own preparation of a notebook, which a page has no use for.
    html = pages.chapter(blocks(notebook), {**around, "title": chapter["title"]})
    (folder / chapter["href"]).write_text(html, encoding="utf-8")


def _around(study: Any, period: Period, *, above: str) -> dict[str, Any]:
    return {
        "assets": "../assets" if above else "assets",
        "language": study.settings.language,
        "study": study.name,
        "period": period.label,
        "made": making.facts_of(study, period),
    }


def _links(chapters: list[Chapter], here: str, *, above: str) -> list[dict[str, Any]]:
    there = [("../index.html", above)] if above else []
    there += [("index.html", "Summary")]
    there += [(chapter["href"], spoken(chapter["name"])) for chapter in chapters]
    return [{"href": href, "title": title, "here": href == here} for href, title in there]


def assets(folder: Path) -> None:
    """The one copy of plotly.js that all pages of the pack share, from the plotly wheel."""
    folder.mkdir()
    source = files("plotly").joinpath("package_data", "plotly.min.js")
    (folder / "plotly.min.js").write_bytes(source.read_bytes())
