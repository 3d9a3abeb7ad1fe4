"""The language of the customers' rules, and the fast search against an obvious one."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.errors import StudyInvalid
from cxlab.text.tokens import split
from cxlab.text.tone import customers_matching as matching
from cxlab.text.tone import customers_rules as language
from cxlab.text.tone.customers_rules import BOUND, COMMA, GAP, NOT, TEXT
from cxlab.text.tone.customers_spelling import read_words, spelt

CLASSES = "@ab = a b\n@end = ca*\n"
RULES = [
    "1 | a b",
    "-1 | a ~2 c",
    "2 | no/not ~1 @ab (c) d",
    "0 | [a] b !c",
    "1 | < a _",
    "-2 | @end >",
    "1 | b , c",
    "3 | ^ d ~3 $",
    "-1 | (a) b (c) ~1 d",
    "2 | a , ~2 d ;",
    "1 | !a c [b] [~1] [d]",
    "1 | # a",
    "2 | d d",
]


def found(text: str, rules: str) -> list[tuple[float, int, int]]:
    """The value, first and last token of each find."""
    return [(value, first, last) for value, _, first, last in _searched([text], rules)]


def _searched(texts: list[str], rules: str) -> list[tuple[float, int, int, int]]:
    """Value, text, first and last token in the text."""
    read = language.read(rules)
    tokens = split(pl.Series(texts, dtype=pl.String))
    book = spelt(tokens.known, read)
    breaks = book.breaks[tokens.codes]
    breaks[tokens.starts[1:][tokens.counts() > 0] - 1] = TEXT
    finds = matching.found(matching.Places.of(book.symbols[tokens.codes], breaks), read)
    owners = tokens.owners()[finds.first]
    shift = tokens.starts[owners]
    values = [read.rules[number].value for number in finds.rule]
    return list(zip(values, owners.tolist(), finds.first - shift, finds.last - shift, strict=True))


# ------------------------------------------------------------------ the language
def test_words_stand_in_their_order() -> None:
    assert found("so still waiting here", "-1 | still waiting") == [(-1, 1, 2)]
    assert found("waiting still", "-1 | still waiting") == []


def test_a_gap_is_up_to_so_many_words() -> None:
    rule = "1 | no ~2 problems"
    assert found("no problems", rule) == [(1, 0, 1)]
    assert found("no real big problems", rule) == [(1, 0, 3)]
    assert found("no very real big problems", rule) == []


def test_a_rule_stays_within_its_sentence_and_its_clause() -> None:
    assert found("No. Problems", "1 | no problems") == []
    assert found("no, problems", "1 | no problems") == []
    assert found("no - problems", "1 | no ~1 problems") == []
    assert found("no, problems", "1 | no , problems") == [(1, 0, 1)]
    assert found("no. problems", "1 | no , problems") == []


def test_a_rule_never_goes_on_into_the_next_text() -> None:
    assert _searched(["no", "problems"], "1 | no problems") == []


def test_what_stands_beside_is_not_taken() -> None:
    assert found("great another delay", "-1 | [great] another") == [(-1, 1, 1)]
    assert found("another delay", "-1 | [great] another") == []
    assert found("never again soon", "-1 | never again !soon") == []
    assert found("never again. Soon", "-1 | never again !soon") == [(-1, 0, 1)]


def test_bounds_are_of_the_clause_the_sentence_and_the_text() -> None:
    text = "well, so. well, well"
    assert [at for _, at, _ in found(text, "1 | ; well")] == [0, 2, 3]
    assert [at for _, at, _ in found(text, "1 | < well")] == [0, 2]
    assert [at for _, at, _ in found(text, "1 | ^ well")] == [0]
    assert [at for _, at, _ in found(text, "1 | well $")] == [3]


def test_inflections_endings_numbers_and_any_word() -> None:
    assert [last for *_, last in found("call calls calling calloused", "1 | call+")] == [0, 1, 2]
    assert len(found("call calls calling calloused", "1 | call*")) == 4
    assert found("waited 3hrs", "1 | waited #") == [(1, 0, 1)]
    assert found("10/10", "2 | 10/10") == [(2, 0, 0)]
    assert found("too slow", "1 | too _") == [(1, 0, 1)]


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("wait", {"wait", "waits", "waited", "waiting"}),
        ("stop", {"stop", "stops", "stopped", "stoped", "stopping", "stoping"}),
        ("try", {"try", "tries", "tried", "trying"}),
        ("queue", {"queue", "queues", "queued", "queuing"}),
        ("fix", {"fix", "fixes", "fixed", "fixing"}),
    ],
)
def test_inflections_are_the_regular_ones(word: str, forms: set[str]) -> None:
    assert language.inflected(word) == forms


def test_the_longer_find_wins_then_the_rule_further_up() -> None:
    assert found("not bad at all", "-1 | bad\n2 | not bad\n-2 | bad at") == [(2, 0, 1)]
    assert found("a b c", "1 | a b\n2 | b c") == [(1, 0, 1)]
    assert found("a b c", "2 | b c\n1 | a b") == [(2, 1, 2)]
    assert found("a b c d", "1 | a b c\n2 | b c d e\n3 | d") == [(1, 0, 2), (3, 3, 3)]


def test_a_word_is_known_however_it_is_written() -> None:
    for text in ("Don't", "don’t", "dont", '"DON\'T"', "don't..."):
        assert found(text, "1 | don't") == [(1, 0, 0)], text
    assert found("allways late", "1 | always late") == [(1, 0, 1)]


@pytest.mark.parametrize(
    ("text", "must"),
    [
        ("still waiting", "be a class (@name = words) or a rule (value | words)"),
        ("1 | @nobody called", "name classes declared above it; @nobody is not"),
        ("1 | (still) ~2", "name a word that must stand there"),
        ("1 | a [b] c", "have [ ], !, < > and $ at its ends only"),
        ("@x =", "hold words"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_line(text: str, must: str) -> None:
    with pytest.raises(StudyInvalid) as error:
        language.read(f"# a remark\n{text}")
    assert str(error.value) == f"Line 2 of the customers' rules must {must}."


def test_words_without_a_value_are_refused_with_their_line() -> None:
    assert read_words("# remark\n-1.5 slow late+\n") == {
        **dict.fromkeys(["slow", "late", "lates", "lated", "lating"], -1.5)
    }
    with pytest.raises(StudyInvalid) as error:
        read_words("slow late")
    assert str(error.value) == "Line 1 of the customers' words must be a value and words."


# ------------------------------------------------------------------ against an obvious search
def obvious(text: str, read: language.Rules) -> list[tuple[float, int, int]]:
    """Every way every rule can stand at every place, then the best of them, one by one."""
    tokens = split(pl.Series([text]))
    if not len(tokens.codes):
        return []
    book = spelt(tokens.known, read)
    symbols, breaks = book.symbols[tokens.codes].tolist(), book.breaks[tokens.codes].tolist()
    breaks[-1] = TEXT
    spans = {
        (first, last, number)
        for number, rule in enumerate(read.rules)
        for first in range(len(symbols))
        for last in _ends(rule, read, symbols, breaks, first)
    }
    best = sorted(spans, key=lambda span: (span[0] - span[1], span[2], span[0]))
    taken: set[int] = set()
    kept = []
    for first, last, number in best:
        if taken.isdisjoint(range(first, last + 1)):
            taken.update(range(first, last + 1))
            kept.append((read.rules[number].value, first, last))
    return sorted(kept, key=lambda find: find[1])


def _ends(rule, read, symbols, breaks, first) -> set[int]:
    """Where the rule may end if it begins at `first`."""
    if not _walks(rule.before[::-1], read, symbols, breaks, first, -1):
        return set()
    lasts = _walks(rule.core, read, symbols, breaks, first - 1, 1, entering=True)
    return {
        last
        for begin, last in lasts
        if begin == first and _walks(rule.after, read, symbols, breaks, last, 1)
    }


def _walks(elements, read, symbols, breaks, at, step, entering=False):
    """All ways over the elements from a token: where the first word stood, and the last."""

    def gap(left: int) -> int:
        """What separates a token from the next one in the direction of the walk."""
        left = left if step > 0 else left - 1
        return breaks[left] if 0 <= left < len(breaks) else TEXT

    def on(index: int, at: int, begin: int | None) -> set[tuple[int | None, int]]:
        if index == len(elements):
            return {(begin, at)}
        element = elements[index]
        if element.kind == COMMA:
            return on(index + 1, at, begin)
        across = _crosses(elements, index)
        free = (entering and begin is None) or gap(at) <= across
        inside = 0 <= at + step < len(symbols)
        if element.kind == GAP:
            ways, here = on(index + 1, at, begin), at
            for _ in range(element.size):
                if gap(here) > across or not 0 <= here + step < len(symbols):
                    break
                here += step
                ways |= on(index + 1, here, begin)
            return ways
        if element.kind == BOUND:
            return on(index + 1, at, begin) if gap(at) >= element.size else set()
        stands = free and inside and read.tables[element.place][symbols[at + step]]
        if element.kind == NOT:
            return set() if stands else on(index + 1, at, begin)
        ways = on(index + 1, at, begin) if element.optional else set()
        if stands:
            ways |= on(index + 1, at + step, at + step if begin is None else begin)
        return ways

    return on(0, at, None)


def _crosses(elements, index) -> int:
    """1 if a comma is named between the words that must stand before and behind this place."""

    def needed(each) -> bool:
        return each.kind == language.WORD and not each.optional

    before = list(itertools.takewhile(lambda e: not needed(e), elements[:index][::-1]))
    rest = elements[index:]
    behind = list(itertools.takewhile(lambda e: not needed(e), rest))
    return int(any(e.kind == COMMA for e in [*before, *behind]))


word = st.sampled_from(
    ["a", "b", "c", "d", "no", "Not", "cat", "x", "3", "-", "a,", "b.", "c,", "d!"]
)
texts = st.lists(word, max_size=12).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(texts, min_size=1, max_size=4),
    st.lists(st.sampled_from(RULES), min_size=1, max_size=4),
)
def test_the_fast_search_finds_what_the_obvious_one_finds(
    drawn: list[str], rules: list[str]
) -> None:
    text = CLASSES + "\n".join(rules)
    read = language.read(text)
    expected = [
        (value, owner, first, last)
        for owner, one in enumerate(drawn)
        for value, first, last in obvious(one, read)
    ]
    assert _searched(drawn, text) == expected


def test_the_shipped_rules_find_what_the_obvious_search_finds() -> None:
    import csv
    from pathlib import Path

    path = Path(__file__).parent / "cases" / "remarks.csv"
    remarks = [row["remark"] for row in csv.DictReader(path.open(encoding="utf-8"))][::24]
    shipped = language.shipped()
    tokens = split(pl.Series(remarks))
    book = spelt(tokens.known, shipped)
    breaks = book.breaks[tokens.codes]
    breaks[tokens.starts[1:] - 1] = TEXT
    finds = matching.found(matching.Places.of(book.symbols[tokens.codes], breaks), shipped)
    owners = tokens.owners()[finds.first]
    for owner, remark in enumerate(remarks):
        here = np.flatnonzero(owners == owner)
        got = [
            (
                shipped.rules[finds.rule[i]].value,
                *(e[i] - tokens.starts[owner] for e in (finds.first, finds.last)),
            )
            for i in here
        ]
        assert got == obvious(remark, shipped), remark
