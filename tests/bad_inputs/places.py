"""Names and places: what `path` may point at."""

from __future__ import annotations

import os
from pathlib import Path

from bad_inputs.case import TRUTH, Case, text

PLAIN = text().encode()


def folder(path: Path) -> None:
    path.mkdir()


def link_to_nothing(path: Path) -> None:
    path.symlink_to("nowhere.csv")


def link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def link(path: Path) -> None:
    (path.parent / "real.csv").write_bytes(PLAIN)
    path.symlink_to("real.csv")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def bytes_for_a_name(path: Path) -> None:
    with open(os.fsencode(path.parent) + b"/\xff.csv", "wb") as file:
        file.write(PLAIN)


def nothing(path: Path) -> None:
    """No file at all."""


CASES = (
    Case("folder.csv", folder, refused="No file matches"),
    Case("link-to-nothing.csv", link_to_nothing, refused="No file matches"),
    Case("link-to-itself.csv", link_to_itself, refused="No file matches"),
    Case("link.csv", link, TRUTH),
    Case("pipe.csv", pipe, refused="No file matches"),
    Case("a b.csv", PLAIN, TRUTH),
    Case("größe 日本.csv", PLAIN, TRUTH),
    Case("line\nbreak.csv", PLAIN, TRUTH),
    Case("--help; $(id) 'x'.csv", PLAIN, TRUTH),
    Case("<script>alert(1)<b>.csv", PLAIN, TRUTH),
    Case("{0.__class__}.csv", PLAIN, TRUTH),
    Case("percent%20.csv", PLAIN, TRUTH),
    Case("[x].csv", PLAIN, TRUTH, what="a name that is a pattern"),
    Case("star*.csv", PLAIN, TRUTH, what="a name with a star"),
    Case("x" * 200 + ".csv", PLAIN, TRUTH, what="a long name"),
    Case(".hidden.csv", PLAIN, TRUTH),
    Case("noending", PLAIN, TRUTH),
    Case("odd.ending.xyz", PLAIN, TRUTH),
    Case("CAPITALS.CSV", PLAIN, TRUTH),
    Case("not-unicode.csv", bytes_for_a_name, refused="name in Unicode", path="*.csv"),
    Case("missing.csv", nothing, refused="No file matches `missing.csv`"),
    Case("up.csv", nothing, refused="No file matches", path="../../../../../../nowhere/x.csv"),
    Case("devices.csv", nothing, refused="No file matches", path="/dev/zero"),
    Case("nul.csv", nothing, refused="No file matches", path="a\0b.csv"),
    Case("blank.csv", nothing, refused="", path=""),
    Case("too-long.csv", nothing, refused="No file matches", path="x" * 300 + ".csv"),
    Case("itself.csv", nothing, refused="must", path="study.toml"),
    Case("everything.csv", PLAIN, refused="must", path="**/*"),
)
