"""Plain data into HTML: our own templates, everything escaped, nothing from the network.

Prose comes from the notebooks, which are ours; even there raw HTML is printed as text.
All else comes from data and meets the templates as text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "templates"
DEEPEST = 6


def chapter(blocks: list[dict[str, Any]], around: dict[str, Any]) -> str:
    """The page of one chapter from its blocks; `around` names title, study, links, making."""
    level = 1
    ready = []
    for number, block in enumerate(blocks, start=1):
        done = {**block, "id": f"part-{number}"}
        if block["kind"] == "prose":
            done["html"], level = prose(block["text"], level)
        elif block["kind"] == "figure":
            done |= {"level": min(max(level, 1) + 1, DEEPEST), "json": data(block["drawing"])}
        ready.append(done)
    charts = any(block["kind"] == "figure" for block in blocks)
    return _render("chapter.html.j2", {**around, "blocks": ready, "charts": charts})


def front(content: dict[str, Any], around: dict[str, Any]) -> str:
    """The front page of a pack."""
    return _render("front.html.j2", {**around, **content, "charts": False})


def data(value: Any) -> Any:
    """JSON for a script element: sorted, and without any character HTML could act on."""
    from markupsafe import Markup

    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(safe)


def prose(markdown: str, level: int) -> tuple[Any, int]:
    """Markdown of a notebook as HTML, and the level of its last heading."""
    from markupsafe import Markup

    html = _markdown()(markdown)
    found = [int(html[at + 2]) for at in range(len(html) - 2) if _is_heading(html, at)]
    return Markup(html), found[-1] if found else level


def _is_heading(html: str, at: int) -> bool:
    return html[at : at + 2] == "<h" and html[at + 2].isdigit()


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
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _render(name: str, context: dict[str, Any]) -> str:
    from markupsafe import Markup

    style = (HERE / "pack.css").read_text(encoding="utf-8")
    script = (HERE / "pack.js").read_text(encoding="utf-8")
    inline = {"style": Markup(style), "script": Markup(script)}
    rules = policy(style, script, charts=context["charts"])
    return str(_environment().get_template(name).render(**context, **inline, policy=rules))


def policy(style: str, script: str, *, charts: bool) -> str:
    """The Content-Security-Policy: this style, this script, the pack's own files, no more.

    plotly styles what it draws inline, so pages with charts allow inline styles; with no
    network, no fonts and no images but its own, a style can do nothing.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {_digest(script)}" if charts else "script-src 'none'",
            "style-src 'unsafe-inline'" if charts else f"style-src {_digest(style)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
