"""A study folder opened: its checked tables, its items, its settings, its fingerprint.

Opening runs intake when the tables are missing or the exports have changed since. A study
may be opened for one group of customers; which rows those are is said in study_part.
"""

from __future__ import annotations

import sys
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from cxlab import study_part
from cxlab.codebook import CONSTRUCTS, TABLES, Item, item_from_row
from cxlab.errors import TableMissing, UnknownName, listed, near, require_known
from cxlab.load.checked import receipt as receipts
from cxlab.load.intake import files_of, intake
from cxlab.settings import Settings
from cxlab.settings import read as read_settings


class Study:
    """One study. Its codebook tables are attributes that give LazyFrames: `study.responses`.

    With a `part` the tables hold the rows of that group; the receipt, its fingerprint and
    the rejected rows stay those of the whole study, which `whole` gives.
    """

    def __init__(
        self,
        folder: Path,
        *,
        tables: Path,
        receipt: dict[str, Any],
        part: str = "",
        published: str | Path = "",
        settings: Settings | None = None,
    ) -> None:
        self.folder = folder
        self.part = part
        self.published = Path(published) if published else None
        self.settings = settings or read_settings(folder)
        self.receipt = receipt
        self._tables = tables
        self._part = study_part.parse(part) if part else None
        if self._part:
            study_part.require(self._part, self._whole("responses"), items=self.items["item"])

    def __repr__(self) -> str:
        return f"Study({self.name!r}: {', '.join(self.tables)})"

    def __getattr__(self, name: str) -> pl.LazyFrame:
        if name not in TABLES:
            raise AttributeError(f"A study has no `{name}`. {near(name, dir(self))}".strip())
        return self.table(name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *TABLES]

    @property
    def name(self) -> str:
        """The study's name, as titles show it, and whose report it is."""
        own = self.settings.name
        return f"{own} · {self._part.title}" if self._part else own

    @property
    def whole(self) -> Study:
        """The study with everybody in it."""
        return Study(
            self.folder,
            tables=self._tables,
            receipt=self.receipt,
            published=self.published or "",
            settings=self.settings,
        )

    @property
    def fingerprint(self) -> str:
        """The sha256 of study.toml, of every export, the register, the themes, the word lists."""
        return receipts.with_choices(self.receipt["fingerprint"], self.settings)

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """The codebook tables this study has; of a part, those that know whom they are about."""
        every = tuple(self.receipt["tables"])
        if self._part is None:
            return every
        told = {name: self._rows(name) for name in every}
        people = told.get("customers")
        if people is not None and people.head(1).collect().is_empty():
            told["customers"] = None
        return tuple(name for name, rows in told.items() if rows is not None)

    @property
    def weight(self) -> str | None:
        """The column of responses that weights every score; None without weights."""
        return self.settings.weight

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The columns of responses a report breaks scores down by; of a part, those that vary."""
        named = self.settings.groups
        if self._part is None or not named:
            return named
        counts = self.responses.select(pl.col(named).n_unique()).collect().row(0, named=True)
        return tuple(name for name in named if counts[name] > 1)

    @property
    def divisions(self) -> tuple[str, ...]:
        """The columns by which the study can be opened in parts."""
        return study_part.columns(self._whole("responses"), items=self.items["item"])

    @property
    def minimum_base(self) -> int:
        """The number of answers below which a group is hidden."""
        return self.settings.minimum_base

    @property
    def zone(self) -> str:
        """The time zone in which days and months begin."""
        return self.settings.zone

    @property
    def currency(self) -> str:
        """The currency of amounts of money."""
        return self.settings.currency

    @cached_property
    def items(self) -> pl.DataFrame:
        """One row per item: wording, construct, kind, low, high, better, code lists as JSON."""
        return pl.read_parquet(self._tables / "items.parquet")

    @cached_property
    def rejected(self) -> pl.DataFrame:
        """One row per rejected row: file, row, table, column, value_class, reason."""
        return pl.read_parquet(self._tables / "rejected.parquet")

    @cached_property
    def not_scored(self) -> pl.DataFrame:
        """One row per answer that is no score: response_id, item, code, meaning."""
        return self.with_answers(pl.scan_parquet(self._tables / "not_scored.parquet")).collect()

    @cached_property
    def asked(self) -> pl.DataFrame:
        """One row per item and file: wave, column, wording, labels, grid, as the file has them."""
        return pl.read_parquet(self._tables / "asked.parquet")

    def table(self, name: str) -> pl.LazyFrame:
        """A codebook table. Raises UnknownName, and TableMissing when the study has none."""
        require_known(name, TABLES, what="table")
        if name not in self.tables:
            raise TableMissing(
                f"The study `{self.name}` has no `{name}`; it has {listed(self.tables)}. "
                f'To add it, point a [[files]] block with table = "{name}" at an export.'
            )
        found = self._rows(name)
        return self._whole(name) if found is None else found

    def with_answers(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The rows of a frame with a `response_id` whose answer sheet is of this part."""
        if self._part is None:
            return frame
        return study_part.of(self.responses, frame, key="response_id")

    def beside(self, name: str) -> Path:
        """A folder beside the tables for what can be made from them again."""
        return self._tables / name

    def item(self, name: str) -> Item:
        """One item of the study. Raises UnknownName with near matches."""
        every = {item.name: item for item in self._every_item}
        if name not in every:
            has = f"It has {listed(every)}."
            raise UnknownName(
                f"The study `{self.name}` has no item `{name}`. {near(name, every) or has}"
            )
        return every[name]

    def items_of(self, construct: str) -> tuple[Item, ...]:
        """The items that measure a construct, in the order of study.toml."""
        require_known(construct, CONSTRUCTS, what="construct")
        return tuple(item for item in self._every_item if item.construct == construct)

    def _whole(self, name: str) -> pl.LazyFrame:
        return pl.scan_parquet(self._tables / f"{name}.parquet", glob=False)

    def _rows(self, name: str) -> pl.LazyFrame | None:
        """The table, or of a part what is of it; None where it cannot tell."""
        if self._part is None:
            return self._whole(name)
        return study_part.rows(self._part, name, self._whole, has=self.receipt["tables"])

    @cached_property
    def _every_item(self) -> tuple[Item, ...]:
        return tuple(item_from_row(row) for row in self.items.iter_rows(named=True))


def open(
    folder: str | Path,
    *,
    tables: str | Path | None = None,
    part: str = "",
    published: str | Path = "",
) -> Study:
    """The study in a folder, taken in first when its tables are missing or stale.

    `tables` says where the checked tables are kept, by default in the study's own folder;
    `part` keeps the customers of one group ("segment=premium"); `published` is the folder
    of packs that readers have already. Raises what intake raises.
    """
    place = Path(folder)
    kept = Path(tables) if tables is not None else place / "tables"
    settings = read_settings(place)
    found = ((name, path) for _, path, name in files_of(settings))
    receipt = receipts.read(kept)
    if not receipts.is_fresh(receipt, receipts.fingerprint(settings, found)):
        receipt = intake(place, tables=kept)
        print(summary(receipt), file=sys.stderr)
    return Study(
        place, tables=kept, receipt=receipt, part=part, published=published, settings=settings
    )


def summary(receipt: dict[str, Any]) -> str:
    """One line on what intake did."""
    read, kept, rejected = receipts.totals(receipt)
    return (
        f"{receipt['study']}: {len(receipt['files'])} files, {read:,} rows read, "
        f"{kept:,} kept, {rejected:,} rejected."
    )
