"""How fast is it known who may be asked, beside pandas, at a million contacts?

    python benchmarks/asking.py [--people N] [--repeats N]

A million earlier contacts of a million customers, judged by the same rules (consent, kind,
a window for the person and one for the channel, quarantine, opt-outs) by cxlab, by pandas
with whole columns, and by a pandas loop over persons (on a part of them, scaled up). Then
eight polls of the same people, three weeks apart and by two channels in turn: nobody may be
asked twice within a window. Then the ledger: as many lines, written through to the disk and
read back.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import turns

DAY, DAYS, BY_MAIL, QUIET = date(2026, 11, 2), 90, 120, 30
LOOPED = 50
SCRIPT = str(Path(__file__).resolve())


def tables(people: int, *, seed: int = 1) -> dict[str, pl.DataFrame]:
    """Customers and what is known of earlier contacts with them."""
    dice = np.random.default_rng(seed)
    ids = pl.Series("customer_id", [f"C{n:07}" for n in range(people)])

    def days(count: int, within: int) -> pl.Series:
        back = pl.Series(dice.integers(0, within, count)).cast(pl.Int32)
        return pl.select(pl.lit(DAY) - pl.duration(days=pl.lit(back))).to_series()

    def some(count: int) -> pl.Series:
        return ids.gather(pl.Series(dice.integers(0, people, count), dtype=pl.UInt32))

    channels = pl.Series(["email", "sms"]).gather(
        pl.Series(dice.integers(0, 2, people), dtype=pl.UInt32)
    )
    kinds = pl.Series(["customer", "customer", "customer", "former"]).gather(
        pl.Series(dice.integers(0, 4, people), dtype=pl.UInt32)
    )
    return {
        "people": pl.DataFrame(
            {"customer_id": ids, "consent": dice.random(people) < 0.9, "kind": kinds}
        ),
        "contacts": pl.DataFrame(
            {"customer_id": some(people), "date": days(people, 365), "channel": channels}
        ),
        "answers": pl.DataFrame({"customer_id": some(people // 5), "date": days(people // 5, 120)}),
        "opted_out": pl.DataFrame({"customer_id": some(people // 50)}),
    }


def kept(folder: Path) -> dict[str, pl.DataFrame]:
    return {path.stem: pl.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}


def by_cxlab(folder: Path) -> float:
    from cxlab.asking.rules import Past, judged

    told = kept(folder)
    past = Past(told["contacts"], told["answers"], None, told["opted_out"])
    found = judged(told["people"], past, rules=rules(), today=DAY)
    return float(found["reason"].null_count())


def rules() -> Any:
    from cxlab.contact import Rules

    return Rules(days=DAYS, channels={"email": BY_MAIL}, quarantine=QUIET)


def by_pandas(folder: Path) -> float:
    """Whole columns: the last contact of each person, and sets of those who are out."""
    people, contacts, answers, out = in_pandas(folder)
    import pandas as pd

    def since(days: int) -> Any:
        return pd.Timestamp(DAY - timedelta(days=days))

    last = contacts.groupby("customer_id")["date"].max()
    mail = contacts[contacts["channel"] == "email"].groupby("customer_id")["date"].max()
    said = answers.groupby("customer_id")["date"].max()
    ids = people["customer_id"]
    free = people["consent"] & (people["kind"] == "customer") & ~ids.isin(out["customer_id"])
    for days, known in ((DAYS, last), (BY_MAIL, mail), (QUIET, said)):
        free &= ~(ids.map(known) > since(days))
    return float(free.sum())


def by_loop(folder: Path) -> float:
    """Person by person, as a script is often written; a part of them, for it takes hours."""
    people, contacts, answers, out = in_pandas(folder)
    import pandas as pd

    gone, free = set(out["customer_id"]), 0
    for person in people.head(LOOPED).itertuples():
        own = contacts[contacts["customer_id"] == person.customer_id]
        said = answers[answers["customer_id"] == person.customer_id]
        mail = own[own["channel"] == "email"]
        lately = [
            (frame["date"] > pd.Timestamp(DAY - timedelta(days=days))).any()
            for frame, days in ((own, DAYS), (mail, BY_MAIL), (said, QUIET))
        ]
        asked = person.consent and person.kind == "customer" and person.customer_id not in gone
        free += bool(asked and not any(lately))
    return float(free)


def in_pandas(folder: Path) -> list[Any]:
    import pandas as pd

    return [
        pd.read_parquet(folder / f"{name}.parquet").assign(
            **({"date": lambda frame: pd.to_datetime(frame["date"])} if name in DATED else {})
        )
        for name in ("people", "contacts", "answers", "opted_out")
    ]


DATED = ("contacts", "answers")


def eight_polls(folder: Path) -> float:
    """Polls by two channels in turn: how many were asked twice within a window."""
    from cxlab.asking import draws
    from cxlab.asking.rules import Past, judged

    people = kept(folder)["people"]
    made = kept(folder)["contacts"].clear().with_columns(pl.col("date").cast(pl.Date))
    for number in range(8):
        today, channel = DAY + timedelta(days=21 * number), ("email", "sms")[number % 2]
        seen = judged(people, Past(made), rules=rules(), today=today, channel=channel)
        free = seen.filter(pl.col("reason").is_null())["customer_id"]
        drawn = draws.first(free, count=free.len() // 2, seed=1, what=str(number))
        rows = pl.DataFrame({"customer_id": drawn}).with_columns(
            date=pl.lit(today), channel=pl.lit(channel)
        )
        made = pl.concat([made, rows])
    own = made.sort("date").with_columns(
        since=pl.col("date").diff().dt.total_days().over("customer_id"),
        mail=pl.col("date").diff().dt.total_days().over("customer_id", "channel"),
    )
    twice = (pl.col("since") < DAYS) | ((pl.col("mail") < BY_MAIL) & (pl.col("channel") == "email"))
    return float(own.filter(twice).height + (own.height == 0))


def written(folder: Path) -> float:
    """A ledger of as many lines, written through to the disk and read back."""
    from cxlab.asking import ledger

    told = kept(folder)["contacts"].with_columns(
        at=pl.lit(datetime(2026, 11, 2).isoformat()),
        state=pl.lit("sent"),
        poll=pl.lit("p"),
        kind=pl.lit("invitation"),
    )
    with tempfile.TemporaryDirectory() as place, ledger.opened(Path(place)) as book:
        book.append_many(told)
        return float(ledger.read(Path(place)).height)


TASKS = {
    "cxlab": by_cxlab,
    "pandas": by_pandas,
    "loop": by_loop,
    "polls": eight_polls,
    "ledger": written,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--task", choices=TASKS)
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    if chosen.task:
        turns.report(lambda: TASKS[chosen.task](chosen.folder))
        return
    with tempfile.TemporaryDirectory() as place:
        for name, table in tables(chosen.people).items():
            table.write_parquet(Path(place) / f"{name}.parquet")
        told(chosen.people, chosen.repeats, Path(place))


def told(people: int, repeats: int, place: Path) -> None:
    def once(task: str) -> turns.Run:
        return turns.run(SCRIPT, ["--task", task, "--folder", place])

    runs = turns.in_turns(("cxlab", "pandas"), once, repeats=repeats)
    runs |= turns.in_turns(("loop", "polls", "ledger"), once, repeats=1)
    print(f"{people:,} contacts of {people:,} customers, medians of {repeats}")
    scale = {"loop": people / LOOPED}
    for name in ("cxlab", "pandas", "loop"):
        run = runs[name]
        wall = run.wall * scale.get(name, 1)
        about = " (scaled up from a part)" if name in scale else ""
        print(
            f"{name:8} {people / wall:12,.0f} contacts/s  wall {wall:10,.2f} s  "
            f"cpu {run.cpu * scale.get(name, 1):10,.2f} s  {run.megabytes:6,.0f} MB{about}"
        )
    ledger = runs["ledger"]
    print(f"ledger   {people / ledger.wall:12,.0f} lines/s written, fsynced and read back")
    us, them = runs["cxlab"], runs["pandas"]
    same = us.count == them.count
    print(turns.aim("the same people may be asked", f"{us.count:,.0f}", f"{them.count:,.0f}", same))
    faster, smaller = them.wall / us.wall, them.megabytes / us.megabytes
    print(turns.aim("beside pandas' columns, wall", f"{faster:.1f} x", "1 x or more", faster >= 1))
    print(
        turns.aim("beside pandas' columns, memory", f"{smaller:.1f} x", "1 x or more", smaller >= 1)
    )
    loop = runs["loop"].wall * people / LOOPED / us.wall
    print(turns.aim("beside a loop, wall", f"{loop:,.0f} x", "100 x or more", loop >= 100))
    twice = runs["polls"].count
    print(turns.aim("asked twice within a window", f"{twice:,.0f}", "0", twice == 0))


if __name__ == "__main__":
    main()
