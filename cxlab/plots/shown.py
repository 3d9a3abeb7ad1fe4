"""What a notebook cell hands to a page: plain data, no markup.

JupyterLab shows the HTML form; the report takes the data form and writes its own
markup, so nothing in a page was ever HTML before it got there.
"""

from __future__ import annotations

from html import escape
from typing import Any

MIME = "application/vnd.cxlab.page+json"


class Shown:
    """Something to read: a payload with a `kind`, and how it looks in JupyterLab."""

    def __init__(self, payload: dict[str, Any], *, text: str) -> None:
        self.payload = payload
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": self.text, "text/html": as_html(self.payload), MIME: self.payload}


def sentence(text: str, *, kind: str = "sentence") -> Shown:
    """One or more sentences; kind "lead" is the answer a chapter opens with."""
    return Shown({"kind": kind, "text": text}, text=text)


def sentences(texts: list[str]) -> Shown:
    """Several statements, one below the other."""
    return Shown({"kind": "sentences", "rows": texts}, text="\n".join(texts))


def facts(rows: list[tuple[str, str]], *, kind: str = "facts") -> Shown:
    """Names and values in pairs, such as how a page was made."""
    text = "\n".join(f"{name}: {value}" for name, value in rows)
    return Shown({"kind": kind, "rows": [list(row) for row in rows]}, text=text)


def quotes(rows: list[tuple[str, list[tuple[str, str]]]]) -> Shown:
    """What people wrote, under what it is about: each a note on it and the quote itself."""
    told = [
        {"about": about, "quotes": [{"note": note, "text": text} for note, text in each]}
        for about, each in rows
    ]
    lines = [
        f"{about} ({note}): “{text}”" if note else f"{about}: “{text}”"
        for about, each in rows
        for note, text in each
    ]
    return Shown({"kind": "quotes", "rows": told}, text="\n".join(lines))


def as_html(payload: dict[str, Any]) -> str:
    """The payload as plain HTML for JupyterLab, everything escaped."""
    if payload["kind"] in ("sentence", "lead"):
        return f"<p>{escape(payload['text'])}</p>"
    if payload["kind"] == "sentences":
        return "".join(f"<p>{escape(text)}</p>" for text in payload["rows"])
    if payload["kind"] == "quotes":
        return "".join(_quoted(part) for part in payload["rows"])
    head = payload.get("head", [])
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in payload["rows"])
    caption = escape(payload.get("caption", ""))
    return f"<table><caption>{caption}</caption><tr>{top}</tr>{body}</table>"


def _quoted(part: dict[str, Any]) -> str:
    each = "".join(
        f"<blockquote>{escape(quote['text'])} <small>{escape(quote['note'])}</small></blockquote>"
        for quote in part["quotes"]
    )
    return f"<p><strong>{escape(part['about'])}</strong></p>{each}"


def _cells(row: list[str]) -> str:
    return "".join(f"<td>{escape(cell)}</td>" for cell in row)


def table(
    caption: str, head: list[str], rows: list[list[str]], *, keys: int, folded: bool = False
) -> Shown:
    """A table of texts; its first `keys` columns say what a row is about."""
    payload = {"kind": "table", "caption": caption, "head": head, "rows": rows, "keys": keys}
    payload["folded"] = folded
    return Shown(payload, text="\n".join(" | ".join(row) for row in [head, *rows]))
