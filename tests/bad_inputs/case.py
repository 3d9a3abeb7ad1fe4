"""One broken file, the study that points at it, and the truth only its maker knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Maker = Callable[[Path], None]
# Ids that lose their zeros, and segments that become null, in careless hands.
ROWS = (
    ("007", "NA", 5),
    ("010", "null", 4),
    ("1e3", "None", 3),
    ("TRUE", "nan", 2),
    ("0.10", "TRUE", 1),
)
TRUTH: Mapping[str, Sequence[Any]] = {
    "response_id": [row[0] for row in ROWS],
    "segment": [row[1] for row in ROWS],
    "ease": [row[2] for row in ROWS],
}


@dataclass(frozen=True)
class Case:
    """`kept` by column and `rejected` as value class by row; or `refused`, a part of the message.

    `settings` are further lines of the [[files]] block; `columns` come beside response_id.
    """

    name: str
    data: bytes | Maker
    kept: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    rejected: Mapping[int, str] = field(default_factory=dict)
    refused: str = ""
    settings: str = ""
    columns: Mapping[str, Any] = field(default_factory=dict)
    plain: bool = True
    zone: str = "UTC"
    path: str = ""
    what: str = ""

    @property
    def id(self) -> str:
        """What a test of this case is called."""
        return (self.what or self.name).encode("ascii", "backslashreplace").decode()

    def write(self, folder: Path) -> Path:
        """The study, its file and its study.toml."""
        folder.mkdir(parents=True)
        (folder / "study.toml").write_text(self._toml(), encoding="utf-8")
        if callable(self.data):
            self.data(folder / self.name)
        else:
            (folder / self.name).write_bytes(self.data)
        return folder

    def _toml(self) -> str:
        columns = {"response_id": "id", **self.columns}
        lines = [
            "[study]",
            'name = "Bad"',
            f'zone = "{self.zone}"',
            "[[files]]",
            f"path = {json.dumps(self.path or self.name)}",
            'table = "responses"',
            self.settings,
            "[files.columns]",
            *[f"{name} = {_inline(source)}" for name, source in columns.items()],
        ]
        if self.plain:
            lines += ["[files.attributes]", 'segment = "segment"', "[files.items]", 'ease = "ease"']
            lines += ["[items.ease]", "scale = [1, 5]"]
        return "\n".join(lines) + "\n"


def _inline(source: Any) -> str:
    if isinstance(source, str):
        return json.dumps(source)
    return "{ " + ", ".join(f"{key} = {json.dumps(value)}" for key, value in source.items()) + " }"


def text(
    rows: Sequence[Sequence[Any]] = ROWS,
    *,
    header: str = "id,segment,ease",
    delimiter: str = ",",
    end: str = "\n",
) -> str:
    """A delimited table, nothing quoted."""
    lines = [header.replace(",", delimiter)]
    lines += [delimiter.join(str(cell) for cell in row) for row in rows]
    return end.join(lines) + end
