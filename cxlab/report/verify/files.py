"""Is every file of a pack there as it was published, and nothing else? Is its manifest whole?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from cxlab.errors import UnknownName
from cxlab.periods import Period
from cxlab.report.pack import manifest
from cxlab.report.verify.opened import Opened

PLOTLY = "assets/plotly.min.js"
EXPECTED = ("index.html", "findings.csv", "findings.parquet", "summary.txt")
IN_A_SET = ("index.html", PLOTLY)
KNOWN = re.compile(r"[a-z0-9][a-z0-9.-]*\.html|findings\.(csv|parquet)|summary\.txt|" + PLOTLY)
KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("study", "period", "part", "fingerprint"), str),
    **dict.fromkeys(("parameters", "versions", "failed", "first"), dict),
    **dict.fromkeys(("durations", "checks", "files"), dict),
    "complete": bool,
    "chapters": list,
    "minimum_base": int,
}


def as_published(pack: Opened) -> Iterator[str]:
    """Files that are missing, changed, not in the manifest, or of a kind no pack has."""
    listed = pack.says.get("files")
    listed = listed if isinstance(listed, dict) else {}
    there = {name: path for name, path in pack.files.items() if name != manifest.NAME}
    yield from (f"{name} is neither a file nor a folder with files" for name in pack.strange)
    yield from (f"{name} is missing" for name in sorted(set(listed) - set(there)))
    for name, path in there.items():
        if name not in listed:
            yield f"{name} is not in the manifest"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != listed[name]:
            yield f"{name} is not as it was published"
        if not _is_known(name, pack):
            yield f"{name} is no part of a pack"
    expected = IN_A_SET if pack.packs else EXPECTED
    yield from (f"{name} is missing" for name in expected if name not in {*there, *listed})
    yield from _library(pack)


def _is_known(name: str, pack: Opened) -> bool:
    """Whether packs have such a file; what a pack inside a set has is asked there."""
    if pack.packs:
        return name in IN_A_SET or name.split("/")[0] in pack.packs
    return bool(KNOWN.fullmatch(name))


def _library(pack: Opened) -> Iterator[str]:
    """The one script that is not ours must be the one its version has."""
    told = pack.says.get("versions")
    asset = pack.files.get(PLOTLY)
    if asset is None or not isinstance(told, dict) or told.get("plotly") != _installed():
        return
    own = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    if asset.read_bytes() != own:
        yield f"{PLOTLY} is not that of plotly {told['plotly']}"


def _installed() -> str:
    try:
        return version("plotly")
    except PackageNotFoundError:
        return ""


def whole_manifest(pack: Opened) -> Iterator[str]:
    """What the manifest lacks, or says against itself."""
    says = pack.says
    if not says:
        yield f"{manifest.NAME} is no JSON of a pack"
        return
    yield from (f"it lacks `{name}`" for name in manifest.KEYS if name not in says)
    wrong = [name for name, kind in KINDS.items() if name in says and not _is(says[name], kind)]
    yield from (f"`{name}` is of another kind" for name in wrong)
    if wrong or not set(manifest.KEYS) <= set(says):
        return
    yield from _agreeing(says)
    yield from _chapters(pack)


def _is(value: Any, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _agreeing(says: dict[str, Any]) -> Iterator[str]:
    if says["complete"] == bool(says["failed"]):
        yield "`complete` and `failed` contradict each other"
    if not set(says["chapters"]) <= set(says["durations"]):
        yield "`durations` lacks a chapter"
    if not _is_period(says["period"]):
        yield "`period` is none"
    given = {"study": says["study"], "period": says["period"], "part": says["part"]}
    if says["parameters"] != given:
        yield "`parameters` are not those of this study, period and part"
    if any(_is_path(value) for value in texts_in(says)):
        yield "a path of somebody's machine is in it"
    if not says["checks"] or set(says["checks"].values()) != {"ok"}:
        yield "`checks` does not say that every check held"


def _is_period(text: str) -> bool:
    try:
        return bool(Period.parse(text))
    except UnknownName:
        return False


def _is_path(text: str) -> bool:
    return PurePosixPath(text).is_absolute() or PureWindowsPath(text).is_absolute()


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a value of JSON, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for each in value.values() for text in texts_in(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in texts_in(each))


def _chapters(pack: Opened) -> Iterator[str]:
    """Every chapter has its page, and every page but the first its chapter."""
    if pack.packs:
        if len(pack.packs) < len(pack.says["chapters"]):
            yield "a group has no pack"
        return
    pages = {f"{str(name).replace('_', '-')}.html" for name in pack.says["chapters"]}
    there = {name for name in pack.files if name.endswith(".html") and name != "index.html"}
    yield from (f"the chapter of {name} has no page" for name in sorted(pages - there))
    yield from (f"{name} is the page of no chapter" for name in sorted(there - pages))
