"""What goes with loyalty: exact importance and its bootstrap, beside the plain ways.

    python benchmarks/drivers.py                 10, 15 and 20 drivers, 100,000 sheets; minutes
    python benchmarks/drivers.py --sheets 10000  quick
    python benchmarks/drivers.py --repeats 1

Each task starts from the answers and ends with the importance (LMG) of every driver:

    cxlab           correlations, all sets of drivers by the doubling sweep
    all subsets     correlations, one small system of equations for each set of drivers
    pingouin        linear_regression(relimp=True)

and for 1,000 bootstrap samples, with the part of every driver in each:

    cxlab           Poisson(1) counts times products of answers, one matrix product
    rows            sheets drawn with replacement, correlations of each sample; then the same LMG

Drawing rows is timed on some of the samples and scaled up. Runs take turns, each in a
process of its own on one thread of linear algebra; medians are printed. CPU is user and
system time without starting Python and importing; all ways must agree.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from math import factorial
from pathlib import Path
from typing import Any, NamedTuple

from turns import aim, peak, spent

EXACT = (10, 15, 20)
FEW = 1000
SAMPLES = 1000
DRAWN = 40
TASKS = ("cxlab", "all subsets", "pingouin", "cxlab, bootstrap", "rows, bootstrap")
# So many times in one process, and the median: a call of a millisecond is not timed alone.
CALLS = {"cxlab": {10: 101, 15: 21, 20: 5}, "all subsets": {10: 3}, "pingouin": {10: 5}}


class Run(NamedTuple):
    """One run: CPU and wall seconds, peak memory in MB, the parts of the first three drivers."""

    cpu: float
    wall: float
    megabytes: float
    parts: tuple[float, ...]


def answers(sheets: int, drivers: int) -> Any:
    """Ratings from 1 to 5 that share a mood, and an outcome of them, last."""
    import numpy as np

    draw = np.random.default_rng(drivers)
    felt = draw.normal(size=(sheets, 1)) + draw.normal(size=(sheets, drivers))
    outcome = felt @ np.linspace(1, 0, drivers) + 2 * draw.normal(size=sheets)
    codes = np.clip(np.floor(3.75 + 0.65 * felt + 0.5), 1, 5)
    return np.column_stack([codes, outcome])


def cxlab_exact(values: Any) -> Any:
    from cxlab.stats.importance import moments, shares, sheets

    return shares.parts(moments.correlations(moments.sums(sheets.answers(values))))[0]


def all_subsets(values: Any) -> Any:
    """R² of every set of drivers from its own equations, then the mean gains."""
    import numpy as np

    table = np.corrcoef(values.T)
    drivers = len(table) - 1
    explained = np.zeros(1 << drivers)
    for number in range(1, 1 << drivers):
        chosen = [driver for driver in range(drivers) if number >> driver & 1]
        known = table[chosen, -1]
        explained[number] = known @ np.linalg.solve(table[np.ix_(chosen, chosen)], known)
    parts = np.zeros(drivers)
    for number in range(1 << drivers):
        size = number.bit_count()
        if size == drivers:
            continue
        weight = factorial(size) * factorial(drivers - size - 1) / factorial(drivers)
        for driver in range(drivers):
            if not number >> driver & 1:
                parts[driver] += weight * (explained[number | 1 << driver] - explained[number])
    return parts


def with_pingouin(values: Any) -> Any:
    import pingouin

    found = pingouin.linear_regression(values[:, :-1], values[:, -1], relimp=True)
    return found["relimp"].to_numpy()[1:]


def cxlab_bootstrap(values: Any) -> Any:
    from cxlab.stats.importance import moments, shares, sheets

    drawn = moments.resampled(sheets.answers(values), samples=SAMPLES, seed=1)
    return shares.parts(moments.correlations(drawn)).mean(axis=0)


def rows_bootstrap(values: Any) -> Any:
    """A few samples only: what they cost is scaled up."""
    import numpy as np

    from cxlab.stats.importance import shares

    draw, count = np.random.default_rng(1), len(values)
    tables = [np.corrcoef(values[draw.integers(0, count, count)].T) for _ in range(DRAWN)]
    return shares.parts(np.stack(tables)).mean(axis=0)


WAYS: dict[str, Callable[[Any], Any]] = dict(
    zip(
        TASKS,
        (cxlab_exact, all_subsets, with_pingouin, cxlab_bootstrap, rows_bootstrap),
        strict=True,
    )
)


def child(task: str, drivers: int, sheets: int) -> None:
    """Run one task here and print what it cost."""
    values, way = answers(sheets, drivers), WAYS[task]
    # The first call pays for imports and tables that every later one finds.
    way(answers(200, 3))
    cpu, wall, parts = [], [], None
    for _ in range(CALLS.get(task, {}).get(drivers, 1)):
        before, began = spent(), time.perf_counter()
        parts = way(values)
        cpu.append(spent() - before)
        wall.append(time.perf_counter() - began)
    scale = SAMPLES / DRAWN if task.startswith("rows") else 1
    cost = {"cpu": scale * statistics.median(cpu), "wall": scale * statistics.median(wall)}
    assert parts is not None
    first = [float(part) for part in parts[:3]]
    print(json.dumps({**cost, "megabytes": peak(), "parts": first}))


def run(task: str, drivers: int, sheets: int) -> Run:
    """Run one task in a process of its own."""
    command = [sys.executable, __file__, "--task", task, "--drivers", str(drivers)]
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        [*command, "--sheets", str(sheets)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **threads},
    )
    if done.returncode:
        raise SystemExit(f"{task} failed")
    found = json.loads(done.stdout)
    return Run(**{**found, "parts": tuple(found["parts"])})


def compared(tasks: list[tuple[str, int]], sheets: int, repeats: int) -> dict[Any, Run]:
    """Medians of every task, the tasks taking turns."""
    runs: dict[tuple[str, int], list[Run]] = {task: [] for task in tasks}
    for _ in range(repeats):
        for task in tasks:
            runs[task].append(run(*task, sheets if "bootstrap" in task[0] else FEW))
    return {
        task: Run(
            *(statistics.median(each) for each in list(zip(*every, strict=True))[:3]),
            every[0].parts,
        )
        for task, every in runs.items()
    }


def require_agreement(found: dict[Any, Run]) -> None:
    """Stop where two ways do not give the same parts."""
    for (task, drivers), one in found.items():
        ours = "cxlab, bootstrap" if "bootstrap" in task else "cxlab"
        # Bootstrap means of different samples agree as far as their number lets them.
        room = 0.003 if "bootstrap" in task else 1e-9
        other = found[ours, drivers].parts
        if any(abs(a - b) > room for a, b in zip(one.parts, other, strict=True)):
            raise SystemExit(f"{task} with {drivers} drivers gives {one.parts}, not {other}")


def show(found: dict[Any, Run]) -> None:
    print("drivers, way: CPU s, wall s, peak MB")
    for (task, drivers), one in found.items():
        print(f"  {drivers:3} {task:17} {one.cpu:10.5f} {one.wall:10.5f} {one.megabytes:8,.0f}")


def aims(found: dict[Any, Run]) -> Iterator[str]:
    """One line for each aim."""
    less = found["pingouin", 10].cpu / found["cxlab", 10].cpu
    yield aim("10 drivers against pingouin", f"{less:.0f}×", "≥ 150×", less >= 150)
    fifteen, twenty = found["cxlab", 15].cpu, found["cxlab", 20].cpu
    yield aim("15 drivers, exact", f"{1000 * fifteen:.1f} ms", "≤ 10 ms", fifteen <= 0.010)
    yield aim("20 drivers, exact", f"{twenty:.3f} s", "≤ 0.5 s", twenty <= 0.5)
    ours, rows = found["cxlab, bootstrap", 15], found["rows, bootstrap", 15]
    what = f"{SAMPLES:,} bootstrap samples, 15 drivers"
    yield aim(what, f"{ours.cpu:.1f} s", "≤ 8 s", ours.cpu <= 8)
    less = rows.cpu / ours.cpu
    yield aim("the same against drawing rows", f"{less:.1f}×", "≥ 15×", less >= 15)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sheets", type=int, default=100_000, help="of the bootstrap")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--task", choices=TASKS, help=argparse.SUPPRESS)
    parser.add_argument("--drivers", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.task:
        child(asked.task, asked.drivers, asked.sheets)
        return
    exact = [("cxlab", drivers) for drivers in EXACT]
    plain = [("all subsets", 10), ("all subsets", 15), ("pingouin", 10)]
    tasks = [*exact, *plain, ("cxlab, bootstrap", 15), ("rows, bootstrap", 15)]
    found = compared(tasks, asked.sheets, asked.repeats)
    require_agreement(found)
    show(found)
    print(*aims(found), sep="\n")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).resolve().parents[1]))
    main()
