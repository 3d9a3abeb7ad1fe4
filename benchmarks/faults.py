"""How many of many broken-off runs leave half a pack, or lose the earlier one?

Whole runs are killed at random moments, some while they write; the disk fills up at random
sizes; and putting a pack in its place is killed at every one of its steps. After each fault
the earlier pack must be there byte by byte, or the new one whole.

    python benchmarks/faults.py            2 to 3 minutes
    python benchmarks/faults.py 10 7       10 kills of either kind, seed 7
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks")]

import faults  # noqa: E402
import turns  # noqa: E402
from killed import held, killed_at_each_step  # noqa: E402
from packs import PERIOD  # noqa: E402

from cxlab.report import verify  # noqa: E402
from cxlab.report.pack import manifest, publish  # noqa: E402

BAD = ("half-published", "lost", "reruns that failed")


def main() -> int:
    """Run the campaign; 0 when every aim is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", nargs="?", type=int, default=25, help="of either kind")
    parser.add_argument("seed", nargs="?", type=int, default=6)
    chosen = parser.parse_args()
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        desk = faults.Desk(Path(folder, "desk"), "one", "two")
        began = time.monotonic()
        require(desk.run().returncode == 0, "the first run ends well")
        seconds = time.monotonic() - began
        kills(desk, chosen.kills, seconds=seconds, seed=chosen.seed, found=found)
        disks(desk, Path(folder, "disks"), count=chosen.kills * 2, seed=chosen.seed, found=found)
        steps(desk, Path(folder, "steps"), found=found)
    return told(found)


def told(found: Counter[str]) -> int:
    """Print the counts and whether each aim is met."""
    for kind in (
        "killed",
        "ended before the kill",
        "full disks",
        "room enough",
        "killed at a step",
    ):
        print(f"{kind:<22}{found[kind]:>6}")
    injected = found["killed"] + found["full disks"] + found["killed at a step"]
    print(turns.aim("faults injected", str(injected), "at least 100", injected >= 100))
    for kind in BAD:
        print(turns.aim(kind, str(found[kind]), "0", not found[kind]))
    return int(injected < 100 or any(found[kind] for kind in BAD))


def require(fine: bool, what: str) -> None:
    """Stop unless it holds."""
    if not fine:
        raise SystemExit(f"must hold: {what}")


def judged(before: dict[str, str], pack: Path, found: Counter[str]) -> None:
    """Count what a fault did to the pack that was there."""
    after = held(pack)
    if not after:
        found["lost"] += 1
    elif after != before and verify.verify(pack):
        found["half-published"] += 1


def kills(desk: faults.Desk, count: int, *, seconds: float, seed: int, found: Counter[str]) -> None:
    """Whole runs killed at random moments, from their start and from when they write."""
    for from_writing, spread in ((False, seconds), (True, 0.5)):
        for at in faults.moments(count, seconds=spread, seed=seed):
            before = held(desk.pack)
            killed = faults.killed_after(desk, at, from_writing=from_writing)
            found["killed" if killed else "ended before the kill"] += 1
            judged(before, desk.pack, found)
        found["reruns that failed"] += desk.run().returncode != 0


def disks(desk: faults.Desk, out: Path, *, count: int, seed: int, found: Counter[str]) -> None:
    """Packs put on a disk that is full after a random number of bytes."""
    chance, files = random.Random(seed), faults.contents(desk.pack)
    out.mkdir()
    faults.put(out, PERIOD, files)
    newer = {**files, "summary.txt": files["summary.txt"] + b"more\n"}
    largest = max(len(content) for content in files.values())
    for _ in range(count):
        before = held(out / PERIOD)
        size = int(largest ** chance.random())
        fine = faults.in_child(partial(faults.put, out, PERIOD, newer), size=size)
        found["room enough" if fine else "full disks"] += 1
        judged(before, out / PERIOD, found)
    found["reruns that failed"] += not faults.in_child(
        partial(faults.put, out, PERIOD, files), size=largest
    )


def steps(desk: faults.Desk, out: Path, *, found: Counter[str]) -> None:
    """Putting a small pack in its place, killed at each step in turn."""
    small = dict.fromkeys(faults.contents(desk.pack), b"x")
    out.mkdir()
    faults.put(out, PERIOD, small)
    for _ in killed_at_each_step(
        partial(faults.put, out, PERIOD, {**small, "summary.txt": b"y"}), of=publish.__file__
    ):
        found["killed at a step"] += 1
        if not held(out / PERIOD):
            found["lost"] += 1
        elif manifest.digests(out / PERIOD) != manifest.read(out / PERIOD).get("files"):
            found["half-published"] += 1
        faults.put(out, PERIOD, small)


if __name__ == "__main__":
    sys.exit(main())
