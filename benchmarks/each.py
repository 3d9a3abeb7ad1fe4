"""Forty groups, forty packs: what `cxlab report --each` costs beside forty plain runs.

    python benchmarks/each.py                  eight minutes
    python benchmarks/each.py --repeats 1

A demo study of 8,000 customers whose export puts every customer into one of forty segments,
its tables made before the clock starts. Both ways make every chapter of every segment:

    each     cxlab report --each segment --workers 2, all forty packs and their index
    plain    papermill, then jupyter nbconvert, one chapter after another (see pack.py)

A plain run knows nothing of the run before it, so forty of them cost forty times one: the
plain way is run for one segment, another in each turn, and multiplied. CPU and memory are
counted as in pack.py.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pack
import turns
from turns import aim

from cxlab import demo

SEGMENTS, CUSTOMERS, MONTHS = 40, 8_000, 18
EXPORT, COLUMN = "raw/crm_accounts.csv", 2
AIM = 6.0


def each(place: Path) -> list[list[str]]:
    """The one command of all packs."""
    (command,) = pack.cxlab(place)
    return [[*command, "--each", "segment"]]


def segment(number: int) -> str:
    return f"Segment {number % SEGMENTS + 1:02}"


def prepared(place: Path) -> None:
    """A study of forty segments with its tables, and one pack of it."""
    study = place / "study"
    demo.write(study, customers=CUSTOMERS, months=MONTHS)
    head, *rows = (study / EXPORT).read_bytes().split(b"\n")
    lines = [head]
    for number, row in enumerate(rows):
        cells = row.split(b";")
        if len(cells) > COLUMN:
            cells[COLUMN] = segment(number).encode()
        lines.append(b";".join(cells))
    (study / EXPORT).write_bytes(b"\n".join(lines))
    (command,) = pack.cxlab(place)
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    (place / "cxlab").rename(place / "first")


def child(way: str, place: Path, number: int) -> str:
    folder = place / ("cxlab" if way == "each" else "plain")
    shutil.rmtree(folder, ignore_errors=True)
    commands = each(place) if way == "each" else pack.plain(place, f"segment={segment(number)}")
    return pack.measured(commands, folder)


def many(place: Path, repeats: int) -> Iterator[str]:
    """The aim of forty packs, and what both ways cost."""
    prepared(place)
    turn = iter(range(SEGMENTS))

    def once(way: str) -> turns.Run:
        return turns.run(__file__, ["--repeats", 1, way, place, next(turn)])

    found = turns.in_turns(("each", "plain"), once, repeats=repeats)
    packs = list((place / "cxlab").rglob("manifest.json"))
    made = {path.parent for path in packs if path.parent.parent.name != "cxlab"}
    if len(made) < SEGMENTS:
        raise SystemExit(f"{len(made)} packs of {SEGMENTS} segments were made")
    ours, one = found["each"], found["plain"]
    yield "way: wall s, CPU s, peak MB, MB of pages"
    sizes = f"{ours.megabytes:8,.0f} {ours.count / 1e6:8.1f}"
    yield f"  each, {SEGMENTS} packs   {ours.wall:8.1f} {ours.cpu:8.1f} {sizes}"
    sizes = f"{one.megabytes:8,.0f} {one.count / 1e6:8.1f}"
    yield f"  plain, one run   {one.wall:8.1f} {one.cpu:8.1f} {sizes}"
    faster = SEGMENTS * one.wall / ours.wall
    yield f"CPU {SEGMENTS * one.cpu / ours.cpu:.1f}× less"
    what = f"{SEGMENTS} segments, {pack.WORKERS} workers, against {SEGMENTS} times one plain run"
    yield aim(what, f"{faster:.1f}× faster", f"≥ {AIM:g}×", faster >= AIM)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("child", nargs="*", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        way, place, number = asked.child
        print(child(way, Path(place), int(number)))
        return
    with tempfile.TemporaryDirectory(prefix="cxlab-each-") as folder:
        print(*many(Path(folder), asked.repeats), sep="\n")


if __name__ == "__main__":
    pack.as_here()
    main()
