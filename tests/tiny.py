"""Small invented studies for tests of intake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from cxlab.load.intake import intake
from cxlab.load.loaded import Loaded
from cxlab.settings import FileSettings
from cxlab.study import Study

HEAD = '[study]\nname = "Tiny"\n'


def study_folder(folder: Path, toml: str, **files: str | bytes) -> Path:
    """A study folder; `a_csv="…"` becomes the file a.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(HEAD + toml, encoding="utf-8")
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name.replace("_", ".", 1)).write_bytes(data)
    return folder


def taken_in(folder: Path) -> Study:
    """The study in a folder, taken in."""
    return Study(folder, tables=folder / "tables", receipt=intake(folder))


def responses(folder: Path, toml: str, **files: str | bytes) -> pl.DataFrame:
    """The responses of a small study."""
    return taken_in(study_folder(folder, toml, **files)).responses.collect()


def read_with(reader: Any, path: Path, **settings: Any) -> tuple[Loaded, pl.DataFrame]:
    """What a reader makes of one file."""
    file = FileSettings(path.name, "responses", **settings)
    loaded = reader.read(path, file, into=path.parent, name=path.name)
    return loaded, loaded.frame.collect(engine="streaming")


def written(path: Path, content: str | bytes) -> Path:
    """A file with that content."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
