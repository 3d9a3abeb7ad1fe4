"""NPS and top-box by 50 segments × 24 months: what a table costs, beside its limit and peers.

    python benchmarks/tallies.py                      10 and 50 million answers, a few minutes
    python benchmarks/tallies.py --rows 1000000       quick
    python benchmarks/tallies.py --linear 200000000   how cost grows

Every run is a process of its own; runs of the tools take turns, and medians are printed.
CPU is user and system time of all threads, without starting Python and importing. Needs
duckdb, pandas and pyarrow beside cxlab; a peer that is not installed is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

CHUNK = 1_000_000
MONTHS = [f"{year}-{month:02d}" for year in (2025, 2026) for month in range(1, 13)]
SEGMENTS = [f"segment {number:02d}" for number in range(1, 51)]
KEYS = ["segment", "month"]
COLUMNS = [*KEYS, "recommend", "csat", "weight"]
# Answers 0 to 10, as skewed as real ones.
RATINGS = [0.03, 0.01, 0.02, 0.02, 0.03, 0.07, 0.08, 0.15, 0.22, 0.17, 0.20]


class Run(NamedTuple):
    """One run: CPU seconds of the work, of the whole process, its peak memory, its answer."""

    work: float
    whole: float
    megabytes: float
    answer: dict[str, float]


def scan(files: list[str]) -> dict[str, float]:
    """The limit: read the five columns and sum each."""
    import polars as pl

    keys = [pl.col(key).to_physical().cast(pl.Int64).sum() for key in KEYS]
    codes = [pl.col(item).cast(pl.Int64).sum() for item in ("recommend", "csat")]
    sums = [*keys, *codes, pl.col("weight").sum()]
    pl.scan_parquet(files).select(sums).collect(engine="streaming")
    return {}


def cxlab_rows(files: list[str]) -> dict[str, float]:
    """One tally of both answers, the tables from it."""
    import polars as pl

    from cxlab.tally import tally

    answers = pl.scan_parquet(files)
    both = tally(answers, by=KEYS, answer=["recommend", "csat"], weight="weight")
    each = [tally(both, by=KEYS, answer=item, weight="weight") for item in ("recommend", "csat")]
    return tables(*each)


def cxlab_stored(files: list[str]) -> dict[str, float]:
    """The same tables from narrow tallies kept for each month and item."""
    import polars as pl

    folder = Path(files[0]).parent / "tallies"
    return tables(
        *[pl.read_parquet(folder / f"{item}-*.parquet") for item in ("recommend", "csat")]
    )


def tables(recommend: Any, csat: Any) -> dict[str, float]:
    """Both measures, plain and weighted, each with its interval and standard error."""
    from cxlab.metrics import loyalty, satisfaction

    score = loyalty.net_promoter_score(recommend, by=KEYS)
    weighted = loyalty.net_promoter_score(recommend, by=KEYS, weight="weight")
    top = satisfaction.top_box(csat, item="csat", by=KEYS)
    satisfaction.top_box(csat, item="csat", by=KEYS, weight="weight")
    return {
        "base": float(score["base"].sum()),
        "score": score["score"].mean(),
        "weighted": weighted["score"].mean(),
        "top": top["share"].mean(),
        "effective": weighted["effective_base"].mean(),
    }


def store(files: list[str]) -> dict[str, float]:
    """Write the tallies of each month, as a scheduled job would."""
    import polars as pl

    from cxlab.tally import tally

    folder = Path(files[0]).parent / "tallies"
    folder.mkdir(exist_ok=True)
    for month in MONTHS:
        answers = pl.scan_parquet(files).filter(pl.col("month") == month)
        for item in ("recommend", "csat"):
            cells = tally(answers, by=KEYS, answer=item, weight="weight")
            cells.write_parquet(folder / f"{item}-{month}.parquet", compression="zstd")
    return {}


def pandas_rows(files: list[str]) -> dict[str, float]:
    """Idiomatic pandas: flags and products as columns, one group-by."""
    import numpy as np
    import pandas as pd

    answers = pd.read_parquet(files, columns=COLUMNS)
    weight = answers["weight"].astype("float64")
    promoter, detractor = answers["recommend"] >= 9, answers["recommend"] <= 6
    flags = {"promoters": promoter, "detractors": detractor, "top": answers["csat"] >= 4}
    sums = {"w": weight, "ww": weight**2, "wp": weight * promoter, "wd": weight * detractor}
    table = answers[KEYS].assign(**flags, **sums, n=1)
    found = table.groupby(KEYS, observed=True).sum()
    p, d = found["promoters"] / found["n"], found["detractors"] / found["n"]
    found["score"] = 100 * (p - d)
    found["se"] = 100 * np.sqrt((p + d - (p - d) ** 2) / found["n"])
    found["share"] = found["top"] / found["n"]
    found["weighted"] = 100 * (found["wp"] - found["wd"]) / found["w"]
    found["effective"] = found["w"] ** 2 / found["ww"]
    return {
        "base": float(found["n"].sum()),
        "score": found["score"].mean(),
        "weighted": found["weighted"].mean(),
        "top": found["share"].mean(),
        "effective": found["effective"].mean(),
    }


QUERY = """
with sums as (
    select segment, month, count(*) as n,
        count(*) filter (recommend >= 9) as p, count(*) filter (recommend <= 6) as d,
        count(*) filter (csat >= 4) as t, sum(weight::double) as w,
        sum(weight::double * weight::double) as ww,
        sum(case when recommend >= 9 then weight::double when recommend <= 6
            then -weight::double else 0 end) as wv
    from read_parquet($files) group by segment, month),
figures as (
    select *, 100.0 * (p - d) / n as score, 100.0 * wv / w as weighted, 1.0 * t / n as share,
        100 * sqrt((1.0 * (p + d) / n - ((1.0 * p - d) / n) ** 2) / n) as se,
        w * w / ww as effective from sums)
select sum(n), avg(score), avg(weighted), avg(share), avg(effective), avg(se) from figures
"""


def duckdb_rows(files: list[str]) -> dict[str, float]:
    """DuckDB: the sums in SQL."""
    import duckdb

    duckdb.execute("set preserve_insertion_order = false")
    row = duckdb.execute(QUERY, {"files": files}).fetchone()
    names = ("base", "score", "weighted", "top", "effective")
    return dict(zip(names, map(float, row[:5]), strict=True))


TASKS: dict[str, Callable[[list[str]], dict[str, float]]] = {
    "scan": scan,
    "cxlab": cxlab_rows,
    "duckdb": duckdb_rows,
    "pandas": pandas_rows,
    "stored": cxlab_stored,
    "store": store,
}
# Imported before the clock starts, so that only work is timed.
IMPORTS = {
    "duckdb": ("duckdb",),
    "pandas": ("pandas", "pyarrow.parquet", "pyarrow.dataset"),
    "scan": ("polars",),
}
OURS = ("polars", "cxlab.tally", "cxlab.metrics.loyalty", "cxlab.metrics.satisfaction")


def make_answers(folder: Path, rows: int) -> list[str]:
    """Parquet files of a million answers each, typed as intake types them, by month.

    Keys are enums: text keys cost every tool about half as much again.
    """
    import numpy as np

    draw = np.random.default_rng(20261031)
    files = []
    for number, first in enumerate(range(0, rows, CHUNK)):
        size = min(CHUNK, rows - first)
        month = (np.arange(first, first + size) * len(MONTHS) // rows).astype("uint32")
        path = folder / f"answers-{number:04d}.parquet"
        _chunk(draw, size, month).write_parquet(
            path, compression="zstd", compression_level=1, row_group_size=CHUNK // 2
        )
        files.append(str(path))
    return files


def _chunk(draw: Any, size: int, month: Any) -> Any:
    import numpy as np
    import polars as pl

    def key(codes: Any, names: list[str]) -> pl.Series:
        return pl.Series(codes.astype("uint8")).cat.to(pl.Enum(names))

    return pl.DataFrame(
        {
            "segment": key(draw.integers(0, len(SEGMENTS), size), SEGMENTS),
            "month": key(month, MONTHS),
            "recommend": draw.choice(11, size, p=np.array(RATINGS)).astype("int16"),
            "csat": draw.integers(1, 6, size, dtype="int16"),
            "weight": draw.gamma(4.0, 0.25, size) + 0.01,
        }
    )


def spent() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def child(task: str, files: list[str]) -> None:
    """Run one task here and print what it cost and found."""
    for module in IMPORTS.get(task, OURS):
        __import__(module)
    before = spent()
    answer = TASKS[task](files)
    print(json.dumps({"work": spent() - before, "peak": peak(), "answer": answer}))


def peak() -> float:
    """Most memory this process held, in MB; what it inherited before it started not counted."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(task: str, listing: Path) -> Run:
    """Run one task in a process of its own; its whole cost comes from the system."""
    command = [sys.executable, __file__, "--task", task, "--listing", str(listing)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    text = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{task} failed")
    found = json.loads(text)
    whole = used.ru_utime + used.ru_stime
    return Run(found["work"], whole, found["peak"], found["answer"])


def installed(task: str) -> bool:
    from importlib.util import find_spec

    return all(find_spec(module.split(".")[0]) for module in IMPORTS.get(task, OURS))


def middle(runs: list[Run]) -> Run:
    """The median of each figure; the answer must be the same in all."""
    figures = zip(*[one[:3] for one in runs], strict=True)
    return Run(*(statistics.median(figure) for figure in figures), runs[0].answer)


def require_same(found: dict[str, Run]) -> None:
    """Stop unless every tool found the same figures."""
    ours = found["cxlab"].answer
    for task, one in found.items():
        for name, value in one.answer.items():
            if abs(value - ours[name]) > 1e-6 * max(1.0, abs(ours[name])):
                raise SystemExit(f"{task} finds {name} {value}, cxlab {ours[name]}")


def listed(folder: Path, files: list[str]) -> Path:
    path = folder / f"files-{len(files)}.json"
    path.write_text(json.dumps(files))
    return path


def compared(folder: Path, rows: int, repeats: int) -> dict[str, Run]:
    """Medians of every tool on so many answers, the tools taking turns."""
    files = make_answers(folder, rows)
    listing = listed(folder, files)
    run("store", listing)
    tasks = [t for t in ("scan", "cxlab", "duckdb", "pandas", "stored") if installed(t)]
    runs: dict[str, list[Run]] = {task: [] for task in tasks}
    for _ in range(repeats):
        for task in tasks:
            runs[task].append(run(task, listing))
    found = {task: middle(runs[task]) for task in tasks}
    require_same(found)
    return found


def grown(folder: Path, files: list[str], steps: list[int]) -> dict[int, Run]:
    """cxlab on more and more answers; the same files again, so that the disk stays small."""
    found = {}
    for rows in steps:
        listing = listed(folder, files * (rows // (len(files) * CHUNK)))
        found[rows] = run("cxlab", listing)
    return found


def show(rows: int, found: dict[str, Run]) -> None:
    print(f"\n{rows / 1e6:g} million answers: CPU s (with start), × the scan, peak MB")
    for task, one in found.items():
        ratio = one.work / found["scan"].work
        print(
            f"  {task:8} {one.work:7.2f} ({one.whole:6.2f}) {ratio:6.2f} {one.megabytes:8.0f}",
            flush=True,
        )


def aim(what: str, measured: str, wanted: str, met: bool) -> str:
    return f"aim: {what} | {measured} | {wanted} | {'met' if met else 'short'}"


def aims(rows: int, found: dict[str, Run]) -> Iterator[str]:
    """One line for each aim, on the largest table measured."""
    ours, at = found["cxlab"], f"{rows / 1e6:g} M"
    ratio = ours.work / found["scan"].work
    yield aim(f"CPU against the bare scan, {at}", f"{ratio:.2f}×", "≤ 2.2×", ratio <= 2.2)
    if "pandas" in found:
        less = found["pandas"].work / ours.work
        yield aim(f"less CPU than pandas, {at}", f"{less:.1f}×", "≥ 3×", less >= 3)
    if "duckdb" in found:
        slower = ours.work / found["duckdb"].work
        yield aim(f"CPU against DuckDB, {at}", f"{slower:.2f}×", "≤ 1×", slower <= 1)
    most = ours.megabytes
    yield aim(f"peak memory, {at}", f"{most:.0f} MB", "≤ 400 MB", most <= 400)
    stored = found["stored"]
    seconds = f"{stored.work:.3f} s ({stored.whole:.2f} with start)"
    yield aim(f"table from stored monthly tallies, {at}", seconds, "≤ 0.1 s", stored.work <= 0.1)


def linear(found: dict[int, Run]) -> str:
    """How much more than in proportion the largest run cost, over the second largest."""
    few, many = sorted(found)[-2:]
    ratio = (found[many].work / many) / (found[few].work / few)
    most = found[many].megabytes
    measured = f"{ratio:.2f}× per answer, {most:.0f} MB"
    met = ratio <= 1.15 and most <= 400
    return aim(f"linear from {few / 1e6:g} M to {many / 1e6:g} M", measured, "≤ 1.15×", met)


def measure(rows: list[int], repeats: int, most: int) -> None:
    lines: list[str] = []
    for count in sorted(rows):
        with tempfile.TemporaryDirectory(prefix="cxlab-tallies-") as name:
            folder = Path(name)
            started = time.time()
            found = compared(folder, count, repeats)
            show(count, found)
            print(f"  ({time.time() - started:.0f} s on the clock)", flush=True)
            lines = list(aims(count, found))
            if count == max(rows) and most > count:
                files = [str(path) for path in sorted(folder.glob("answers-*.parquet"))]
                steps = [count, *range(2 * count, most, 2 * count), most]
                growth = grown(folder, files, [step for step in steps if step % count == 0])
                for step, one in growth.items():
                    per = one.work / step * 1e6
                    print(f"  {step / 1e6:5g} M  {per:.3f} CPU s a million, {one.megabytes:.0f} MB")
                lines.append(linear(growth))
    print()
    print("\n".join(lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000_000, 50_000_000])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--linear", type=int, default=0, metavar="ROWS", help="grow up to ROWS")
    parser.add_argument("--task", choices=TASKS, help=argparse.SUPPRESS)
    parser.add_argument("--listing", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        child(options.task, json.loads(options.listing.read_text()))
    else:
        measure(options.rows, options.repeats, options.linear)


if __name__ == "__main__":
    main()
