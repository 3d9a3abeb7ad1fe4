"""One study, one period, one pack: run the chapters, gather the findings, publish.

`render` is what `cxlab report` calls. Everything that can be refused is refused before
the first kernel starts; what fails later is named on the front page.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxlab.errors import RunFailed
from cxlab.periods import Period
from cxlab.report import evidence, findings, front, making, pages, publish, restated, run, wanted

NOTEBOOKS = Path("notebooks", "reports")


@dataclass(frozen=True)
class Pack:
    """Where a pack was published, and which of its chapters failed, with the reason."""

    folder: Path
    failed: dict[str, str]

    @property
    def index(self) -> Path:
        """The front page."""
        return self.folder / "index.html"


def render(
    study: str | Path,
    period: str,
    *,
    out: str | Path = "reports",
    only: str | None = None,
    notebooks: str | Path | None = None,
    seconds: int = run.SECONDS_PER_CELL,
    progress: bool = False,
) -> Pack:
    """Render the chapters of a study for a period and publish them as one pack.

    A failed chapter is named on the front page; it never replaces a complete pack, which
    stays while the incomplete one goes to `<period>.incomplete`. A chapter the study has
    nothing for is left out, and the front page says what it would take. `only` makes a pack of one
    chapter in `<period>.<chapter>`. Raises EmptyPeriod, UnknownName and OutOfRange before
    anything runs, PackBusy while another run writes the same pack.
    """
    from cxlab.study import open as open_study

    when, opened = Period.parse(period), open_study(study)
    evidence.require_answers(opened, when)
    known = run.chapters(_folder(notebooks), wanted=opened.settings.chapters, only=only)
    there = wanted.possible(known, opened, asked=only)
    values = {
        chapter: {"study": str(Path(study).resolve()), "period": period, **_earlier(path, out)}
        for chapter, path in there.items()
    }
    for chapter, path in there.items():
        run.require_parameters(path, values[chapter])
    name = period if only is None else f"{period}.{_slug(only)}"
    with publish.building(Path(out), name) as folder:
        runs, failed = _run_all(there, values, seconds=seconds, progress=progress)
        failed |= _write(folder, runs, failed, study=opened, period=when)
        _manifest(folder, opened, when, runs, failed, before=Path(out) / name)
        place = _place(Path(out) / name, complete=not failed)
        publish.publish(folder, place)
        if not failed:
            shutil.rmtree(place.with_name(f"{name}.incomplete"), ignore_errors=True)
    return Pack(place, failed)


def _folder(notebooks: str | Path | None) -> Path:
    """The given folder, else the one here, else the one beside the package."""
    if notebooks is not None:
        return Path(notebooks)
    return NOTEBOOKS if NOTEBOOKS.is_dir() else Path(__file__).parents[2] / NOTEBOOKS


def _run_all(
    there: dict[str, Path], values: dict[str, dict[str, Any]], *, seconds: int, progress: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    """The chapters that ran, and why the others did not."""
    runs: dict[str, Any] = {}
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="cxlab-") as scratch:
        for name, path in there.items():
            try:
                runs[name] = run.execute(
                    path, values[name], folder=Path(scratch), seconds=seconds, progress=progress
                )
            except RunFailed as error:
                failed[name] = str(error)
    return runs, failed


def _write(
    folder: Path, runs: dict[str, Any], failed: dict[str, str], *, study: Any, period: Period
) -> dict[str, str]:
    """Write findings, pages and assets; gives the chapters a page cannot show."""
    from cxlab.report.exporter import PageExporter, summary

    chapters: list[dict[str, str]] = []
    broken: dict[str, str] = {}
    for name, notebook in runs.items():
        try:
            chapters.append({"name": name, "href": f"{_slug(name)}.html", **summary(notebook)})
        except RunFailed as error:
            broken[name] = f"chapter `{name}`: {error}"
    shown = {chapter["name"]: runs[chapter["name"]] for chapter in chapters}
    table = findings.collect(shown)
    findings.write(table, folder)
    around = _around(study, period, chapters)
    for chapter in chapters:
        page = {**around, "title": chapter["title"], "links": _links(chapters, chapter["href"])}
        resources = {"page": page}
        html, _ = PageExporter().from_notebook_node(shown[chapter["name"]], resources=resources)
        (folder / chapter["href"]).write_text(html, encoding="utf-8")
    content = front.content(table, study=study, period=period)
    titles = [{"title": _spoken(name)} for name in (*failed, *broken)]
    page = {**around, "title": "Summary", "links": _links(chapters, "index.html")}
    html = pages.front({**content, "chapters": chapters, "failed": titles}, page)
    (folder / "index.html").write_text(html, encoding="utf-8")
    _assets(folder / "assets")
    return broken


def _earlier(notebook: Path, out: str | Path) -> dict[str, str]:
    """Where earlier packs are, for a chapter that must give none of them away."""
    return {"published": str(Path(out).resolve())} if run.declares(notebook, "published") else {}


def _around(study: Any, period: Period, chapters: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "language": study.settings.language,
        "study": study.name,
        "period": period.label,
        "made": making.facts_of(study, period),
        "links": _links(chapters, ""),
    }


def _links(chapters: list[dict[str, str]], here: str) -> list[dict[str, Any]]:
    pages_there = [("index.html", "Summary")]
    pages_there += [(chapter["href"], _spoken(chapter["name"])) for chapter in chapters]
    return [{"href": href, "title": title, "here": href == here} for href, title in pages_there]


def _assets(folder: Path) -> None:
    """The one copy of plotly.js that all pages of the pack share, from the plotly wheel."""
    from importlib.resources import files

    folder.mkdir()
    source = files("plotly").joinpath("package_data", "plotly.min.js")
    (folder / "plotly.min.js").write_bytes(source.read_bytes())


def _manifest(
    folder: Path,
    study: Any,
    period: Period,
    runs: dict[str, Any],
    failed: dict[str, str],
    *,
    before: Path,
) -> None:
    there = sorted(path for path in folder.rglob("*") if path.is_file())
    says = {
        "study": study.name,
        "period": period.text,
        "complete": not failed,
        "chapters": [name for name in runs if name not in failed],
        "failed": failed,
        "first": restated.first_state(before, study, period),
        "fingerprint": study.fingerprint,
        "versions": making.versions(),
        "files": {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in there
        },
    }
    text = json.dumps(says, indent=1, sort_keys=True, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def _place(place: Path, *, complete: bool) -> Path:
    """Where the pack goes: an incomplete one never over a complete one."""
    manifest = place / "manifest.json"
    if complete or not manifest.exists() or not json.loads(manifest.read_text())["complete"]:
        return place
    return place.with_name(f"{place.name}.incomplete")


def _slug(name: str) -> str:
    return name.replace("_", "-")


def _spoken(name: str) -> str:
    return name.replace("_", " ").capitalize()
