"""What might comments be about that nobody has thought of yet?

A topic model, for exploring only: its topics have no names, change with the seed and the
month, and are not for reports. It is there to suggest themes for the codebook, so it says how
far each topic comes back under another seed and how well its words go together.

Not here: themes that are counted every month (themes), what is new (themes.new), how well
words go together (coherence).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange
from cxlab.text import tokens
from cxlab.text.coherence import coherence
from cxlab.text.terms import matrices
from cxlab.text.tokens import Tokens

# More comments than these are sampled: topics are looked at, not counted.
AT_MOST = 50_000
SHOWN = 10
# Less than this much of a topic's words is not in it.
LEAST_WEIGHT = 0.001


@dataclass(frozen=True, eq=False)
class Topics:
    """A topic model: `words` of each topic, a row per topic, and the topic of each text.

    `words`: `topic` (from 1, the largest first), `rank`, `term`, `weight`. `topics`: `topic`,
    `base` (texts read), `comments` (those whose main topic it is), `coherence` (NPMI, -1 to 1),
    and how alike it is to its match under the other seeds, 0 to 1 on average: `cosine` of all
    words, `jaccard` of the first ten. `of_texts`: the main topic, null where none was found
    or the text was not in the sample.
    """

    words: pl.DataFrame
    topics: pl.DataFrame
    of_texts: pl.Series


def explored(
    texts: pl.Series,
    *,
    count: int = 10,
    seed: int = 0,
    seeds: int = 5,
    stop: str | Collection[str] = "en",
    least: int = 5,
    words: Tokens | None = None,
) -> Topics:
    """A model of `count` topics in the texts, beside the same from `seeds` - 1 other seeds.

    Non-negative matrix factorisation (Lee and Seung 1999; scikit-learn) of the TF-IDF of words
    in at least `least` texts; the seed with the smallest error is shown. The order of the texts
    does not matter. Not for reports. Raises OutOfRange where there are fewer words or texts
    than topics, or fewer than 2 seeds.
    """
    if seeds < 2:
        raise OutOfRange(f"seeds must be at least 2, to see what comes back; it is {seeds}.")
    seen = tokens.words(tokens.split(texts)) if words is None else words
    places = _sample(texts, seed)
    cells = matrices.matrix(matrices.some(seen, places), stop=stop, least=least)
    if not 2 <= count <= min(len(cells.spelt), cells.count):
        raise OutOfRange(
            f"count must be from 2 to the number of words and texts; it is {count}, there are "
            f"{len(cells.spelt)} words in at least {least} of {cells.count} texts."
        )
    runs = [_factorised(cells, count, seed + step) for step in range(seeds)]
    best = min(range(seeds), key=lambda run: (runs[run].error, run))
    order = _by_size(runs[best])
    found = runs[best].ordered(order)
    others = [run for index, run in enumerate(runs) if index != best]
    return _described(found, others, cells, matrices.some(seen, places), len(texts), places)


@dataclass(frozen=True, eq=False)
class _Run:
    """One factorisation: how much of each topic is in each text, and of each word in a topic."""

    of_texts: NDArray[np.float64]
    of_words: NDArray[np.float64]
    error: float

    def ordered(self, order: NDArray[np.int64]) -> _Run:
        return _Run(self.of_texts[:, order], self.of_words[order], self.error)

    def main(self) -> NDArray[np.int64]:
        """The topic each text has most of, or -1."""
        return np.where(self.of_texts.any(axis=1), self.of_texts.argmax(axis=1), -1)

    def first(self) -> list[NDArray[np.int64]]:
        """The first words of each topic, at most ten."""
        ranked = np.argsort(-self.of_words, axis=1, kind="stable")[:, :SHOWN]
        pairs = zip(ranked, self.of_words, strict=True)
        return [words[weights[words] >= LEAST_WEIGHT] for words, weights in pairs]


def _sample(texts: pl.Series, seed: int) -> NDArray[np.int64]:
    """Places of the texts to read, in an order that depends on what they say alone."""
    order = texts.arg_sort().to_numpy().astype(np.int64)[texts.null_count() :]
    if len(order) <= AT_MOST:
        return order
    drawn = np.random.default_rng(seed).choice(len(order), AT_MOST, replace=False)
    return order[np.sort(drawn)]


def _factorised(cells: matrices.Matrix, count: int, seed: int) -> _Run:
    from scipy.sparse import csr_array
    from sklearn.decomposition import NMF

    shape = (cells.count, len(cells.spelt))
    weights = csr_array((cells.weights("smooth"), (cells.texts, cells.terms)), shape=shape)
    model = NMF(count, init="random", random_state=seed, max_iter=500, tol=1e-3)
    of_texts = model.fit_transform(weights)
    # A topic's words add up to 1, so that amounts in texts can be compared between topics.
    scale = model.components_.sum(axis=1)
    scale[scale == 0] = 1
    return _Run(of_texts * scale, model.components_ / scale[:, None], model.reconstruction_err_)


def _by_size(run: _Run) -> NDArray[np.int64]:
    main = run.main()
    sizes = np.bincount(main[main >= 0], minlength=len(run.of_words))
    return np.lexsort((run.of_words.argmax(axis=1), -sizes))


def _matched(one: _Run, other: _Run) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each topic the cosine and the Jaccard index with its match; each is matched once."""
    from scipy.optimize import linear_sum_assignment

    lengths = [np.linalg.norm(run.of_words, axis=1, keepdims=True) for run in (one, other)]
    units = [
        run.of_words / np.where(length > 0, length, 1)
        for run, length in zip((one, other), lengths, strict=True)
    ]
    alike = units[0] @ units[1].T
    rows, columns = linear_sum_assignment(-alike)
    mine, theirs = one.first(), other.first()
    shared = [_jaccard(mine[a], theirs[b]) for a, b in zip(rows, columns, strict=True)]
    return alike[rows, columns], np.array(shared)


def _jaccard(mine: NDArray[np.int64], theirs: NDArray[np.int64]) -> float:
    return len(np.intersect1d(mine, theirs)) / max(len(np.union1d(mine, theirs)), 1)


def _described(
    run: _Run,
    others: list[_Run],
    cells: matrices.Matrix,
    words: Tokens,
    count: int,
    places: NDArray[np.int64],
) -> Topics:
    first, main = run.first(), run.main()
    numbers, lengths = np.arange(1, len(first) + 1), [len(words) for words in first]
    places_of = np.concatenate(first)
    shown = pl.DataFrame(
        {
            "topic": np.repeat(numbers, lengths),
            "rank": np.concatenate([np.arange(1, length + 1) for length in lengths]),
            "term": cells.spelt.gather(places_of),
            "weight": run.of_words[np.repeat(numbers - 1, lengths), places_of],
        }
    )
    matches = [_matched(run, other) for other in others]
    listed = [cells.spelt.gather(row).to_list() for row in first]
    table = pl.DataFrame(
        {
            "topic": numbers,
            "base": np.full(len(numbers), len(places)),
            "comments": np.bincount(main[main >= 0], minlength=len(numbers)),
            "coherence": coherence(words, listed)["coherence"],
            "cosine": np.mean([cosine for cosine, _ in matches], axis=0),
            "jaccard": np.mean([jaccard for _, jaccard in matches], axis=0),
        }
    )
    of_texts = np.full(count, -1)
    of_texts[places] = main
    topic = pl.Series("topic", of_texts + 1)
    return Topics(shown, table, topic.set(topic == 0, None))
