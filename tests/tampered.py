"""Changes somebody could make to a published pack, each as one function of its folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from cxlab import findings
from cxlab.report.pack import manifest

Change = Callable[[Path], object]
PAGE, FRONT = "loyalty.html", "index.html"
CHECKED = '<meta name="viewport"'


def relist(folder: Path) -> None:
    """The manifest says what is there now, as a careful forger would have it."""
    says = manifest.read(folder)
    text = json.dumps({**says, "files": manifest.digests(folder)}, ensure_ascii=False)
    (folder / manifest.NAME).write_text(text, encoding="utf-8")


def replaced(old: str, new: str, *, page: str = PAGE) -> Change:
    """The first `old` of a page is `new`."""

    def change(folder: Path) -> None:
        text = (folder / page).read_text(encoding="utf-8")
        assert old in text, f"{page} must have {old}"
        (folder / page).write_text(text.replace(old, new, 1), encoding="utf-8")
        relist(folder)

    return change


def added(html: str, *, page: str = FRONT) -> Change:
    """Something more stands at the end of a page's content."""
    return replaced("</main>", f"{html}</main>", page=page)


def said(**other: Any) -> Change:
    """The manifest says something else."""

    def change(folder: Path) -> None:
        says = {**manifest.read(folder), **other}
        (folder / manifest.NAME).write_text(json.dumps(says, ensure_ascii=False), encoding="utf-8")

    return change


def unsaid(key: str) -> Change:
    """The manifest lacks a key."""

    def change(folder: Path) -> None:
        says = manifest.read(folder)
        del says[key]
        (folder / manifest.NAME).write_text(json.dumps(says), encoding="utf-8")

    return change


def put(name: str, content: str | bytes, *, listed: bool = True) -> Change:
    """A file has this content, whether it was there or not."""

    def change(folder: Path) -> None:
        data = content.encode() if isinstance(content, str) else content
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
        if listed:
            relist(folder)

    return change


def removed(name: str, *, listed: bool = True) -> Change:
    """A file is gone; `listed`: also from the manifest."""

    def change(folder: Path) -> None:
        (folder / name).unlink()
        if listed:
            relist(folder)

    return change


def drawn(change_figure: Callable[[dict[str, Any]], object]) -> Change:
    """The first chart of the page has other data."""

    def change(folder: Path) -> None:
        text = (folder / PAGE).read_text(encoding="utf-8")
        start = text.index(">", text.index("data-figure")) + 1
        end = text.index("</script>", start)
        figure = json.loads(text[start:end])
        change_figure(figure)
        told = json.dumps(figure).replace("<", "\\u003c")
        (folder / PAGE).write_text(text[:start] + told + text[end:], encoding="utf-8")
        relist(folder)

    return change


def found(*, both: bool = True, raw: bool = False, **values: Any) -> Change:
    """The first shown finding has other values; `both`: in the CSV as well, or `raw` there."""

    def change(folder: Path) -> None:
        table = pl.read_parquet(folder / "findings.parquet")
        at = table["hidden"].is_null().arg_max()
        first = pl.int_range(pl.len()) == at
        told = [
            pl.when(first)
            .then(pl.lit(value, dtype=table.schema[name]))
            .otherwise(pl.col(name))
            .alias(name)
            for name, value in values.items()
        ]
        texts = [name for name, kind in table.schema.items() if kind == pl.String]
        changed = table.with_columns(told)
        changed.write_parquet(folder / "findings.parquet")
        sheet = findings.defused(changed, texts)
        if raw:
            sheet = findings.defused(table, texts).with_columns(told)
        if both:
            sheet.write_csv(folder / "findings.csv", float_precision=6)
        relist(folder)

    return change


def tabled(change_table: Callable[[pl.DataFrame], pl.DataFrame]) -> Change:
    """findings.parquet holds another table than findings.csv."""

    def change(folder: Path) -> None:
        path = folder / "findings.parquet"
        change_table(pl.read_parquet(path)).write_parquet(path)
        relist(folder)

    return change
