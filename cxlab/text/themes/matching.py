"""Which comments mention which theme, and where?

`coded` gives each comment its themes; `matches` every place a phrase was found, for the
researcher who wonders why. Words in a row are looked up from the rarest of them, in
arrays: no comment is read letter by letter.

Not here: how a phrase is written (phrases), which phrases there are (codebook).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.text import tokens
from cxlab.text.themes.codebook import Codebook, Theme
from cxlab.text.themes.phrases import Phrase, Run, Variant, Word
from cxlab.text.themes.stream import Stream, Vocabulary, streams
from cxlab.text.tokens import Tokens

Places = NDArray[np.int64]
_NONE: Places = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Spans:
    """Where something was found: the first word and the word after the last, by place."""

    starts: Places
    ends: Places

    def kept(self, which: NDArray) -> Spans:
        """Some of them."""
        return Spans(self.starts[which], self.ends[which])


def coded(texts: pl.Series, codebook: Codebook, *, words: Tokens | None = None) -> pl.Series:
    """For each text the sorted names of its themes and of their parents; null stays null.

    `words` are the texts' words where they are there already (tokens.words). A text's
    themes depend on that text alone.
    """
    read = words if words is not None else tokens.words(tokens.split(texts))
    column = {name: number for number, name in enumerate(codebook.names)}
    has = np.zeros((len(read), len(column)), dtype=bool)
    for stream, theme, _, spans in found(read, codebook):
        has[stream.first + stream.owners(spans.starts), column[theme.name]] = True
    # A parent is marked from the marks of its own; themes without children come first.
    for name in sorted(codebook.names, key=lambda name: -len(codebook.above(name))):
        for parent in codebook.above(name)[:1]:
            has[:, column[parent]] |= has[:, column[name]]
    named = _named(has, codebook.names)
    return pl.select(pl.when(texts.is_not_null()).then(named)).to_series().alias("themes")


def matches(texts: pl.Series, codebook: Codebook, *, words: Tokens | None = None) -> pl.DataFrame:
    """Every place where a phrase was found: one row per hit, sorted.

    Columns `row` (of the text), `theme`, `phrase`, `at` (which word of the text, from 0) and
    `count` (words it spans). Hits that a `not` phrase vetoed are left out; parents have only
    hits of their own.
    """
    read = words if words is not None else tokens.words(tokens.split(texts))
    parts = [
        _told(stream, spans, theme=theme.name, phrase=phrase.text)
        for stream, theme, phrase, spans in found(read, codebook)
    ]
    none = {"row": pl.Int64, "theme": pl.String, "phrase": pl.String}
    empty = pl.DataFrame(schema={**none, "at": pl.Int64, "count": pl.Int64})
    return pl.concat([empty, *parts]).unique().sort("row", "at", "theme", "phrase", "count")


def found(words: Tokens, codebook: Codebook) -> Iterator[tuple[Stream, Theme, Phrase, Spans]]:
    """The places of each phrase that has any, some comments at a time."""
    every = [p for theme in codebook.themes for p in (*theme.phrases, *theme.excluded)]
    for stream, known in streams(words, every):
        finder = Finder(stream, known)
        for theme in codebook.themes:
            for phrase, spans in _hits(finder, theme):
                yield stream, theme, phrase, spans


def _hits(finder: Finder, theme: Theme) -> Iterator[tuple[Phrase, Spans]]:
    """The hits of each phrase of a theme, without those that share a word with a veto."""
    vetoes = [finder.spans(variant) for phrase in theme.excluded for variant in phrase.variants]
    banned = _joined(vetoes)
    banned = banned.kept(np.argsort(banned.starts, kind="stable"))
    reach = np.maximum.accumulate(banned.ends)
    for phrase in theme.phrases:
        spans = _joined([finder.spans(variant) for variant in phrase.variants])
        if len(banned.starts) and len(spans.starts):
            spans = spans.kept(~_touches(spans, banned.starts, reach))
        if len(spans.starts):
            yield phrase, spans


@dataclass
class Finder:
    """Finds runs of words in a stream, from the rarest of them, and each run only once."""

    stream: Stream
    known: Vocabulary
    found: dict[Run, Places] = field(default_factory=dict)
    often: dict[Word, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        stream = self.stream.classes
        kinds = len(next(iter(self.known.fits.values()), [0]))
        self.counts = np.bincount(stream, minlength=kinds)
        asked = np.flatnonzero(stream)
        # Stable and in 16 bits: a radix sort, so that places stay in order in each class.
        order = asked[np.argsort(stream[asked], kind="stable")]
        ends = np.cumsum(np.concatenate([[0], self.counts[1:]]))
        self.places = [order[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)]

    def spans(self, variant: Variant) -> Spans:
        """Where a phrase, read one way, is found."""
        first = self.run(variant.first)
        if variant.gap is None:
            return Spans(first, first + len(variant.first))
        second = self.run(variant.second)
        return self._near(first, second, variant)

    def run(self, run: Run) -> Places:
        """Where words stand in a row in one sentence, in their order."""
        if run not in self.found:
            self.found[run] = self._sought(run)
        return self.found[run]

    def _sought(self, run: Run) -> Places:
        fits = [self.known.fits[word] for word in run]
        often = [self._often(word) for word in run]
        rarest = often.index(min(often))
        if not often[rarest]:
            return _NONE
        kinds = np.flatnonzero(fits[rarest]).tolist()
        starts = [self.places[kind] for kind in kinds if self.counts[kind]]
        at = np.sort(np.concatenate(starts)) if len(starts) > 1 else starts[0]
        if len(run) == 1:
            return at
        at = at - rarest
        at = at[(at >= 0) & (at + len(run) <= len(self.stream.classes))]
        for offset, fit in enumerate(fits):
            if offset != rarest:
                at = at[fit[self.stream.classes[at + offset]]]
        sentence = self.stream.sentences
        return at[sentence[at] == sentence[at + len(run) - 1]]

    def _often(self, word: Word) -> int:
        """How many words of the comments fit a word of a phrase."""
        if word not in self.often:
            self.often[word] = int(self.counts[self.known.fits[word]].sum())
        return self.often[word]

    def _near(self, first: Places, second: Places, variant: Variant) -> Spans:
        """Each pair of the two runs in one sentence that is near enough, without overlap."""
        one, two, gap = len(variant.first), len(variant.second), int(variant.gap or 0)
        low = np.searchsorted(second, first - gap - two, side="left")
        high = np.searchsorted(second, first + one + gap, side="right")
        each = high - low
        left = np.repeat(first, each)
        within = np.arange(len(left)) - np.repeat(np.cumsum(each) - each, each)
        right = second[np.repeat(low, each) + within]
        both = Spans(np.minimum(left, right), np.maximum(left + one, right + two))
        apart = (right >= left + one) | (left >= right + two)
        sentence = self.stream.sentences
        return both.kept(apart & (sentence[both.starts] == sentence[both.ends - 1]))


def _touches(hits: Spans, banned: Places, reach: Places) -> NDArray[np.bool_]:
    """Whether a hit shares a word with a banned span, by where these start and reach so far."""
    before = np.searchsorted(banned, hits.ends, side="left")
    return (before > 0) & (reach[np.maximum(before, 1) - 1] > hits.starts)


def _joined(spans: Sequence[Spans]) -> Spans:
    if len(spans) == 1:
        return spans[0]
    return Spans(
        np.concatenate([_NONE, *(each.starts for each in spans)]),
        np.concatenate([_NONE, *(each.ends for each in spans)]),
    )


def _told(stream: Stream, spans: Spans, *, theme: str, phrase: str) -> pl.DataFrame:
    owners = stream.owners(spans.starts)
    return pl.DataFrame(
        {"row": owners + stream.first, "at": spans.starts - stream.starts[owners]},
        schema={"row": pl.Int64, "at": pl.Int64},
    ).select(
        "row",
        pl.lit(theme).alias("theme"),
        pl.lit(phrase).alias("phrase"),
        "at",
        pl.Series("count", spans.ends - spans.starts, dtype=pl.Int64),
    )


def _named(has: NDArray[np.bool_], names: Sequence[str]) -> pl.Series:
    """Rows of marks as lists of names: few sets of themes occur, so each is spelt once."""
    packed = np.packbits(has, axis=1)
    kinds, which = np.unique(_as_one(packed), return_inverse=True)
    sets = np.unpackbits(kinds.view(np.uint8).reshape(len(kinds), packed.shape[1]), axis=1)
    kind, name = np.nonzero(sets[:, : len(names)])
    spelt = pl.Series("names", names, dtype=pl.String).gather(name)
    found = pl.DataFrame({"kind": kind, "names": spelt}).group_by("kind", maintain_order=True)
    every = pl.DataFrame({"kind": np.arange(len(kinds))}).join(
        found.agg("names"), on="kind", how="left", maintain_order="left"
    )
    lists = every["names"].fill_null(pl.Series([[]], dtype=pl.List(pl.String)))
    return lists.gather(which.reshape(-1))


def _as_one(packed: NDArray[np.uint8]) -> NDArray[np.void]:
    """Each row as one value, so that rows can be told apart."""
    rows = np.ascontiguousarray(packed)
    return rows.view(np.dtype((np.void, rows.shape[1]))).reshape(-1)
