"""A survey export of 1 GB to checked Parquet: what every check costs, beside no check at all.

    python benchmarks/intake.py                  1 GB, a few minutes
    python benchmarks/intake.py --size 100       100 MB, quick
    python benchmarks/intake.py --repeats 1

The export is a CSV with three header rows, as Qualtrics writes it, with line breaks inside
comments and, in every 50,000 rows, five bad ones: too short, too long, a rating off its
scale, a day that is none, a key seen before. cxlab writes the checked table, the rejected
rows with reasons, and the receipt; the others write a table.

    scan             every cell parsed, nothing written: the limit
    polars           each column cast where it can be, kept and lost rows written, two passes
    pandas           read_csv, dates parsed, to_parquet
    pandas, chunked  the same by 100,000 rows

Runs take turns, each in a process of its own; medians are printed. CPU is user and system
time of all threads, without starting Python and importing.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import turns
from turns import Run, aim

CHUNK = 50_000
BAD = 5
LIMIT = 2 << 30
RATINGS = [f"Q{number}" for number in range(1, 13)]
COLUMNS = [
    *("StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)"),
    *("Finished", "RecordedDate", "ResponseId", "ExternalReference", "DistributionChannel"),
    *("UserLanguage", *RATINGS, "Q13", "Q14", "Q15", "segment", "region", "product", "shop"),
]
TIMES = ["StartDate", "EndDate"]
SEGMENTS = ("Regulars", "Occasional", "New", "NA")
REGIONS = ("North", "South", "East", "West", "Scotland", "Wales")
CHANNELS = ("store", "web", "mobile", "phone", "chat", "email")
COMMENTS = (
    *("", "", "Fine.", "Delivery was late and nobody told me, twice.", "Great staff, as ever"),
    *('The "next day" slot came two days later.\nI had to call.', "Größe passt, danke!"),
    "I waited at home the whole day, then the driver rang once and left before I was down.",
)


def scan(export: Path, out: Path) -> int:
    """The limit: parse every cell, write nothing."""
    import polars as pl

    filled = _cells(export).select(pl.all().is_not_null().sum(), pl.len().alias("rows"))
    return int(filled.collect(engine="streaming")["rows"][0])


def polars_unchecked(export: Path, out: Path) -> int:
    """Cast what can be cast; rows where a cast loses a cell go to a file of their own."""
    import polars as pl

    numbers = [pl.col(name).cast(pl.Int16, strict=False) for name in RATINGS]
    times = [pl.col(name).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False) for name in TIMES]
    lost = [
        pl.col(name).is_not_null() & made.is_null()
        for name, made in zip([*RATINGS, *TIMES], [*numbers, *times], strict=True)
    ]
    typed = _cells(export).with_columns(*numbers, *times, lost=pl.any_horizontal(lost))
    for name, rows in (("kept", ~pl.col("lost")), ("lost", pl.col("lost"))):
        typed.filter(rows).drop("lost").sink_parquet(
            out / f"{name}.parquet", compression="zstd", compression_level=1, engine="streaming"
        )
    return int(pl.scan_parquet(out / "kept.parquet").select(pl.len()).collect().item())


def _cells(export: Path) -> Any:
    import polars as pl

    return pl.scan_csv(
        export,
        has_header=False,
        skip_rows=3,
        schema=dict.fromkeys(COLUMNS, pl.String),
        truncate_ragged_lines=True,
    )


def cxlab_intake(export: Path, out: Path) -> int:
    """Checked table, rejected rows, receipt."""
    from cxlab.load.intake import intake

    receipt = intake(export.parent, tables=out / "tables", again=True)
    file = receipt["files"][0]
    if file["rows_read"] != file["kept"] + file["rejected"]:
        raise SystemExit("rows are missing")
    return int(file["kept"])


def pandas_whole(export: Path, out: Path) -> int:
    """The usual two lines."""
    rows = _pandas(export)
    rows.to_parquet(out / "kept.parquet")
    return len(rows)


def pandas_chunked(export: Path, out: Path) -> int:
    """The same, 100,000 rows at a time."""
    rows = 0
    for number, chunk in enumerate(_pandas(export, chunksize=100_000)):
        _dated(chunk).to_parquet(out / f"kept-{number}.parquet")
        rows += len(chunk)
    return rows


def _pandas(export: Path, **more: Any) -> Any:
    import pandas as pd

    found = pd.read_csv(export, skiprows=[1, 2], on_bad_lines="skip", low_memory=False, **more)
    return found if more else _dated(found)


def _dated(rows: Any) -> Any:
    import pandas as pd

    for name in TIMES:
        rows[name] = pd.to_datetime(rows[name], format="%Y-%m-%d %H:%M:%S", errors="coerce")
    for name in RATINGS:
        rows[name] = pd.to_numeric(rows[name], errors="coerce")
    return rows


TASKS: dict[str, Callable[[Path, Path], int]] = {
    "scan": scan,
    "cxlab": cxlab_intake,
    "polars": polars_unchecked,
    "pandas": pandas_whole,
    "pandas, chunked": pandas_chunked,
}
# Imported before the clock starts, so that only work is timed.
IMPORTS = {
    "cxlab": ("polars", "numpy", "cxlab.load.intake"),
    "pandas": ("pandas", "pyarrow.parquet"),
    "pandas, chunked": ("pandas", "pyarrow.parquet"),
}


def make_study(folder: Path, megabytes: int) -> tuple[Path, int]:
    """A study of one export of about so many MB, and the number of its good rows."""
    export = folder / "survey.csv"
    (folder / "study.toml").write_text(_settings(), encoding="utf-8")
    wordings = [f"{name}, in the words of the questionnaire" for name in COLUMNS]
    ids = [f'"{{""ImportId"":""{name}""}}"' for name in COLUMNS]
    chunks = 0
    with export.open("w", encoding="utf-8", newline="") as file:
        for cells in (COLUMNS, [f'"{wording}"' for wording in wordings], ids):
            file.write(",".join(cells) + "\n")
        while file.tell() < megabytes * 1_000_000:
            text = _rows(chunks).write_csv(include_header=False, quote_style="necessary")
            file.write(text + "".join(_bad(text.split("\n", 1)[0])))
            chunks += 1
    return export, chunks * CHUNK


def _settings() -> str:
    ratings = "\n".join(f'q{n} = "Q{n}"' for n in range(2, 13))
    codebook = "\n".join(
        f'[items.q{n}]\nconstruct = "satisfaction"\nkind = "rating"\nscale = [1, 5]\n'
        'not_applicable = { "6" = "Not used" }'
        for n in range(2, 13)
    )
    return f"""[study]
name = "Benchmark"
zone = "Europe/London"
[[files]]
path = "survey.csv"
table = "responses"
format = "qualtrics"
[files.columns]
response_id = "ResponseId"
customer_id = "ExternalReference"
started_at = "StartDate"
finished_at = "EndDate"
status = {{ column = "Finished", values = {{ "1" = "complete", "0" = "partial" }} }}
channel = "DistributionChannel"
language = "UserLanguage"
unit_id = "shop"
[files.attributes]
segment = "segment"
region = "region"
product = "product"
[files.items]
recommend = "Q1"
{ratings}
reason = "Q13"
why = "Q14"
wish = "Q15"
[items.recommend]
construct = "recommend"
kind = "rating"
scale = [0, 10]
{codebook}
[items.reason]
kind = "choice"
labels = {{ "1" = "Price", "2" = "Range", "3" = "Staff", "4" = "Delivery" }}
[items.why]
construct = "comment"
kind = "comment"
[items.wish]
construct = "comment"
kind = "comment"
"""


def _rows(number: int) -> Any:
    import numpy as np
    import polars as pl

    draw = np.random.default_rng(number)

    def pick(among: tuple[str, ...]) -> Any:
        return pl.Series(among).gather(draw.integers(0, len(among), CHUNK))

    # April to September: no hour that a clock in London skips.
    start = 1_775_100_000 + draw.integers(0, 15_000_000, CHUNK)
    length = draw.integers(30, 1500, CHUNK)
    times = {"StartDate": start, "EndDate": start + length, "RecordedDate": start + length}
    ids = number * CHUNK + np.arange(CHUNK)
    # One answer in twenty-five is the code for "not used".
    shares = [0.06, 0.1, 0.2, 0.35, 0.25, 0.04]
    scores = {name: 1 + draw.choice(6, CHUNK, p=shares) for name in RATINGS} | {
        "Q1": draw.integers(0, 11, CHUNK)
    }
    frame = pl.DataFrame(
        {
            **{name: pl.from_epoch(pl.Series(at)) for name, at in times.items()},
            "Duration (in seconds)": length,
            "customer": draw.integers(0, 5_000_000, CHUNK),
            "id": ids,
            **scores,
            "Q13": draw.integers(1, 5, CHUNK),
            "DistributionChannel": pick(CHANNELS),
            "Q14": pick(COMMENTS),
            "Q15": pick(COMMENTS),
            "segment": pick(SEGMENTS),
            "region": pick(REGIONS),
        }
    )
    return frame.with_columns(
        pl.col(*times).dt.strftime("%Y-%m-%d %H:%M:%S"),
        pl.format("R_{}", pl.col("id").cast(pl.String).str.zfill(15)).alias("ResponseId"),
        pl.format("C{}", pl.col("customer").cast(pl.String).str.zfill(7)).alias(
            "ExternalReference"
        ),
        pl.lit("0").alias("Status"),
        pl.lit("203.0.113.7").alias("IPAddress"),
        pl.lit("100").alias("Progress"),
        pl.lit("1").alias("Finished"),
        pl.lit("EN-GB").alias("UserLanguage"),
        pl.format("product {}", pl.col("customer") % 997).alias("product"),
        pl.format("shop-{}", pl.col("customer") % 211).alias("shop"),
    ).select(COLUMNS)


def _bad(line: str) -> Iterator[str]:
    """The bad rows of a chunk, made from a good one, whose key the last of them repeats."""
    cells = line.split(",")[: COLUMNS.index("Q14")]
    good = [*cells, "", "", "New", "North", "product 1", "shop-1"]

    def changed(column: str, cell: str, key: str) -> str:
        row = list(good)
        row[COLUMNS.index("ResponseId")] += key
        row[COLUMNS.index(column)] = cell
        return ",".join(row) + "\n"

    yield ",".join(good[:-3]) + "\n"
    yield ",".join([*good, "one", "more"]) + "\n"
    yield changed("Q1", "11", "c")
    yield changed("EndDate", "2026-02-30 10:00:00", "d")
    yield ",".join(good) + "\n"


def child(task: str, export: Path, limited: bool) -> None:
    """Run one task here and print what it cost."""
    if limited:
        # The export is mapped, not held: address space would count a file that costs no memory.
        resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))
    for module in IMPORTS.get(task, ("polars",)):
        __import__(module)
    with tempfile.TemporaryDirectory(dir=export.parent.parent) as out:
        turns.report(lambda: TASKS[task](export, Path(out)))


def fits(export: Path) -> bool:
    """Whether cxlab takes the export in inside the limit of memory."""
    try:
        turns.run(__file__, ["--task", "cxlab", "--export", export, "--limited"])
    except SystemExit:
        return False
    return True


def installed(task: str) -> bool:
    from importlib.util import find_spec

    return all(find_spec(module.split(".")[0]) for module in IMPORTS.get(task, ("polars",)))


def show(size: int, found: dict[str, Run]) -> None:
    print(f"\n{size / 1e6:,.0f} MB: CPU s, wall s, peak MB, rows written")
    for task, one in found.items():
        print(
            f"  {task:15} {one.cpu:7.1f} {one.wall:7.1f} {one.megabytes:8,.0f} {one.count:12,.0f}",
            flush=True,
        )


def aims(found: dict[str, Run], limited: bool) -> Iterator[str]:
    """One line for each aim."""
    ours = found["cxlab"]
    if "pandas" in found:
        less = found["pandas"].cpu / ours.cpu
        yield aim("less CPU than pandas", f"{less:.2f}×", "≥ 2.5×", less >= 2.5)
    if "polars" in found:
        more = ours.cpu / found["polars"].cpu
        yield aim("CPU against polars unchecked", f"{more:.2f}×", "≤ 1.3×", more <= 1.3)
    most = ours.megabytes
    yield aim("peak memory", f"{most:,.0f} MB", "≤ 1,024 MB", most <= 1024)
    told = "succeeds" if limited else "fails"
    yield aim("inside 2 GiB of memory of its own", told, "succeeds", limited)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1000, help="MB of the export")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=TASKS, help="leave the others out")
    parser.add_argument("--task", choices=TASKS, help=argparse.SUPPRESS)
    parser.add_argument("--export", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--limited", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.task:
        child(asked.task, asked.export, asked.limited)
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "study"
        folder.mkdir()
        export, good = make_study(folder, asked.size)
        tasks = [task for task in asked.only or TASKS if installed(task)]
        found = turns.in_turns(
            tasks,
            lambda task: turns.run(__file__, ["--task", task, "--export", export]),
            repeats=asked.repeats,
        )
        limited = fits(export)
        show(export.stat().st_size, found)
        if "cxlab" not in found:
            return
        if found["cxlab"].count != good:
            raise SystemExit(f"cxlab keeps {found['cxlab'].rows:,} rows of {good:,} good ones")
        print(*aims(found, limited), sep="\n")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).resolve().parents[1]))
    main()
