"""A study's exports → checked tables, rejected rows and a receipt, whole or not at all.

Skipped when the tables were already made from the same files by the same version.
"""

from __future__ import annotations

import glob
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from cxlab.codebook import TABLES, Item
from cxlab.errors import FileUnreadable, StudyInvalid, StudyNotFound, listed, require_columns
from cxlab.load import database, recognise
from cxlab.load.checked import codes, mapping, named, sink, weighting
from cxlab.load.checked import receipt as receipts
from cxlab.load.checked.asked import asked
from cxlab.load.checked.judge import REJECTED
from cxlab.load.checked.parts import Part
from cxlab.load.checked.publish import Published, publish
from cxlab.redact.known import People
from cxlab.settings import FileSettings, Settings
from cxlab.settings import read as read_settings

_ITEM_SCHEMA = {
    name: pl.Float64 if name in ("low", "high") else pl.String for name in Item("").row()
}


def intake(
    folder: str | Path, *, tables: Path | None = None, again: bool = False
) -> dict[str, Any]:
    """Check a study's exports into `tables` (by default the study's own folder `tables`).

    Gives the receipt: rows read, kept and rejected by file and reason, items, joins.
    Raises StudyNotFound, StudyInvalid, FileUnreadable, ColumnMissing, ScaleMismatch.
    """
    settings = read_settings(folder)
    database.fetch(settings, again=again)
    found = files_of(settings)
    target = tables or settings.folder / "tables"
    mark = receipts.fingerprint(settings, ((name, path) for _, path, name in found))
    before = receipts.read(target)
    if receipts.is_fresh(before, mark) and not again:
        return before
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".intake-") as work:
        made = Path(work) / "tables"
        made.mkdir()
        receipt = _build(settings, found, mark=mark, made=made, work=Path(work))
        _replace(target, by=made, aside=Path(work) / "before")
    return receipt


def files_of(settings: Settings) -> list[tuple[FileSettings, Path, str]]:
    """Every file the study points at, with its name as a reader of the receipt knows it."""
    database.fetch(settings)
    found = []
    for file in settings.files:
        paths = _matches(settings.folder, file.path)
        if not paths:
            raise StudyNotFound(_no_file(settings.folder, file.path))
        exact = len(paths) == 1 and PurePosixPath(file.path).name == paths[0].name
        place = PurePosixPath(file.path).parent
        names = [file.path if exact else str(place / path.name) for path in paths]
        found += [(file, path, name) for path, name in zip(paths, names, strict=True)]
    return found


def _matches(folder: Path, wanted: str) -> list[Path]:
    """The file of just that name, though it may look like a pattern, or those that match."""
    if (folder / wanted).name and _is_file(folder / wanted):
        return [folder / wanted]
    pattern = str(Path(glob.escape(str(folder))) / wanted)
    paths = [Path(path) for path in sorted(glob.glob(pattern, recursive=True))]
    for path in paths:
        if any("\ud800" <= sign <= "\udfff" for sign in path.name):
            shown = path.name.encode(errors="replace").decode()
            raise FileUnreadable(f"`{shown}` must have a name in Unicode. Please rename the file.")
    return [path for path in paths if path.is_file()]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _no_file(folder: Path, wanted: str) -> str:
    place = (folder / wanted).parent
    if not place.is_dir():
        return f"No file matches `{wanted}`: its folder is not there."
    has = sorted(path.name for path in place.iterdir() if path.is_file())
    return f"No file matches `{wanted}`; its folder has {listed(has)}."


def _build(
    settings: Settings,
    found: Sequence[tuple[FileSettings, Path, str]],
    *,
    mark: str,
    made: Path,
    work: Path,
) -> dict[str, Any]:
    parts, items = _planned(settings, found, work=work)
    published: dict[str, Published] = {}
    for name, every in parts.items():
        customers = published.get("customers")
        published[name] = publish(every, into=made, work=work, customers=customers)
    weighed = None
    if "responses" in published:
        if settings.weighting is not None:
            weighed = weighting.weigh(published["responses"], settings.weighting)
        _require_declared(settings, published["responses"])
    _write_rest(parts, published, items, made=made)
    receipt = receipts.made(settings, mark=mark, parts=parts, published=published, items=items)
    if weighed is not None:
        receipt["weighting"] = weighed
    receipts.write(receipt, made)
    return receipt


def _planned(
    settings: Settings, found: Sequence[tuple[FileSettings, Path, str]], *, work: Path
) -> tuple[dict[str, list[Part]], dict[str, Item]]:
    """Every file and its plan, by table in the codebook's order, and the items of them all."""
    parts: dict[str, list[Part]] = {name: [] for name in TABLES}
    items: dict[str, Item] = {}
    people: People | None = None
    # Customers first: their names are looked for in what the other files hold.
    for number, (file, path, name) in sorted(enumerate(found), key=_is_of_others):
        into = work / str(number)
        into.mkdir()
        loaded = recognise.read(path, file, into=into, name=name)
        if people is None and file.table != "customers":
            people = named.people(parts["customers"])
        plan = mapping.plan(file, loaded, settings=settings, name=name, people=people)
        mapping.merged(items, plan.items, name=name)
        parts[file.table].append(Part(file, name, loaded, plan))
    for name, every in parts.items():
        if every and not any(part.loaded.rows for part in every):
            raise FileUnreadable(
                f"`{every[0].name}` must hold rows of {name}; it holds a header and no rows."
            )
    ordered = [name for name in settings.items if name in items]
    names = dict.fromkeys([*ordered, *items])
    used = {name: every for name, every in parts.items() if every}
    return used, {name: items[name] for name in names}


def _is_of_others(numbered: tuple[int, tuple[FileSettings, Path, str]]) -> bool:
    return numbered[1][0].table != "customers"


def _require_declared(settings: Settings, responses: Published) -> None:
    if settings.weight is not None:
        has = responses.rows.collect_schema()
        require_columns(responses.rows, settings.weight, what="[study] weight: responses")
        if not has[settings.weight].is_numeric():
            raise StudyInvalid(
                f"[study] weight `{settings.weight}` must be a column of numbers: map it as "
                "`weight` in [files.columns]."
            )
    require_columns(responses.rows, settings.groups, what="[study] groups: responses")


def _write_rest(
    parts: Mapping[str, Sequence[Part]],
    published: Mapping[str, Published],
    items: Mapping[str, Item],
    *,
    made: Path,
) -> None:
    rows = [item.row() for item in items.values()]
    pl.DataFrame(rows, schema=_ITEM_SCHEMA, orient="row").write_parquet(made / "items.parquet")
    asked(parts.get("responses", ())).write_parquet(made / "asked.parquet")
    answers = published.get("responses")
    batches = answers.codes.batches if answers else lambda: iter(())
    sink.sink(batches, made / "not_scored.parquet", schema=codes.SCHEMA)
    rejected = pl.concat([table.rejected for table in published.values()]).cast(REJECTED)
    rejected = rejected.sort("table", "file", "row", maintain_order=True)
    rejected.write_parquet(made / "rejected.parquet")
    rejected.write_csv(made / "rejected.csv")


def _replace(target: Path, *, by: Path, aside: Path) -> None:
    """Put the new folder in place of the old one; on failure the old one comes back."""
    if target.exists():
        target.rename(aside)
    try:
        by.rename(target)
    except OSError:
        if aside.exists():
            aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)
