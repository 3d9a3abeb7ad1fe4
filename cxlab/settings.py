"""What study.toml says: which file is which table, and what each item means.

`read(folder)` gives `Settings`. Every key is checked: an unknown one stops with its
near matches, because a misspelt setting that means "off" is worse than an error.

Not here: reading the files it points to (load).
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cxlab.arms import Arms, arms
from cxlab.blocks import REQUIRED, Block, kind_of, require_keys
from cxlab.changed import Change, Journeys, changes, journeys
from cxlab.codebook import CONSTRUCTS, ITEM_KINDS, TABLES, Item, Scale
from cxlab.contact import Asking, asking
from cxlab.design import (
    Comments,
    Fieldwork,
    Weighting,
    comments,
    fieldwork,
    redaction,
    weighting,
)
from cxlab.errors import ScaleMismatch, StudyInvalid, StudyNotFound, require_known

FORMATS = (
    *("csv", "xlsx", "parquet", "jsonl", "json", "spss", "qualtrics"),
    *("surveymonkey", "limesurvey", "typeform", "google-forms", "microsoft-forms"),
    *("zendesk", "helpdesk", "crm", "shopify", "reviews"),
)
BLOCKS = (
    *("study", "files", "items", "waves", "fieldwork", "weighting", "redaction"),
    *("comments", "journeys", "changes", "experiments", "report", "asking"),
)
# Files that bring wordings, choices and scales of their own.
WITH_ITEMS = (
    *("spss", "qualtrics", "surveymonkey", "limesurvey", "typeform"),
    *("google-forms", "microsoft-forms"),
)
# Below it an average tells what each of them said; the guard refuses it too.
SMALLEST_BASE = 3
# Words are known again where numbers are not: a quote needs so many times the base.
QUOTED = 3
REPEATS = ("reject", "first")
OTHERS = ("reject", "keep", "null")


@dataclass(frozen=True)
class Source:
    """Where a column comes from: a column of the file, or its row number, and how."""

    column: str | None = None
    format: tuple[str, ...] = ()
    zone: str | None = None
    prefix: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    other: str = "reject"
    row: bool = False
    wording: str = ""


@dataclass(frozen=True)
class FileSettings:
    """One [[files]] block."""

    path: str
    table: str
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str = "."
    sheet: str | None = None
    header_rows: int | None = None
    null_values: tuple[str, ...] = ()
    records: str | None = None
    uri_env: str | None = None
    query: str | None = None
    repeats: str = "reject"
    columns: Mapping[str, Source] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Source] = field(default_factory=dict)
    items: Mapping[str, Source] = field(default_factory=dict)


@dataclass(frozen=True)
class ItemSettings:
    """One [items.…] block; None is "as the file says"."""

    name: str
    wording: str | None = None
    construct: str | None = None
    kind: str | None = None
    scale: tuple[float, float] | None = None
    better: str | None = None
    not_applicable: Mapping[str, str] | None = None
    labels: Mapping[str, str] | None = None
    who_can_act: str | None = None


@dataclass(frozen=True)
class Settings:
    """A study.toml, read and checked."""

    folder: Path
    name: str
    language: str = "en"
    zone: str = "UTC"
    currency: str = ""
    minimum_base: int = 10
    quote_base: int = 30
    weight: str | None = None
    groups: tuple[str, ...] = ()
    files: tuple[FileSettings, ...] = ()
    items: Mapping[str, ItemSettings] = field(default_factory=dict)
    chapters: tuple[str, ...] = ()
    fieldwork: Fieldwork = field(default_factory=Fieldwork)
    weighting: Weighting | None = None
    private_numbers: Mapping[str, str] = field(default_factory=dict)
    comments: Comments = field(default_factory=Comments)
    journeys: Journeys = field(default_factory=Journeys)
    changes: tuple[Change, ...] = ()
    experiments: Mapping[str, Arms] = field(default_factory=dict)
    asking: Asking = field(default_factory=Asking)


def read(folder: str | Path) -> Settings:
    """The settings of the study in `folder`.

    Raises StudyNotFound without a study.toml, StudyInvalid for what cannot be,
    UnknownName for a key nobody knows, ScaleMismatch for a recommend item not 0 to 10.
    """
    folder = Path(folder)
    path = folder / "study.toml"
    if not path.is_file():
        raise StudyNotFound(f"A study is a folder with a study.toml; `{path}` is not there.")
    try:
        says = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyInvalid(f"`{path}` is not valid TOML: {error}.") from None
    return from_mapping(says, folder=folder)


def from_mapping(says: Mapping[str, Any], *, folder: Path) -> Settings:
    """The settings a parsed study.toml stands for."""
    require_keys(says, BLOCKS, where="study.toml")
    study = Block(_tables(says, "study"), where="[study]")
    report = Block(_tables(says, "report"), where="[report]")
    items = {name: _item(name, block) for name, block in _tables(says, "items").items()}
    settings = Settings(
        folder=folder,
        name=study.text("name"),
        language=study.text("language", "en"),
        zone=_zone(study.text("zone", "UTC"), where="[study] zone"),
        currency=study.text("currency", ""),
        minimum_base=(minimum := study.count("minimum_base", 10, least=SMALLEST_BASE)),
        quote_base=_quote_base(study, minimum),
        weight=_weight(study, says),
        groups=study.texts("groups"),
        files=_with_waves(_files(says.get("files", []), items=items), _waves(says, items=items)),
        items=items,
        chapters=report.texts("chapters"),
        fieldwork=fieldwork(_tables(says, "fieldwork")),
        weighting=weighting(says["weighting"]) if "weighting" in says else None,
        private_numbers=redaction(_tables(says, "redaction")),
        comments=comments(_tables(says, "comments")),
        journeys=journeys(_tables(says, "journeys")),
        changes=changes(says.get("changes", [])),
        experiments=arms(_tables(says, "experiments")),
        asking=asking(_tables(says, "asking")),
    )
    study.done()
    report.done()
    return settings


def require_recommend_scale(item: Item, *, where: str) -> None:
    """Raise ScaleMismatch unless an item declared `recommend` is scored 0 to 10."""
    if item.construct != "recommend" or item.scale is None:
        return
    low, high, _ = item.scale
    if (low, high) != (0, 10):
        raise ScaleMismatch(
            f'{where}: `{item.name}` is declared construct = "recommend", which must be scored '
            f"0 to 10; its scale is {low:g} to {high:g}. Another scale shifts who counts as "
            "promoter or detractor and cannot be compared with published Net Promoter Scores. "
            'Declare construct = "advocacy" to get its mean and top boxes.'
        )


def _quote_base(study: Block, minimum: int) -> int:
    """How many people a group must have for one of them to be quoted."""
    base = study.count("quote_base", QUOTED * minimum, least=1)
    if base < minimum:
        raise StudyInvalid(
            "[study] `quote_base` must be at least minimum_base, for words tell more of a person "
            f"than numbers do: {minimum}; found {base}."
        )
    return int(base)


def _weight(study: Block, says: Mapping[str, Any]) -> str | None:
    """The column that weights every score; with a [weighting] block the one it makes."""
    named = study.text("weight", None)
    if "weighting" not in says:
        return named
    if named not in (None, "weight"):
        raise StudyInvalid(
            f'[study] weight must be "weight", the column [weighting] makes; found `{named}`.'
        )
    return "weight"


def _waves(
    says: Mapping[str, Any], *, items: Mapping[str, ItemSettings]
) -> dict[str, dict[str, Source]]:
    """For each item of [waves], where each wave keeps it."""
    found: dict[str, dict[str, Source]] = {}
    for item, columns in _tables(says, "waves").items():
        require_known(item, items, what="[waves]: item")
        block = Block(columns, where=f"[waves.{item}]")
        found[item] = {
            wave: _source(column, where=f"[waves.{item}] {wave}", worded=True)
            for wave, column in block.says.items()
        }
    return found


def _with_waves(
    files: tuple[FileSettings, ...], waves: Mapping[str, Mapping[str, Source]]
) -> tuple[FileSettings, ...]:
    """The files with the items that [waves] says their wave has; their own come first."""
    if not waves:
        return files
    asked = [file for file in files if file.table == "responses"]
    for file in asked:
        if "wave" not in file.constants and not file.items:
            raise StudyInvalid(
                f"[[files]] ({file.path}) must say which wave it is, like "
                'constants = { wave = "2017" }, for [waves] to find its items.'
            )
    there = {file.constants.get("wave") for file in asked}
    for item, columns in waves.items():
        for wave in columns:
            known = [name for name in there if name is not None]
            require_known(wave, known, what=f"[waves.{item}]: wave")
    return tuple(replace(file, items={**_of_wave(file, waves), **file.items}) for file in files)


def _of_wave(file: FileSettings, waves: Mapping[str, Mapping[str, Source]]) -> dict[str, Source]:
    wave = file.constants.get("wave", "") if file.table == "responses" else ""
    return {item: columns[wave] for item, columns in waves.items() if wave in columns}


def _files(says: Any, *, items: Mapping[str, ItemSettings]) -> tuple[FileSettings, ...]:
    if not isinstance(says, list):
        raise StudyInvalid("[[files]] must be written with two brackets, one block for each file.")
    if not says:
        raise StudyInvalid("study.toml must have at least one [[files]] block.")
    return tuple(
        _file(block, where=f"[[files]] {number}", items=items)
        for number, block in enumerate(says, start=1)
    )


def _file(says: Any, *, where: str, items: Mapping[str, ItemSettings]) -> FileSettings:
    block = Block(says, where=where)
    path, uri_env, query = _origin(block)
    block.where = f"{where} ({path})"
    table = block.text("table", among=tuple(TABLES))
    file = FileSettings(
        path=path,
        table=table,
        format=block.text("format", None, among=FORMATS) if query is None else "database",
        encoding=_encoding(block),
        delimiter=_delimiter(block),
        decimal=block.text("decimal", ".", among=(".", ",")),
        sheet=block.text("sheet", None),
        header_rows=block.count("header_rows", None, least=1),
        null_values=block.texts("null_values"),
        records=block.text("records", None),
        uri_env=uri_env,
        query=query,
        repeats=block.text("repeats", "reject", among=REPEATS),
        columns=_sources(block, "columns"),
        constants=block.pairs("constants") or {},
        attributes=_sources(block, "attributes"),
        items=_sources(block, "items"),
    )
    block.done()
    _check_names(file, where=block.where, items=items)
    return file


def _origin(block: Block) -> tuple[str, str | None, str | None]:
    """The file to read; for a query of a database, where its rows are kept once fetched."""
    uri_env, query = block.text("uri_env", None), block.text("query", None)
    if uri_env is None and query is None:
        return block.text("path"), None, None
    if uri_env is None or query is None or "path" in block.says:
        raise StudyInvalid(
            f"{block.where} must have a `path`, or `uri_env` and `query` and no `path`."
        )
    if not re.fullmatch(r"[A-Za-z_]\w*", uri_env):
        # It may be a connection string, so it is not shown.
        raise StudyInvalid(
            f"{block.where} `uri_env` must be the name of an environment variable, like "
            "WAREHOUSE_URI; a connection string does not belong in study.toml."
        )
    mark = hashlib.sha256(query.encode()).hexdigest()[:8]
    return f"raw/{uri_env.lower()}-{mark}.parquet", uri_env, query


def _check_names(file: FileSettings, *, where: str, items: Mapping[str, ItemSettings]) -> None:
    columns = TABLES[file.table].names
    for name in (*file.columns, *file.constants):
        require_known(name, columns, what=f"{where}: column of {file.table}")
    for part in (file.items, file.attributes):
        if part and file.table != "responses":
            raise StudyInvalid(f"{where}: only responses have items and attributes.")
    for name in file.items:
        # A .sav brings a codebook of its own, so only a near miss is surely a mistake.
        if name not in items and not _has_codebook(file):
            require_known(name, items, what=f"{where}: item")
    taken = [*columns, *items]
    for name in file.attributes:
        if name in taken or name.startswith("cxlab "):
            raise StudyInvalid(f"{where}: attribute `{name}` has the name of a column or item.")


def _has_codebook(file: FileSettings) -> bool:
    return file.format in WITH_ITEMS or file.path.lower().endswith((".sav", ".zsav"))


def _sources(block: Block, key: str) -> dict[str, Source]:
    return {
        name: _source(says, where=f"{block.where} {key}.{name}")
        for name, says in block.table(key).items()
    }


def _source(says: Any, *, where: str, worded: bool = False) -> Source:
    if isinstance(says, str):
        return Source(column=says)
    block = Block(says, where=where)
    row = block.flag("row")
    zone = block.text("zone", None)
    source = Source(
        column=block.text("column", None if row else REQUIRED),
        format=block.one_or_more("format"),
        zone=None if zone is None else _zone(zone, where=f"{where} zone"),
        prefix=block.text("prefix", ""),
        values=block.pairs("values") or {},
        other=block.text("other", "reject", among=OTHERS),
        row=row,
        wording=block.text("wording", "") if worded else "",
    )
    block.done()
    return source


def _item(name: str, says: Any) -> ItemSettings:
    where = f"[items.{name}]"
    if name in TABLES["responses"].names:
        raise StudyInvalid(f"{where} has the name of a column of responses; choose another.")
    block = Block(says, where=where)
    item = ItemSettings(
        name=name,
        wording=block.text("wording", None),
        construct=block.text("construct", None, among=CONSTRUCTS),
        kind=block.text("kind", None, among=ITEM_KINDS),
        scale=_scale(block),
        better=block.text("better", None, among=("up", "down")),
        not_applicable=block.pairs("not_applicable"),
        labels=block.pairs("labels"),
        who_can_act=block.text("who_can_act", None),
    )
    block.done()
    if item.scale is not None and item.construct is not None:
        scale = Scale(*item.scale, item.better or "up")
        require_recommend_scale(
            Item(name, construct=item.construct, scale=scale), where="study.toml"
        )
    return item


def _scale(block: Block) -> tuple[float, float] | None:
    says = block.value("scale", None, _is_scale, must="two rising whole numbers, like [0, 10]")
    return None if says is None else (float(says[0]), float(says[1]))


def _delimiter(block: Block) -> Any:
    return block.value(
        "delimiter",
        None,
        lambda value: isinstance(value, str) and len(value) == 1 and value not in '"\r\n',
        must="one character",
    )


def _encoding(block: Block) -> str | None:
    import codecs

    name = block.text("encoding", None)
    if name is None:
        return None
    try:
        # Python also knows codecs that are no encodings of a text, like hex and idna.
        b"a".decode(name, errors="replace")
        return codecs.lookup(name).name
    except (LookupError, UnicodeError):
        raise StudyInvalid(f"{block.where} encoding `{name}` is not one Python knows.") from None


def _zone(name: str, *, where: str) -> str:
    try:
        ZoneInfo(name)
    except Exception:  # a missing, absolute or odd key each raise another kind of error
        raise StudyInvalid(f"{where} `{name}` is no time zone, like Europe/London.") from None
    return name


def _tables(says: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = says.get(key, {})
    if not isinstance(found, Mapping):
        raise StudyInvalid(f"[{key}] must be a table of keys; found {kind_of(found)}.")
    return found


def _is_scale(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(type(end) in (int, float) and end == int(end) for end in value)
        and value[0] < value[1]
    )
