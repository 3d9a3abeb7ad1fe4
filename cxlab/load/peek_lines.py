"""What `peek` found, as lines of text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxlab.load.draft import draft

_WIDEST, _MOST_COLUMNS = 40, 200
_SIGNS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}


def lines(said: Mapping[str, Any]) -> list[str]:
    """The facts, one line per column, the problems, and a draft for study.toml."""
    columns = said["columns"]
    found = [f"{_seen(said['file'])}", *_facts(said), ""]
    found += _aligned([_HEAD, *map(_row, columns[:_MOST_COLUMNS])])
    if len(columns) > _MOST_COLUMNS:
        found.append(f"… and {len(columns) - _MOST_COLUMNS:,} more columns")
    for title in ("personal", "problems", "notes"):
        if said[title]:
            found += [
                "",
                f"{title.capitalize()}:",
                *(f"  {_seen(line)}" for line in _said(said, title)),
            ]
    return [*found, "", "A draft for study.toml:", "", *(f"  {line}" for line in draft(said))]


_HEAD = ("column", "type", "scale", "empty", "distinct", "codes", "wording")


def _facts(said: Mapping[str, Any]) -> list[str]:
    facts = [("recognised as", said["format"]), ("encoding", said["encoding"] or "not text")]
    dialect = said["dialect"]
    if dialect:
        sign = _SIGNS.get(dialect["delimiter"], dialect["delimiter"])
        heads = dialect["header_rows"]
        told = [sign, f"line ends {dialect['line_ends']}", f"decimal `{dialect['decimal']}`"]
        told += [f"{heads} header {'row' if heads == 1 else 'rows'}"] if heads else []
        facts.append(("dialect", ", ".join(told)))
    rows = f"{said['rows']:,}"
    if said["rows_looked_at"] < said["rows"]:
        rows += f" (the first {said['rows_looked_at']:,} looked at)"
    facts += [("rows", rows), ("columns", f"{len(said['columns']) + len(said['personal']):,}")]
    return [f"  {name:<15}{value}" for name, value in facts]


def _row(column: Mapping[str, Any]) -> tuple[str, ...]:
    scale = column["scale"]
    spoken = f"{scale[0]:g} to {scale[1]:g} ({scale[2]})" if scale else ""
    return (
        _seen(column["name"], longest=_WIDEST),
        column["type"] + ("?" if column["guessed"] and column["type"] else ""),
        spoken,
        f"{column['empty']:,}",
        f"{column['distinct']:,}",
        " ".join(column.get("codes", ())),
        _seen(column["wording"], longest=2 * _WIDEST),
    )


def _said(said: Mapping[str, Any], title: str) -> Sequence[str]:
    if title != "personal":
        return said[title]
    return [f"{name}: {count:,} filled cells, never shown" for name, count in said[title].items()]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _seen(text: str, *, longest: int = 400) -> str:
    """The text on one line; what would move a terminal's cursor is left out."""
    one = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return one if len(one) <= longest else one[: longest - 1] + "…"
