"""What a pack says of itself: from what it was made, what it holds, how long it took.

`manifest.json` stands beside the pages. Apart from the durations, the same inputs,
parameters and versions give the same manifest; no clock and no path of a machine is in it.

Not here: whether what it says is true (verify), what late rows change (restated).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cxlab.chapters import making

NAME = "manifest.json"
KEYS = (
    *("study", "period", "part", "parameters", "minimum_base", "fingerprint", "versions"),
    *("complete", "chapters", "failed", "first", "durations", "checks", "files"),
)


def write(
    folder: Path,
    *,
    study: Any,
    period: Any,
    seconds: Mapping[str, float],
    failed: Mapping[str, str],
    first: Mapping[str, Any],
) -> None:
    """Write the manifest of a pack whose every other file is in the folder.

    `seconds` has each chapter that ran, in the order of the pack, and how long it took;
    `failed` has each chapter that is missing, and why; `first` is restated.first_state.
    """
    part = getattr(study, "part", "")
    says = {
        "study": study.name,
        "period": period.text,
        "part": part,
        "parameters": {"study": study.name, "period": period.text, "part": part},
        "minimum_base": study.settings.minimum_base,
        "fingerprint": study.fingerprint,
        "versions": making.versions(),
        "complete": not failed,
        "chapters": [name for name in seconds if name not in failed],
        "failed": dict(failed),
        "first": dict(first),
        "durations": {name: round(float(spent), 2) for name, spent in seconds.items()},
        "checks": {},
        "files": digests(folder),
    }
    _put(folder, says)


def note(folder: Path, *, checks: Iterable[str]) -> None:
    """Write into the manifest that these checks held."""
    _put(folder, {**read(folder), "checks": dict.fromkeys(checks, "ok")})


def read(folder: Path) -> dict[str, Any]:
    """What the manifest in a folder says; nothing where there is none or it is broken."""
    try:
        found = json.loads((folder / NAME).read_text(encoding="utf-8"))
    # Brackets nested a thousand deep are no JSON that we wrote either.
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file in the folder but the manifest itself, by its place."""
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    files = {name: path for name, path in there.items() if path.is_file() and name != NAME}
    return {name: hashlib.sha256(files[name].read_bytes()).hexdigest() for name in sorted(files)}


def _put(folder: Path, says: Mapping[str, Any]) -> None:
    text = json.dumps(says, indent=1, sort_keys=True, ensure_ascii=False)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")
