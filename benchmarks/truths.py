"""Does the pack find what is there, and say nothing where nothing is?

Renders so many invented studies in which nothing happened, and so many in which everything
of the demo did, each with another seed, and reads their findings. A pack flags something
when one comparison survived the control of false discoveries, or a line about one was told.

    python benchmarks/truths.py [--studies 100] [--customers 3000] [--workers 2] [--first 0]

`--first` is the first seed; `--kept FOLDER` keeps the findings of each study, so that a run
that was broken off goes on where it stood.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import polars as pl
from scipy.stats import beta

from cxlab import demo
from cxlab.report.pack.render import render

PERIOD, MONTHS = "2026-10", 18
NPS = "Net promoter score"


def apart(where: str, *, better: bool, measure: str = NPS) -> pl.Expr:
    """A group that stands apart from everybody else, in the planted direction."""
    sign = pl.col("change") > 0 if better else pl.col("change") < 0
    named = (pl.col("where") == where) & (pl.col("measure") == measure)
    return (pl.col("kind") == "contrast") & named & sign


def moved(item: str, *, better: bool) -> pl.Expr:
    """A measure or theme that changed since the month before, in the planted direction."""
    sign = pl.col("change") > 0 if better else pl.col("change") < 0
    before = (pl.col("kind") == "change") & (pl.col("against") == "previous")
    return before & (pl.col("item") == item) & sign


def told(kind: str, item: str, *, rank: int | None = None) -> pl.Expr:
    """A line of the front page about an item."""
    line = (pl.col("kind") == kind) & (pl.col("item") == item) & pl.col("text").is_not_null()
    return line if rank is None else line & (pl.col("rank") == rank)


def survived(item: str, where: str | None = None, *, measure: str | None = None) -> pl.Expr:
    """A figure of a chapter that is clear beyond chance over the whole pack, told or not."""
    found = pl.col("item") == item
    for name, wanted in (("where", where), ("measure", measure)):
        found &= (pl.col(name) == wanted) if wanted else True
    return found


# The planted effects that a chapter of the pack can see → the finding that says so.
FOUND = {
    "mobile_trails": apart("mobile", better=False),
    "occasional_less_happy": apart("Occasional", better=False)
    | apart("Occasional", better=False, measure="Satisfied customers"),
    "trade_buys_more": apart("Trade", better=True, measure="Customers who ordered"),
    "redesign_lifts_effort": apart("web", better=True, measure="Customer effort"),
    "october_delivery_north": moved("recommend", better=False),
    "october_courier_comments": moved("delivery", better=True),
    "sign_in_theme": moved("sign_in", better=True),
    "delivery_matters_most": told("need", "delivery", rank=1),
    "tracking_must_be": told("need", "tracking"),
    "delivery_wanted_most": told("need", "Delivery on the day promised", rank=1),
    "chat_promise_broken": apart("chat", better=False, measure="Answered in time"),
    "vips_sooner": told("promise", "influence"),
    "broken_handoff": told("promise", "delivery"),
    "october_reviews": moved("review_stars", better=False),
    "punctuality_chain": survived("linkage_on_time_share"),
    "staff_before_customers": survived(
        "linkage_engagement", measure="engagement and satisfaction 1 months later"
    ),
    "training_works": survived("linkage_trained_share"),
    "weak_shop": survived("unit_recommend", "shop-hull"),
    "returns_fix_moves_its_moment": survived(
        "returns", measure="returns with the change: Returns portal"
    ),
    "hybrid_help": survived(
        "recommend", measure="Net promoter score with both against technical help"
    ),
    "trade_range": survived("offer_range", "Trade"),
    "occasional_answer_less": survived("asked_answered", "Occasional"),
    "value_gap": told("promise", "gap_price"),
    "families_leaving": survived("linkage_segment", "Families"),
    "unhappy_leave": survived("linkage_attitude", "detractor"),
    "review_burst": told("action", "review_burst_beyond experience"),
    "banner_works": told("action", "experiment free-returns-banner"),
    "reminder_lopsided": told("action", "draw push-reminder"),
    "assets_differ": survived("asset lookbook-video"),
    "one_idea_leads": told("need", "idea_spare parts"),
}


def findings(seed: int, *, null: bool, customers: int, kept: Path | None) -> pl.DataFrame:
    """The findings of one invented study that survived, or that nothing tested."""
    place = kept / f"{'null' if null else 'planted'}-{customers}-{seed}.parquet" if kept else None
    if place is None or not place.exists():
        found = rendered(seed, null=null, customers=customers)
        if place is None:
            return found.filter("flagged")
        found.write_parquet(place)
    return pl.read_parquet(place).filter("flagged")


def rendered(seed: int, *, null: bool, customers: int) -> pl.DataFrame:
    """All findings of the pack of one invented study."""
    with tempfile.TemporaryDirectory(prefix="cxlab-") as scratch:
        study = Path(scratch) / "study"
        demo.write(study, customers=customers, months=MONTHS, seed=seed, null=null)
        pack = render(study, PERIOD, out=Path(scratch) / "out", workers=1)
        if pack.failed:
            raise SystemExit(f"seed {seed}: {'; '.join(pack.failed.values())}")
        return pl.read_parquet(pack.folder / "findings.parquet")


def one(
    seed: int, *, null: bool, customers: int, kept: Path | None
) -> tuple[int, list[str], list[str]]:
    """Seed, what was flagged, and which planted effects were found."""
    found = findings(seed, null=null, customers=customers, kept=kept)
    flagged = [f"{row['chapter']}: {row['measure']}, {row['where']}" for row in found.to_dicts()]
    return seed, flagged, [name for name, sign in FOUND.items() if found.filter(sign).height]


def bounds(count: int, of: int) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share."""
    low = beta.ppf(0.025, count, of - count + 1) if count else 0.0
    high = beta.ppf(0.975, count + 1, of - count) if count < of else 1.0
    return float(low), float(high)


def run(chosen: argparse.Namespace, *, null: bool) -> list:
    """`one` of every seed."""
    done, seeds = [], range(chosen.first, chosen.first + chosen.studies)
    ask = partial(one, null=null, customers=chosen.customers, kept=chosen.kept)
    with ProcessPoolExecutor(chosen.workers, mp_context=get_context("spawn")) as pool:
        for each in pool.map(ask, seeds):
            done.append(each)
            what = "null" if null else "planted"
            print(f"\r{what}: {len(done)} of {len(seeds)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=100)
    parser.add_argument("--customers", type=int, default=3000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--kept", type=Path, help="keep the findings of each study here")
    chosen = parser.parse_args()
    count, people = chosen.studies, chosen.customers
    if chosen.kept:
        chosen.kept.mkdir(exist_ok=True)
    quiet = run(chosen, null=True)
    loud = [each for each in quiet if each[1]]
    for seed, flagged, _ in loud:
        print(f"null study {seed}: {'; '.join(flagged)}")
    real = run(chosen, null=False)
    for name in FOUND:
        times = sum(name in found for _, _, found in real)
        print(f"{name:28} found in {times:3} of {count}")
    low, high = bounds(len(loud), count)
    share = sum(len(found) for *_, found in real) / (len(FOUND) * count)
    print(f"{count} null and {count} planted studies of {people:,} customers, {MONTHS} months")
    print(
        f"aim: null packs that flag anything | {len(loud)} of {count} "
        f"({low:.1%} to {high:.1%}) | at most 5 of 100 | "
        f"{'met' if len(loud) <= 0.05 * count else 'short'}"
    )
    print(f"aim: planted effects found | {share:.1%} | reported | met")


if __name__ == "__main__":
    main()
