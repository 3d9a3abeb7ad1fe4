"""What does the register of needs say?

    [[need]]
    id = "R01"                                    # never given to another need
    need = "Know when it will really come"
    evidence = ["theme:delivery", "item:delivery@region=North", "comment:R_12 why"]
    requirement = "Tell customers within the hour when a slot is missed"
    design = "Message from the depot scanner"     # a hypothesis
    measure = "measure:recommend@region=North"    # one reference: how it will show
    target = 20                                   # in the measure's unit: points, a share 0 to 1
    before = "2026-08"                            # the period to compare with
    after = "2026-11"                             # the first period with the design in place
    owner = "Head of logistics"
    who_can_act = "process"
    status = "open"
    since = 2026-09-20

The same as `requirements.toml` beside study.toml or as the table `requirements`: one frame.

Not here: what references mean (evidence), how a need stands (standing), wording.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from cxlab.blocks import REQUIRED, Block, kind_of, require_keys
from cxlab.errors import (
    StudyInvalid,
    StudyNotFound,
    TableMissing,
    UnknownName,
    listed,
    require_columns,
    require_known,
)
from cxlab.periods import Period

FILE = "requirements.toml"
STATUSES = ("open", "testing", "met", "dropped")
ACTORS = ("technology", "process", "human", "nobody")
# What tables say for them; a company's own words are recoded in study.toml.
SAID = {"people": "human", "person": "human", "processes": "process"}
STANDS = {
    **dict.fromkeys(("new", "agreed", "planned", "in design"), "open"),
    **dict.fromkeys(("in test", "pilot", "live"), "testing"),
    **dict.fromkeys(("closed", "declined"), "dropped"),
    "done": "met",
}
REGISTER: dict[str, Any] = {
    "id": pl.String,
    "need": pl.String,
    "evidence": pl.List(pl.String),
    **dict.fromkeys(("requirement", "design", "measure"), pl.String),
    "target": pl.Float64,
    **dict.fromkeys(("before", "after", "owner", "who_can_act", "status"), pl.String),
    "since": pl.Date,
}
_TEXTS = ("requirement", "design", "measure", "owner")


def read(study: Any) -> pl.DataFrame:
    """The register of a study, one row per need in the columns of `REGISTER`, sorted by id.

    From requirements.toml in the study's folder, or from its table `requirements`.
    Raises StudyInvalid when it has both, TableMissing when it has neither, and what
    `from_file` and `from_table` raise.
    """
    path = study.folder / FILE
    if path.is_file() and "requirements" in study.tables:
        raise StudyInvalid(
            f"A study must have one register; `{study.name}` has `{FILE}` and the table "
            "`requirements`. Move the needs into one of them and take the other away."
        )
    if path.is_file():
        return from_file(path)
    if "requirements" in study.tables:
        return from_table(study.requirements.collect())
    raise TableMissing(
        f"The study `{study.name}` has no register of needs: write a `{FILE}` beside study.toml, "
        'or point a [[files]] block with table = "requirements" at an export.'
    )


def from_file(path: str | Path) -> pl.DataFrame:
    """The register that a requirements.toml holds; keys nobody knows stop.

    Raises StudyNotFound, StudyInvalid, and UnknownName with near matches.
    """
    place = Path(path)
    if not place.is_file():
        raise StudyNotFound(f"A register is a TOML file; `{place}` is not there.")
    try:
        says = tomllib.loads(place.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyInvalid(f"`{place}` is not valid TOML: {error}.") from None
    return from_mapping(says, where=place.name)


def from_mapping(says: Mapping[str, Any], *, where: str = FILE) -> pl.DataFrame:
    """The register a parsed requirements.toml stands for."""
    require_keys(says, ("need",), where=where)
    blocks = says.get("need", [])
    if not isinstance(blocks, list):
        raise StudyInvalid(f"{where} must have [[need]] blocks; found {kind_of(blocks)}.")
    return _framed([_entry(each, _place(each, at)) for at, each in enumerate(blocks, 1)], where)


def from_table(requirements: pl.DataFrame) -> pl.DataFrame:
    """The register in a codebook table `requirements`.

    `evidence` is cut at semicolons and a count in brackets at its end is left out; "C12
    sentence 2" stands for the comment C12. A table has no `target`, `before` and `after`.
    A null status is open. Raises ColumnMissing, StudyInvalid, UnknownName.
    """
    require_columns(requirements, "requirement_id", what="requirements")
    rows = [_from_row(row) for row in requirements.to_dicts()]
    return _framed(rows, "requirements")


def _place(says: Any, at: int) -> str:
    """How messages name a block: by its id, else by its number."""
    known = says.get("id") if isinstance(says, Mapping) else None
    return f"[[need]] {known}" if isinstance(known, str) and known.strip() else f"[[need]] no. {at}"


def _entry(says: Any, where: str) -> dict[str, Any]:
    block = Block(says, where=where)
    found = {
        "id": _filled(block, "id"),
        "need": _filled(block, "need"),
        "evidence": [each.strip() for each in block.texts("evidence")],
        **{name: block.text(name, None) for name in _TEXTS},
        "target": block.value("target", None, _is_number, must="a number"),
        "before": _period(block, "before"),
        "after": _period(block, "after"),
        "who_can_act": block.text("who_can_act", None, among=ACTORS),
        "status": block.text("status", "open", among=STATUSES),
        "since": block.value("since", None, _is_day, must="a date, like 2026-09-20"),
    }
    block.done()
    _require_order(found, where)
    return found


def _from_row(row: Mapping[str, Any]) -> dict[str, Any]:
    where = f"requirements {row['requirement_id']}"
    return {
        "id": row["requirement_id"],
        "need": row.get("need"),
        "evidence": _cut(row.get("evidence")),
        **{name: row.get(name) for name in _TEXTS},
        "who_can_act": _recoded(row.get("who_can_act"), SAID, ACTORS, f"{where} who_can_act"),
        "status": _recoded(row.get("status"), STANDS, STATUSES, f"{where} status") or "open",
        "since": row.get("date"),
    }


def _framed(rows: list[dict[str, Any]], where: str) -> pl.DataFrame:
    ids = [row["id"] for row in rows]
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice:
        raise StudyInvalid(f"{where}: an id must belong to one need; {listed(twice)} to several.")
    columns = {name: [row.get(name) for row in rows] for name in REGISTER}
    return pl.DataFrame(columns, schema=REGISTER).sort("id")


def _filled(block: Block, key: str) -> str:
    def filled(value: Any) -> bool:
        return isinstance(value, str) and bool(value.strip())

    return str(block.value(key, REQUIRED, filled, must="a text that says something")).strip()


def _period(block: Block, key: str) -> str | None:
    text = block.text(key, None)
    if text is None:
        return None
    try:
        return Period.parse(text).text
    except UnknownName as error:
        raise UnknownName(f"{block.where} `{key}`: {error}") from None


def _require_order(found: Mapping[str, Any], where: str) -> None:
    """`before` must be over when `after` begins, or one period would be both."""
    if not (found["before"] and found["after"]):
        return
    end, start = Period.parse(found["before"]).end, Period.parse(found["after"]).start
    if end is None or start is None or end > start:
        raise StudyInvalid(
            f"{where} `before` must end before `after` begins; "
            f"found {found['before']} and {found['after']}."
        )


def _cut(evidence: str | None) -> list[str]:
    # What text.needs.entry writes: "C12 sentence 2; C14 sentence 1 (5 sentences of 4 people …)".
    text = pl.Series([evidence or ""]).str.replace(r"\s*\(\d+ sentences of [^()]*\)\s*$", "")[0]
    return [part.strip() for part in text.split(";") if part.strip()]


def _recoded(
    said: str | None, known: Mapping[str, str], among: tuple[str, ...], where: str
) -> str | None:
    if said is None or not said.strip():
        return None
    plain = said.strip().lower()
    found = known.get(plain, plain)
    require_known(found, among, what=where)
    return found


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < float("inf")


def _is_day(value: Any) -> bool:
    return type(value) is date
