"""A run notebook as one page: prose, charts and tables, never code.

The page is written from plain data by our own template, which escapes everything. What a
cell shows in another form (HTML, a bare table, printed text) is refused, because nobody
could say whether it is safe or guarded. The only module that imports nbconvert.
"""

from __future__ import annotations

import json
from typing import Any

from nbconvert.exporters import Exporter

from cxlab import findings
from cxlab.errors import RunFailed
from cxlab.plots.shown import MIME
from cxlab.report.page import pages

PLOTLY = "application/vnd.plotly.v1+json"
MOST_POINTS = 5000
Block = dict[str, Any]


class PageExporter(Exporter):
    """Turns an executed notebook into a chapter page; `resources["page"]` says around what."""

    file_extension = ".html"
    output_mimetype = "text/html"
    export_from_notebook = ""

    def from_notebook_node(  # type: ignore[override]
        self, nb: Any, resources: Any = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page of a chapter; raises RunFailed for an output a page cannot show."""
        notebook, resources = super().from_notebook_node(nb, resources, **kw)
        around = (resources or {}).get("page", {})
        return pages.chapter(blocks(notebook), around), resources


def blocks(notebook: Any) -> list[Block]:
    """What the page shows, in order; the answer stands right below the title."""
    found: list[Block] = []
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "markdown":
            found += _prose(cell.source, first=not found)
        elif cell.cell_type == "code":
            found += [block for output in cell.outputs if (block := _block(output, number))]
    shown = [block for block in found if block["kind"] not in ("lead", "made")]
    leads = [block for block in found if block["kind"] == "lead"]
    after: list[Block | None] = [*shown[1:], None]
    full = [
        block
        for block, next_one in zip(shown, after, strict=True)
        if not _is_empty(block, next_one)
    ]
    return [*full[:1], *leads, *full[1:]]


def _prose(markdown: str, *, first: bool) -> list[Block]:
    """A prose block; the first one of a page in two, so that the answer fits below the title."""
    title, _, rest = markdown.strip().partition("\n") if first else (markdown, "", "")
    return [{"kind": "prose", "text": text} for text in (title, rest.strip()) if text.strip()]


def _is_empty(block: Block, after: Block | None) -> bool:
    """Whether a block is a heading whose content the page shows elsewhere."""
    if block["kind"] != "prose" or len(block["text"].strip().splitlines()) > 1:
        return False
    ends = after is None or (after["kind"] == "prose" and after["text"].startswith("#"))
    return block["text"].startswith("##") and ends


def summary(notebook: Any) -> dict[str, str]:
    """The question (first heading) and the answer (lead) of a chapter, as text."""
    shown = blocks(notebook)
    title = next((_heading(block["text"]) for block in shown if block["kind"] == "prose"), "")
    lead = next((block["text"] for block in shown if block["kind"] == "lead"), "")
    return {"title": title, "lead": lead}


def _heading(markdown: str) -> str:
    first = markdown.strip().splitlines()[0] if markdown.strip() else ""
    return first.lstrip("# ").strip()


def _block(output: Any, cell: int) -> Block | None:
    if output.output_type == "stream" and output.name == "stderr":
        return None
    data = output.get("data", {})
    if findings.MIME in data:
        return None
    if MIME not in data:
        kinds = ", ".join(sorted(data)) or "printed text"
        raise RunFailed(
            f"cell {cell} shows {kinds}, which a page cannot show; "
            "show tables with cx.plots.table and figures of cx.plots."
        )
    block: Block = dict(data[MIME])
    if block["kind"] in ("table", "sentences", "quotes") and not block["rows"]:
        return None
    if block["kind"] == "figure":
        block["drawing"] = _drawing(data[PLOTLY], cell)
    return block


def _drawing(figure: dict[str, Any], cell: int) -> dict[str, Any]:
    """The figure without its title, which the page prints itself; group rows only."""
    points = sum(len(trace.get("x", [])) for trace in figure["data"])
    if points > MOST_POINTS or '"customdata"' in json.dumps(figure["data"]):
        raise RunFailed(f"cell {cell} has a figure of single rows; draw groups instead.")
    layout = {key: value for key, value in figure["layout"].items() if key != "title"}
    margin = {**layout.get("margin", {})}
    above = 40 if layout.get("showlegend") else 12
    removed = figure["layout"]["template"]["layout"]["margin"]["t"] - above
    layout |= {"height": layout["height"] - removed, "margin": {**margin, "t": above}}
    shown = _rounded({"data": figure["data"], "layout": layout})
    return {**shown, "config": figure.get("config", {})}


def _rounded(drawn: Any) -> Any:
    """Numbers to the digits findings keep: the last ones of a sum depend on its order."""
    if isinstance(drawn, dict):
        return {name: _rounded(value) for name, value in drawn.items()}
    if isinstance(drawn, list):
        return [_rounded(value) for value in drawn]
    return float(f"{drawn:.{findings.DIGITS}g}") if isinstance(drawn, float) else drawn
