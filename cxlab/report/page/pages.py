"""Plain data into HTML: our own templates, everything escaped, nothing from the network.

Prose comes from the notebooks, which are ours; even there raw HTML is printed as text.
All else comes from data and meets the templates as text.

Not here: what a term means (glossary), a page as one file (alone), on paper (printed).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

from cxlab.plots.texts import readable
from cxlab.report.page import columns, glossary

HERE = Path(__file__).parent / "templates"
DEEPEST, FEWEST_SECTIONS = 6, 3
HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)
MARKUP = re.compile(r"<[^>]*>")


def chapter(blocks: list[dict[str, Any]], around: dict[str, Any]) -> str:
    """The page of one chapter from its blocks; `around` names title, study, links, making."""
    level = 1
    ready: list[dict[str, Any]] = []
    sections: list[dict[str, str]] = []
    for number, block in enumerate(blocks, start=1):
        done = {**block, "id": f"part-{number}"}
        if block["kind"] == "prose":
            done["html"], headings = prose(block["text"], after=len(sections))
            sections += [each for each in headings if each["level"] == "2"]
            level = int(headings[-1]["level"]) if headings else level
        elif block["kind"] == "figure":
            done |= {"level": min(max(level, 1) + 1, DEEPEST), "json": data(block["drawing"])}
            done["table"] = columns.dressed(block["table"])
        elif block["kind"] == "table":
            done = columns.dressed(done)
        ready.append(done)
    charts = any(block["kind"] == "figure" for block in blocks)
    shown = sections if len(sections) >= FEWEST_SECTIONS else []
    return _render(
        "chapter.html.j2", {**around, "blocks": ready, "charts": charts, "sections": shown}
    )


def front(content: dict[str, Any], around: dict[str, Any]) -> str:
    """The front page of a pack."""
    return _render("front.html.j2", {**around, **content, "charts": False})


def contents(content: dict[str, Any], around: dict[str, Any]) -> str:
    """The page that leads to the reports of all groups."""
    return _render("contents.html.j2", {**around, **content, "charts": False})


def data(value: Any) -> Any:
    """JSON for a script element: sorted, and without any character HTML could act on."""
    from markupsafe import Markup

    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(safe)


def prose(markdown: str, *, after: int = 0) -> tuple[Any, list[dict[str, str]]]:
    """Markdown of a notebook as HTML, and its headings: level, id and text.

    The sections of a page are numbered in their ids, from `after` on.
    """
    from markupsafe import Markup

    headings: list[dict[str, str]] = []

    def with_id(found: re.Match[str]) -> str:
        level, inner = found.groups()
        number = after + 1 + sum(each["level"] == "2" for each in headings)
        named = f"section-{number}" if level == "2" else ""
        headings.append({"level": level, "id": named, "text": unescape(MARKUP.sub("", inner))})
        return f'<h{level} id="{named}">{inner}</h{level}>' if named else found.group()

    html = HEADING.sub(with_id, _markdown()(markdown))
    return Markup(html), headings


@cache
def _markdown() -> Any:
    import mistune

    return mistune.create_markdown(escape=True, plugins=["table"])


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        finalize=_told,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _told(value: Any) -> Any:
    """What a template prints: text from data without marks that could turn or hide it."""
    from markupsafe import Markup

    return readable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _render(name: str, context: dict[str, Any]) -> str:
    """The page, and at its end the meaning of the terms it uses."""
    template, inline = _environment().get_template(name), _inline(charts=context["charts"])
    page = str(template.render(**context, **inline, terms=[]))
    terms = glossary.terms_in(page)
    return str(template.render(**context, **inline, terms=terms)) if terms else page


def _inline(*, charts: bool) -> dict[str, Any]:
    from markupsafe import Markup

    style = (HERE / "pack.css").read_text(encoding="utf-8")
    script = (HERE / "pack.js").read_text(encoding="utf-8")
    rules = policy(style, script, charts=charts)
    return {"style": Markup(style), "script": Markup(script), "policy": rules}


def policy(style: str, script: str, *, charts: bool) -> str:
    """The Content-Security-Policy: this style, this script, the pack's own files, no more.

    plotly styles what it draws inline, so pages with charts allow inline styles; with no
    network, no fonts and no images but its own, a style can do nothing.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {digest(script)}" if charts else "script-src 'none'",
            "style-src 'unsafe-inline'" if charts else f"style-src {digest(style)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def digest(text: str) -> str:
    """A text as a Content-Security-Policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
