"""Who gave which answer: one bar per group, cut by answer from worst to best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from cxlab.errors import require_columns
from cxlab.guard import require_guarded
from cxlab.plots import numbers
from cxlab.plots.texts import label, plain, sentence_case, spoken, wrapped
from cxlab.plots.theme import DARK_TEXT_ON, DIVERGING, MUTED, SIZE

RECOMMEND = {"Detractors (0–6)": range(7), "Passives (7–8)": (7, 8), "Promoters (9–10)": (9, 10)}
MOST_COLOURS = max(DIVERGING)
NOT_GROUPS = ("answer", "measure", "item", "unit", "better", "face")
Bar = dict[str, Any]


class Names(NamedTuple):
    """What answers are called: a label by code, with the code before it or without."""

    labels: Mapping[str, str]
    coded: bool


def distribution(
    result: pl.DataFrame,
    *,
    labels: Mapping[str, str] | None = None,
    better: str = "up",
    title: str = "Who gave which answer",
    what: str = "",
    coded: bool = True,
) -> Any:
    """A figure of stacked bars from rows of `answer`, `share` and `base`, one bar per group.

    Colours run from worst (orange) to best (blue), so `better` says which end is good; a
    0–10 scale is shown as detractors, passives and promoters. Hidden groups say why. With
    `coded=False` an answer is told by its label alone, its code left out.
    """
    from cxlab.plots.chart import chart

    require_guarded(result)
    require_columns(result, ["answer", "share", "base"], what="result")
    spoken_of = Names(labels or {}, coded)
    bars = _bars(result, spoken_of, better)
    names = _answers(result, spoken_of, better)
    told = f"{plain(what, longest=160)} · shares of {_bases(bars)} answers"
    return chart(
        [_trace(bars, name, number, len(names)) for number, name in enumerate(names)],
        _layout(bars),
        title=title,
        subtitle=told.removeprefix(" · "),
        alt=f"{title}. {_described(bars, names)}",
        numbers=_numbers(bars, names, title),
    )


def _code(code: object) -> str:
    number = float(str(code))
    return str(int(number)) if number.is_integer() else str(number)


def _named(code: object, names: Names, codes: list[Any]) -> str:
    """The answer's name: its band on a 0–10 scale, else its label, else its code."""
    if _is_recommend(codes):
        return next(name for name, band in RECOMMEND.items() if float(str(code)) in band)
    text = plain(names.labels.get(_code(code), ""))
    return f"{_code(code)} {text}".strip() if names.coded or not text else text


def _is_recommend(codes: list[Any]) -> bool:
    return len(codes) > MOST_COLOURS and min(codes) >= 0 and max(codes) <= 10


def _codes(result: pl.DataFrame, better: str) -> list[Any]:
    codes = sorted(result["answer"].drop_nulls().unique().to_list())
    return codes[::-1] if better == "down" else codes


def _answers(result: pl.DataFrame, names: Names, better: str) -> list[str]:
    codes = _codes(result, better)
    return list(dict.fromkeys(_named(code, names, codes) for code in codes))[:MOST_COLOURS]


def _bars(result: pl.DataFrame, names: Names, better: str) -> list[Bar]:
    """One bar per group: its name, its base and the share of each answer."""
    codes = _codes(result, better)
    keys = result.columns[: result.columns.index("base")]
    groups = [key for key in keys if key not in NOT_GROUPS]
    bars: dict[str, Bar] = {}
    for row in result.to_dicts():
        name = " · ".join(sentence_case(plain(row[key])) for key in groups) or "All answers"
        bar = bars.setdefault(name, {"name": name, "shares": {}})
        bar |= {"base": row["base"], "hidden": row["hidden"]}
        if row["share"] is not None and row["answer"] is not None:
            answer = _named(row["answer"], names, codes)
            bar["shares"][answer] = bar["shares"].get(answer, 0.0) + row["share"]
    return [{**bar, "y": len(bars) - number} for number, bar in enumerate(bars.values())]


def _bases(bars: list[Bar]) -> str:
    return numbers.count(sum(bar["base"] or 0 for bar in bars))


def _trace(bars: list[Bar], answer: str, number: int, count: int) -> dict[str, Any]:
    colour = DIVERGING[max(count, 2)][number]
    shown = [bar for bar in bars if not bar["hidden"]]
    shares = [bar["shares"].get(answer, 0.0) for bar in shown]
    return {
        "type": "bar",
        "orientation": "h",
        "name": label(answer),
        "x": shares,
        "y": [bar["y"] for bar in shown],
        "width": 0.62,
        "text": [numbers.value(share, "share") if share >= 0.08 else "" for share in shares],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"color": "#000000" if colour in DARK_TEXT_ON else "#fffffe", "size": SIZE},
        "marker": {"color": colour, "line": {"width": 0}},
        "hovertext": [
            f"{label(bar['name'])}, {label(answer)}: {numbers.value(share, 'share')}"
            for bar, share in zip(shown, shares, strict=True)
        ],
        "hoverinfo": "text",
    }


def _layout(bars: list[Bar]) -> dict[str, Any]:
    return {
        "height": 150 + 46 * len(bars),
        "barmode": "stack",
        # A share that does not fit into its bar is left to the table, never shrunk.
        "uniformtext": {"minsize": SIZE, "mode": "hide"},
        "showlegend": True,
        "legend": {"orientation": "h", "traceorder": "normal", "x": 0, "y": 1, "yanchor": "bottom"},
        "margin": {"b": 36, "r": 24},
        "xaxis": {
            "range": [0, 1],
            "tickvals": [0, 0.5, 1],
            "ticktext": ["0%", "50%", "100%"],
        },
        "yaxis": {
            "range": [0.4, len(bars) + 0.6],
            "tickvals": [bar["y"] for bar in bars],
            "ticktext": [_tick(bar) for bar in bars],
            "showgrid": False,
        },
        "annotations": [_why(bar) for bar in bars if bar["hidden"]],
    }


def _tick(bar: Bar) -> str:
    small = "hidden" if bar["hidden"] else f"{numbers.count(bar['base'])} answers"
    name = wrapped(bar["name"], width=20)
    return f"{name}<br><span style='color:{MUTED}'>{small}</span>"


def _why(bar: Bar) -> dict[str, Any]:
    text = wrapped(bar["hidden"], width=24)
    quiet = {"color": MUTED, "size": SIZE}
    place = {"xref": "paper", "x": 0.02, "xanchor": "left", "y": bar["y"]}
    return {**place, "text": text, "showarrow": False, "font": quiet}


def _numbers(bars: list[Bar], names: list[str], caption: str) -> dict[str, Any]:
    rows = []
    for bar in bars:
        shares = [numbers.value(bar["shares"].get(name, 0.0), "share") for name in names]
        gone = [str(bar["hidden"]), *[numbers.NONE] * (len(names) - 1)]
        base = numbers.count(bar["base"])
        rows.append([bar["name"], *(gone if bar["hidden"] else shares), base])
    return {"caption": caption, "head": ["Group", *names, "Answers"], "rows": rows, "keys": 1}


def _described(bars: list[Bar], names: list[str]) -> str:
    told = []
    for bar in bars:
        each = [
            f"{spoken(name)} {numbers.value(bar['shares'].get(name, 0.0), 'share')}"
            for name in names
        ]
        told.append(f"{bar['name']}: {bar['hidden'] or ', '.join(each)}")
    return "; ".join(told) + "."
