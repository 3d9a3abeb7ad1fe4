"""From the valences of its words to the four scores of a text.

`compound` adds the valences up and squeezes the sum into −1…1; `negative`, `neutral` and
`positive` are shares of the text. Rounded as Python rounds, which is not as numpy rounds.

Not here: the valences (plain).
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.text.tone.plain import Rated

Floats = NDArray[np.float64]
ALPHA = 15
# A sum this small is zero but for rounding, which differs between versions of Python: without
# this, NLTK adds the emphasis of "!" to the sign of a rounding error.
NOTHING = 1e-9


def scored(rated: Rated, texts: pl.Series) -> pl.DataFrame:
    """`negative`, `neutral`, `positive` (shares, 3 digits) and `compound` (−1…1, 4 digits).

    One row per text; null for a null text, all 0 for a text without words.
    """
    value, owners, count = rated.valences, rated.owners, len(rated.counts)
    emphasis = _emphasis(texts)
    total = _sums(owners, value, count)
    total[np.abs(total) < NOTHING] = 0.0
    total += np.sign(total) * emphasis
    good, bad = value > 0, value < 0
    positive = _sums(owners[good], value[good] + 1, count)
    negative = -_sums(owners[bad], value[bad] - 1, count)
    toned = np.bincount(owners[good | bad], minlength=count)
    neutral = (rated.counts - toned).astype(np.float64)
    more = positive > negative
    less = positive < negative
    positive = np.where(more, positive + emphasis, positive)
    negative = np.where(less, negative + emphasis, negative)
    whole = positive + negative + neutral
    whole[whole == 0] = 1.0
    shares = {"negative": negative, "neutral": neutral, "positive": positive}
    columns = {name: rounded(part / whole, 3) for name, part in shares.items()}
    columns["compound"] = rounded(total / np.sqrt(total * total + ALPHA), 4)
    written = pl.Series("text", texts.is_not_null())
    return pl.DataFrame(columns).select(pl.when(written).then(pl.all()))


def rounded(values: Floats, digits: int) -> Floats:
    """Rounded as Python's `round` does: by the exact value, halves to the even digit."""
    unit = float(10**digits)
    scaled = values * unit
    whole = np.rint(scaled)
    result: Floats = whole / unit
    # Only beside a half can the product hide on which side the exact value lies.
    close = np.flatnonzero(np.abs(np.abs(scaled - whole) - 0.5) < 1e-6)
    result[close] = [round(float(value), digits) for value in values[close]]
    return result + 0.0


def _sums(owners: NDArray[np.intp], values: Floats, count: int) -> Floats:
    # bincount adds one after the other, as Python does; numpy's sum would add in pairs.
    return np.bincount(owners, weights=values, minlength=count).astype(np.float64)


def _emphasis(texts: pl.Series) -> Floats:
    """What up to four exclamation marks and two or more question marks add."""
    plain = texts.fill_null("")
    calls = np.minimum(plain.str.count_matches("!", literal=True).to_numpy(), 4).astype(np.float64)
    asks = plain.str.count_matches("?", literal=True).to_numpy().astype(np.float64)
    asked = np.where(asks > 3, 0.96, np.where(asks > 1, asks * 0.18, 0.0))
    return calls * 0.292 + asked
