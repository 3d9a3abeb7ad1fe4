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
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from turns import aim, peak, spent

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


def scan(files: list[str], *, weighted: bool) -> dict[str, float]:
    """The limit: read the columns and sum each."""
    import polars as pl

    keys = [pl.col(key).to_physical().cast(pl.Int64).sum() for key in KEYS]
    codes = [pl.col(item).cast(pl.Int64).sum() for item in ("recommend", "csat")]
    sums = [*keys, *codes, *([pl.col("weight").sum()] if weighted else [])]
    pl.scan_parquet(files).select(sums).collect(engine="streaming")
    return {}


def cxlab_rows(files: list[str], *, weighted: bool) -> dict[str, float]:
    """One tally of both answers, the tables from it."""
    import polars as pl

    from cxlab.tally import tally

    weight = "weight" if weighted else None
    answers = pl.scan_parquet(files)
    both = tally(answers, by=KEYS, answer=["recommend", "csat"], weight=weight)
    each = [tally(both, by=KEYS, answer=item, weight=weight) for item in ("recommend", "csat")]
    return tables(*each, weighted=weighted)


def cxlab_stored(files: list[str], *, weighted: bool) -> dict[str, float]:
    """The same tables from narrow tallies kept for each month and item."""
    import polars as pl

    folder = Path(files[0]).parent / "tallies"
    return tables(
        *[pl.read_parquet(folder / f"{item}-*.parquet") for item in ("recommend", "csat")],
        weighted=weighted,
    )


def tables(recommend: Any, csat: Any, *, weighted: bool) -> dict[str, float]:
    """Both measures, each with its interval and standard error; weighted ones beside."""
    from cxlab.metrics import loyalty, satisfaction

    score = loyalty.net_promoter_score(recommend, by=KEYS)
    top = satisfaction.top_box(csat, item="csat", by=KEYS)
    found = {
        "base": float(score["base"].sum()),
        "score": score["score"].mean(),
        "top": top["share"].mean(),
    }
    if not weighted:
        return found
    heavy = loyalty.net_promoter_score(recommend, by=KEYS, weight="weight")
    satisfaction.top_box(csat, item="csat", by=KEYS, weight="weight")
    effective = heavy["effective_base"].mean()
    return {**found, "weighted": heavy["score"].mean(), "effective": effective}


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


def pandas_rows(files: list[str], *, weighted: bool) -> dict[str, float]:
    """Idiomatic pandas: flags and products as columns, one group-by."""
    import numpy as np
    import pandas as pd

    answers = pd.read_parquet(files, columns=COLUMNS if weighted else COLUMNS[:-1])
    promoter, detractor = answers["recommend"] >= 9, answers["recommend"] <= 6
    sums = {"promoters": promoter, "detractors": detractor, "top": answers["csat"] >= 4, "n": 1}
    if weighted:
        weight = answers["weight"].astype("float64")
        sums |= {"w": weight, "ww": weight**2, "wp": weight * promoter, "wd": weight * detractor}
    found = answers[KEYS].assign(**sums).groupby(KEYS, observed=True).sum()
    p, d = found["promoters"] / found["n"], found["detractors"] / found["n"]
    found["score"] = 100 * (p - d)
    found["se"] = 100 * np.sqrt((p + d - (p - d) ** 2) / found["n"])
    found["share"] = found["top"] / found["n"]
    figures = {
        "base": float(found["n"].sum()),
        "score": found["score"].mean(),
        "top": found["share"].mean(),
    }
    if not weighted:
        return figures
    heavy = 100 * (found["wp"] - found["wd"]) / found["w"]
    effective = found["w"] ** 2 / found["ww"]
    return {**figures, "weighted": heavy.mean(), "effective": effective.mean()}


COUNTS = """count(*) as n, count(*) filter (recommend >= 9) as p,
        count(*) filter (recommend <= 6) as d, count(*) filter (csat >= 4) as t"""
WEIGHTS = """, sum(weight::double) as w, sum(weight::double * weight::double) as ww,
        sum(case when recommend >= 9 then weight::double when recommend <= 6
            then -weight::double else 0 end) as wv"""
FIGURES = """100.0 * (p - d) / n as score, 1.0 * t / n as share,
        100 * sqrt((1.0 * (p + d) / n - ((1.0 * p - d) / n) ** 2) / n) as se"""
HEAVY = ", 100.0 * wv / w as weighted, w * w / ww as effective"


def query(*, weighted: bool) -> str:
    counts, figures = COUNTS + WEIGHTS * weighted, FIGURES + HEAVY * weighted
    last = ", avg(weighted), avg(effective)" * weighted
    return f"""
with sums as (select segment, month, {counts} from read_parquet($files) group by segment, month),
figures as (select *, {figures} from sums)
select sum(n), avg(score), avg(share){last}, avg(se) from figures
"""


def duckdb_rows(files: list[str], *, weighted: bool) -> dict[str, float]:
    """DuckDB: the sums in SQL."""
    import duckdb

    duckdb.execute("set preserve_insertion_order = false")
    row = duckdb.execute(query(weighted=weighted), {"files": files}).fetchone()
    names = ("base", "score", "top", "weighted", "effective")
    return dict(zip(names[: len(row) - 1], map(float, row), strict=False))


TOOLS: dict[str, Callable[..., dict[str, float]]] = {
    "scan": scan,
    "cxlab": cxlab_rows,
    "duckdb": duckdb_rows,
    "pandas": pandas_rows,
    "stored": cxlab_stored,
}
KINDS = {"unweighted": False, "weighted": True}
TASKS: dict[str, Callable[[list[str]], dict[str, float]]] = {
    f"{tool} {kind}": partial(function, weighted=weighted)
    for tool, function in TOOLS.items()
    for kind, weighted in KINDS.items()
} | {"store": store}
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


def child(task: str, files: list[str]) -> None:
    """Run one task here and print what it cost and found."""
    for module in IMPORTS.get(task.split()[0], OURS):
        __import__(module)
    before = spent()
    answer = TASKS[task](files)
    print(json.dumps({"work": spent() - before, "peak": peak(), "answer": answer}))


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


def compared(listing: Path, kind: str, repeats: int) -> dict[str, Run]:
    """Medians of every tool, the tools taking turns."""
    tools = [tool for tool in TOOLS if installed(tool)]
    runs: dict[str, list[Run]] = {tool: [] for tool in tools}
    for _ in range(repeats):
        for tool in tools:
            runs[tool].append(run(f"{tool} {kind}", listing))
    found = {tool: middle(runs[tool]) for tool in tools}
    require_same(found)
    return found


def grown(folder: Path, files: list[str], steps: list[int]) -> dict[int, Run]:
    """cxlab on more and more answers; the same files again, so that the disk stays small."""
    found = {}
    for rows in steps:
        listing = listed(folder, files * (rows // (len(files) * CHUNK)))
        found[rows] = run("cxlab weighted", listing)
    return found


def show(rows: int, kind: str, found: dict[str, Run]) -> None:
    print(f"\n{rows / 1e6:g} million answers, {kind}: CPU s (with start), × the scan, peak MB")
    for task, one in found.items():
        ratio = one.work / found["scan"].work
        print(
            f"  {task:8} {one.work:7.2f} ({one.whole:6.2f}) {ratio:6.2f} {one.megabytes:8.0f}",
            flush=True,
        )


def aims(rows: int, kind: str, found: dict[str, Run]) -> Iterator[str]:
    """One line for each aim, on the largest table measured."""
    ours, at = found["cxlab"], f"{rows / 1e6:g} M {kind}"
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
            files = make_answers(folder, count)
            listing = listed(folder, files)
            run("store", listing)
            lines = []
            for kind in KINDS:
                found = compared(listing, kind, repeats)
                show(count, kind, found)
                lines += aims(count, kind, found)
            if count == max(rows) and most > count:
                lines.append(grow(folder, files, count, most))
    print()
    print("\n".join(lines))


def grow(folder: Path, files: list[str], count: int, most: int) -> str:
    """Print what more and more answers cost; the aim that says whether that is linear."""
    steps = [count, *range(2 * count, most, 2 * count), most]
    growth = grown(folder, files, [step for step in steps if step % count == 0])
    for step, one in growth.items():
        per = one.work / step * 1e6
        print(f"  {step / 1e6:5g} M  {per:.3f} CPU s a million, {one.megabytes:.0f} MB")
    return linear(growth)


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
