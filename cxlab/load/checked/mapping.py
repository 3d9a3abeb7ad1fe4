"""study.toml and one file → the columns to build from it, and its items.

The mapping is explicit. Only a [[files]] block without any `columns` (or `items`) takes the
columns (items) of the file that have exactly the codebook's names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import polars as pl

from cxlab.codebook import DATE_FROM, TABLES, Item, Scale
from cxlab.errors import ColumnMissing, ScaleMismatch, StudyInvalid, missing_column
from cxlab.load.checked import cells, labels, quick, writers
from cxlab.load.checked.cells import Dialect, Fault, Steps, Typed
from cxlab.load.checked.quick import Quick
from cxlab.load.loaded import ROW, FileItem, Loaded
from cxlab.redact import known, redacted
from cxlab.redact.known import People
from cxlab.settings import (
    FileSettings,
    ItemSettings,
    Settings,
    Source,
    require_recommend_scale,
)

# Open text beside the comments of responses.
FREE_TEXT = {"comments": ("text",), "posts": ("text",), "ideas": ("title", "text")}
SCORED = ("rating", "multi-select")
OPEN = ("comment", "text")
# An option of which one may tick several: ticked, or not.
TICKS = Scale(0, 1)


@dataclass
class Plan:
    """What to build: values by column, the faults that reject a row, codes not scored."""

    values: dict[str, pl.Expr] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    not_applicable: dict[str, pl.Expr] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    asked: dict[str, Source] = field(default_factory=dict)
    found: dict[str, FileItem] = field(default_factory=dict)
    steps: Steps = field(default_factory=Steps)
    quick: dict[str, Quick] = field(default_factory=dict)
    # The name of whom a row is about: in no table, looked for in what people wrote.
    called: pl.Expr | None = None

    def add(
        self,
        name: str,
        typed: Typed,
        *,
        first: tuple[Fault, ...] = (),
        quick: Quick | None = None,
    ) -> None:
        """One more column, with the faults of its recoding before those of its type."""
        if quick is not None and not first:
            self.quick[name] = quick
        self.values[name] = typed.value
        self.faults += [*first, *typed.faults]
        if typed.not_applicable is not None:
            self.not_applicable[name] = typed.not_applicable


def plan(
    file: FileSettings,
    loaded: Loaded,
    *,
    settings: Settings,
    name: str,
    people: People | None = None,
) -> Plan:
    """The plan for one file; names of `people` are replaced in what was written.

    Raises ColumnMissing, StudyInvalid and ScaleMismatch.
    """
    made = Plan()
    dialect = Dialect(file.decimal, file.null_values, settings.zone)
    sources = _column_sources(file, loaded)
    _require_mapped(file, sources, name=name)
    _add_columns(made, file, sources, loaded=loaded, dialect=dialect, name=name)
    for column in FREE_TEXT.get(file.table, ()):
        if column in made.values:
            made.values[column] = _redacted(made, made.values[column], settings, people)
    _add_writer(made, file, sources, loaded=loaded, settings=settings, dialect=dialect, name=name)
    _add_date(made, file.table, zone=settings.zone)
    if file.table == "responses":
        private = partial(_redacted, made, settings=settings, people=people)
        _add_items(
            made, file, loaded, settings=settings, dialect=dialect, name=name, private=private
        )
        _add_attributes(made, file, loaded, dialect=dialect, name=name)
    return made


def item_of(declared: ItemSettings, found: FileItem, *, where: str) -> Item:
    """An item as study.toml declares it, completed by what the file says.

    Raises StudyInvalid for a rating without a scale, and ScaleMismatch for an item
    declared `recommend` that is not scored 0 to 10, whoever says so.
    """
    known = declared.labels if declared.labels is not None else found.labels
    missing = {**labels.no_answers(known), **found.missing, **(declared.not_applicable or {})}
    derived = labels.scale_of(known, without=missing)
    if derived is None and declared.labels is None:
        derived = found.scale
    scale = _scale(declared, derived)
    kind = declared.kind or _kind(declared, known, scale, found=found)
    if kind == "multi-select":
        scale = TICKS
    item = Item(
        name=declared.name,
        wording=declared.wording or found.wording,
        construct=declared.construct or ("comment" if kind == "comment" else "other"),
        kind=kind,
        scale=scale if kind in SCORED else None,
        not_applicable=missing,
        labels={code: labels.plain(label, code=code) or label for code, label in known.items()},
        who_can_act=declared.who_can_act or "",
    )
    _check_item(item, derived, where=where)
    return item


def _column_sources(file: FileSettings, loaded: Loaded) -> dict[str, Source]:
    if file.columns:
        return dict(file.columns)
    own = [name for name in TABLES[file.table].names if name in loaded.columns]
    return {name: Source(column=name) for name in own if name not in file.constants}


def _item_sources(
    file: FileSettings, loaded: Loaded, *, declared: Mapping[str, ItemSettings]
) -> dict[str, Source]:
    if file.items:
        return dict(file.items)
    return {name: Source(column=name) for name in declared if name in loaded.columns}


def _require_mapped(file: FileSettings, sources: Mapping[str, Source], *, name: str) -> None:
    for column in TABLES[file.table].columns:
        if not column.required or column.name in sources or column.name in file.constants:
            continue
        hint = ""
        if column.key:
            hint = f" Where the file has none, number its rows: {column.name} = {{ row = true }}."
        raise StudyInvalid(
            f"The [[files]] block of `{name}` must say which column is `{column.name}` "
            f"({column.meaning}), which {file.table} cannot do without.{hint}"
        )


def _add_columns(
    made: Plan,
    file: FileSettings,
    sources: Mapping[str, Source],
    *,
    loaded: Loaded,
    dialect: Dialect,
    name: str,
) -> None:
    for column in TABLES[file.table].columns:
        if column.personal:
            # Left in raw/, but a mapping that points nowhere is still a mistake.
            if column.name in sources:
                source = sources[column.name]
                if source.column not in loaded.personal:
                    source = _resolved(source, loaded, name=name)
                if (file.table, column.name) == ("customers", "name"):
                    made.called = cells.cell_of(source, dialect=dialect, row=ROW, steps=made.steps)
            continue
        if column.name in file.constants:
            source = Source()
            faults: tuple[Fault, ...] = ()
            cell = pl.lit(file.constants[column.name])
        elif column.name in sources:
            source = _zoned(_resolved(sources[column.name], loaded, name=name), loaded)
            cell, faults = _cell(column.name, source, loaded, dialect=dialect, steps=made.steps)
        else:
            continue
        typed = cells.typed(cell, column, source=source, dialect=dialect, steps=made.steps)
        made.add(
            column.name,
            typed,
            first=faults,
            quick=quick.time(cell, column, source=source, dialect=dialect, steps=made.steps),
        )


def _add_writer(
    made: Plan,
    file: FileSettings,
    sources: Mapping[str, Source],
    *,
    loaded: Loaded,
    settings: Settings,
    dialect: Dialect,
    name: str,
) -> None:
    """A pseudonym in place of the author, unless the file has a `writer` of its own."""
    author = sources.get("author")
    if author is None or file.table != "posts" or "writer" in made.values:
        return
    if author.column in loaded.personal:
        return
    source = _resolved(author, loaded, name=name)
    cell = cells.cell_of(source, dialect=dialect, row=ROW, steps=made.steps)
    made.add("writer", Typed(writers.writer(cell, study=settings.name), ()))


def _redacted(made: Plan, text: pl.Expr, settings: Settings, people: People | None) -> pl.Expr:
    """The text with everything private replaced, and the names of those whom the study knows."""
    safe = redacted(text, shapes=settings.private_numbers)
    if people is None:
        return safe
    return known.redacted(safe, people=people, whose=made.values.get("customer_id"))


def _add_date(made: Plan, table: str, *, zone: str) -> None:
    time = DATE_FROM.get(table)
    if "date" in made.values or time not in made.values:
        return
    made.values["date"] = made.values[time].dt.convert_time_zone(zone).dt.date()
    if time in made.quick:
        made.quick["date"] = quick.day(made.quick[time], zone=zone)


def _add_items(
    made: Plan,
    file: FileSettings,
    loaded: Loaded,
    *,
    settings: Settings,
    dialect: Dialect,
    name: str,
    private: Callable[[pl.Expr], pl.Expr],
) -> None:
    for item_name, given in _item_sources(file, loaded, declared=settings.items).items():
        source = _resolved(given, loaded, name=name)
        declared = settings.items.get(item_name, ItemSettings(item_name))
        found = loaded.items.get(str(source.column), FileItem())
        item = item_of(declared, found, where=f"`{name}`")
        cell = cells.cell_of(source, dialect=dialect, row=ROW, steps=made.steps)
        cell, faults = cells.recoded(cell, source, name=item_name, steps=made.steps)
        if item.kind in OPEN:
            cell = private(cell)
        strict = bool(declared.labels)
        made.add(
            item_name,
            _answer(cell, item, strict=strict, steps=made.steps),
            first=faults,
            quick=quick.rating(cell, item, steps=made.steps) if item.kind in SCORED else None,
        )
        made.items[item_name] = item
        made.asked[item_name], made.found[item_name] = source, found


def _answer(cell: pl.Expr, item: Item, *, strict: bool, steps: Steps) -> Typed:
    if item.kind in SCORED:
        return cells.rating(cell, item, steps=steps)
    if item.kind == "choice":
        return cells.choice(cell, item, strict=strict, steps=steps)
    return Typed(cell, ())


def _add_attributes(
    made: Plan, file: FileSettings, loaded: Loaded, *, dialect: Dialect, name: str
) -> None:
    for attribute, given in file.attributes.items():
        source = _resolved(given, loaded, name=name)
        cell, faults = _cell(attribute, source, loaded, dialect=dialect, steps=made.steps)
        made.add(attribute, Typed(cell, ()), first=faults)


def _cell(
    name: str, source: Source, loaded: Loaded, *, dialect: Dialect, steps: Steps
) -> tuple[pl.Expr, tuple[Fault, ...]]:
    """The text of a column: recoded as declared, else by the value labels of the file."""
    cell = cells.cell_of(source, dialect=dialect, row=ROW, steps=steps)
    found = loaded.items.get(str(source.column), FileItem())
    if found.labels and not source.values:
        return cells.labelled(cell, found.labels, steps=steps), ()
    return cells.recoded(cell, source, name=name, steps=steps)


def _resolved(source: Source, loaded: Loaded, *, name: str) -> Source:
    """The source with its column as the file spells it; blanks around a name do not matter."""
    if source.column is None or source.column in loaded.columns:
        return source
    if source.column in loaded.personal:
        raise StudyInvalid(
            f"`{name}`: `{source.column}` is about the person who answered; intake leaves it in "
            "raw/, and no table can have it."
        )
    alike = [column for column in loaded.columns if column.strip() == source.column.strip()]
    if len(alike) == 1:
        return replace(source, column=alike[0])
    raise ColumnMissing(missing_column(source.column, list(loaded.columns), what=f"`{name}`"))


def _zoned(source: Source, loaded: Loaded) -> Source:
    """The source with the time zone the file names, unless study.toml names one."""
    zone = loaded.items.get(str(source.column), FileItem()).zone
    return replace(source, zone=zone) if zone and source.zone is None else source


def _scale(declared: ItemSettings, derived: Scale | None) -> Scale | None:
    if declared.scale is None:
        if derived is None or declared.better is None:
            return derived
        return Scale(derived.low, derived.high, declared.better)
    better = declared.better or (derived.better if derived else "up")
    return Scale(*declared.scale, better)


def _kind(
    declared: ItemSettings, known: Mapping[str, str], scale: Scale | None, *, found: FileItem
) -> str:
    if declared.construct == "comment":
        return "comment"
    if found.kind == "multi-select" and declared.scale is None:
        return "multi-select"
    if scale is not None:
        return "rating"
    return "choice" if known or found.kind == "choice" else "text"


def _check_item(item: Item, derived: Scale | None, *, where: str) -> None:
    if item.kind == "rating" and item.scale is None:
        raise StudyInvalid(
            f"[items.{item.name}] must have a scale, like scale = [1, 5]: {where} has no labels "
            "from which it could be read."
        )
    require_recommend_scale(item, where=where)
    if derived is not None and item.construct == "recommend":
        # A declared 0 to 10 does not make an answer out of a point the file never offered.
        as_labelled = Item(item.name, construct=item.construct, scale=derived)
        require_recommend_scale(as_labelled, where=where)


def merged(into: dict[str, Item], new: Mapping[str, Item], *, name: str) -> None:
    """Add a file's items to the study's; raise ScaleMismatch where two files differ."""
    for item in new.values():
        before = into.get(item.name)
        if before is None:
            into[item.name] = item
        elif before.scale != item.scale:
            raise ScaleMismatch(
                f"`{name}` scores `{item.name}` {_said(item.scale)}, an earlier file "
                f"{_said(before.scale)}. Recode one of them, or give them two names."
            )
        else:
            codes = {**item.not_applicable, **before.not_applicable}
            into[item.name] = replace(before, not_applicable=codes)


def _said(scale: Scale | None) -> str:
    return "as text" if scale is None else f"{scale.low:g} to {scale.high:g} ({scale.better})"
