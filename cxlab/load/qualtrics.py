"""Qualtrics CSV exports: column ids, then wordings, then import ids, then answers.

The wording of each question is kept beside its answers. An export of the legacy kind has
two header rows: declare header_rows = 2.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from cxlab.errors import FileUnreadable
from cxlab.load import table
from cxlab.load.loaded import Loaded
from cxlab.settings import FileSettings

MARK = '{"ImportId"'


def read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """A Qualtrics CSV export with its three (legacy: two) header rows."""
    headers = file.header_rows or 3
    if headers not in (2, 3):
        raise FileUnreadable(f"`{name}` is a Qualtrics export: header_rows must be 2 or 3.")
    declared = dataclasses.replace(file, header_rows=headers)
    return dataclasses.replace(table.read(path, declared, into=into, name=name), format="qualtrics")
