"""How positive or negative is what they wrote?

One row per text: `negative`, `neutral` and `positive` are shares of the text that add up to
1, `compound` goes from −1 to 1. Two sets of rules: "plain" are those of NLTK's VADER, to the
digit; "customers" puts a layer in front that knows what customers mean ("no problems").

Not here: cleaning (clean), who may be scored: other languages and non-answers are left out
by whoever calls (annotate).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from cxlab.errors import UnknownName
from cxlab.text.tokens import Tokens, split
from cxlab.text.tone import plain_marks
from cxlab.text.tone.plain import Rated, rated
from cxlab.text.tone.plain_scores import scored

RULES = ("customers", "plain")
NEGATIVE, NEUTRAL, POSITIVE = LABELS = ("negative", "neutral", "positive")
SCORES = dict.fromkeys(("negative", "neutral", "positive", "compound"), pl.Float64)
# The threshold of Hutto & Gilbert.
EDGE = 0.05
# The customers' rules are looked up once for each block: a larger one costs less a text.
BLOCK = 1 << 22


def scores(
    texts: pl.Series,
    *,
    rules: str = "customers",
    tokens: Tokens | None = None,
    lexicon: Mapping[str, float] | None = None,
) -> pl.DataFrame:
    """One row per text: `negative`, `neutral`, `positive` (shares) and `compound` (−1…1).

    `tokens` are those of `split(texts)`, if they are at hand; `lexicon` (valences −4…4 of
    lower-case words) replaces the English one. A null text has null scores; a text without
    words has 0. No row depends on another.

    Raises UnknownName for rules other than "customers" and "plain".
    """
    if rules not in RULES:
        raise UnknownName(f'rules must be "customers" or "plain"; they are "{rules}".')
    column = texts.cast(pl.String)
    cut = split(column) if tokens is None else tokens
    judge = _judge(cut.known, rules, lexicon)
    frames = [
        scored(judge(cut.cut(first, last)), column.slice(first, last - first))
        for first, last in cut.blocks(tokens=BLOCK)
    ]
    return pl.concat([pl.DataFrame(schema=SCORES), *frames])


def label(compound: pl.Expr) -> pl.Expr:
    """ "negative" up to −.05, "positive" from .05, "neutral" between; null stays null."""
    low = pl.when(compound <= -EDGE).then(pl.lit(NEGATIVE))
    ends = low.when(compound >= EDGE).then(pl.lit(POSITIVE))
    return ends.when(compound.is_not_null()).then(pl.lit(NEUTRAL))


def _judge(
    known: pl.Series, rules: str, lexicon: Mapping[str, float] | None
) -> Callable[[Tokens], Rated]:
    """What rates a block of texts, all of whose tokens are known."""
    marked = plain_marks.marks(known, valences=lexicon)
    if rules == "plain":
        return lambda block: rated(block, marked=marked)
    from cxlab.text.tone import customers

    return customers.judge(known, marked)
