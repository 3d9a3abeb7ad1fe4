"""What plans, drafts, runs and replies say on the command line, one list of lines each.

Not here: the figures (plan, rules, answered), the chapter (chapters).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from cxlab.asking import replies as replying
from cxlab.asking.rules import REASONS
from cxlab.asking.sending import Sent
from cxlab.plots import numbers
from cxlab.plots.texts import plain, spoken

FLESCH_HARD = 50


def standing(seen: pl.DataFrame, reasons: pl.DataFrame) -> list[str]:
    """How many may be asked, and how many are left alone for which reason."""
    free = int(seen["reason"].is_null().sum())
    lines = [f"{free:,} of {seen.height:,} customers may be asked."]
    for row in reasons.iter_rows(named=True):
        also = f" ({row['any']:,} in all)" if row["any"] > row["count"] else ""
        lines.append(f"  {row['count']:>9,}  {REASONS[row['reason']]}{also}")
    return lines


def selected(apart: pl.DataFrame, shifted: pl.DataFrame | None, *, measure: str) -> list[str]:
    """Whether those who may be asked are like all, and what that does to an estimate."""
    found = apart.filter(pl.col("flagged"))
    lines = [
        f"  {plain(row['level'])} ({spoken(row['column'])}): "
        f"{numbers.value(row['estimate'], 'share')} of those who may be asked, "
        f"{numbers.value(row['before'], 'share')} of those left alone"
        for row in found.iter_rows(named=True)
    ]
    head = "Those left alone are" + (" not like the others:" if lines else " much like the others.")
    told = [head, *lines]
    if shifted is not None and shifted["change"][0] is not None:
        row = shifted.row(0, named=True)
        ends = numbers.change_interval(row["change_low"], row["change_high"], "mean")
        told.append(
            f"By their earlier answers, leaving them out moves {plain(measure)} by "
            f"{row['change']:+.2f} ({ends})."
        )
    return told


def groups(found: pl.DataFrame) -> list[str]:
    """How many to invite of each group, and how sure that makes us."""
    by = found.columns[0]
    lines = [f"To invite, by {spoken(by)}:"]
    for row in found.iter_rows(named=True):
        wide = "-" if row["half_width"] is None else f"±{100 * row['half_width']:.0f} points"
        lines.append(
            f"  {plain(row[by])}: invite {row['recommended']:,} of {row['free']:,} who may be asked"
            f" ({row['invitations']:,} would give what was asked for); {wide}"
        )
    return lines


def forms(found: pl.DataFrame | None) -> list[str]:
    """What fewer items cost in reliability."""
    if found is None:
        return ["Short forms cannot be judged: too few sheets answer every item of one scale."]
    lines = ["How short can it be (alpha on sheets it was not chosen on):"]
    for row in found.iter_rows(named=True):
        lines.append(
            f"  {row['items']:>2} items: alpha {row['alpha']:.2f} "
            f"({row['low']:.2f} to {row['high']:.2f}): {', '.join(map(spoken, row['kept']))}"
        )
    return lines


def burden(whole: float, few: float, hard: pl.DataFrame) -> list[str]:
    """How long all questions take, these take, and which are hard to read."""
    lines = [f"All questions take about {whole:.0f} minutes, those chosen about {few:.1f}."]
    for row in hard.filter(pl.col("flesch") < FLESCH_HARD).iter_rows(named=True):
        lines.append(f"  hard to read: {spoken(row['item'])} (reading ease {row['flesch']:.0f})")
    return lines


def sent(done: Sent) -> list[str]:
    """What became of the letters of a run."""
    told = [f"{count:,} {state}" for state, count in done.counts.items() if count]
    lines = [", ".join(told) + "." if told else "Nothing was sent."]
    if done.resolved:
        lines.append(
            f"{done.resolved:,} left open by an earlier run that broke off: nobody knows whether "
            "they left, so they count as sent and are not sent again."
        )
    if done.stopped:
        lines.append(f"Stopped: {done.stopped}. {done.left:,} are left; run the same again later.")
    return lines


def replies(found: pl.DataFrame) -> list[str]:
    """Every row of an export by what it is; they add up."""
    names = {
        "joined": "answers to an invitation",
        "duplicate": "a second answer to the same",
        "late": "came after the poll closed",
        "stranger": "no token of ours",
        "not_sent": "a token of ours that was never sent",
        "empty": "no token",
    }
    counted: Mapping[str, int] = replying.counts(found)
    told = [f"  {count:>9,}  {names[state]}" for state, count in counted.items() if count]
    return [f"{found.height:,} rows read:", *told]


def answered(rates: pl.DataFrame, around: pl.DataFrame) -> list[str]:
    """The response rate, and what came in before and after the reminder."""
    rate = rates.filter(pl.col("rate") == "RR2").row(0, named=True)
    lines = [f"Response rate (AAPOR RR2): {_share(rate)}."]
    before, after, _ = around.to_dicts()
    if after["base"]:
        lines.append(
            f"Before the reminder {_share(before)} answered; of those reminded, {_share(after)}. "
            "Nobody was drawn to get none, so what it did is not known."
        )
    return lines


def _share(row: Mapping[str, Any]) -> str:
    if row["share"] is None:
        return "unknown"
    ends = numbers.interval(row["low"], row["high"], "share")
    return f"{numbers.value(row['share'], 'share')} ({ends}) of {row['base']:,}"
