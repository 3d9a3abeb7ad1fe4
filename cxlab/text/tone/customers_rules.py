"""What do customers say, and is it good or bad? The rules as people write them.

The rules stand in `customers.txt`; its head explains the language to a researcher. Here they
are read, and every word that any rule names gets a symbol, so that matching compares small
numbers and never letters.

    @problem = problem+ issue+ fault+           a class of words; + adds inflections, * any ending
    +1.9 | no/never ~3 @problem                 a value, and what must stand there

Not here: finding the rules in texts (customers_matching), what a find does to the tone
(customers).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from cxlab.errors import StudyInvalid

WORD, GAP, NOT, COMMA, BOUND = "word", "gap", "not", "comma", "bound"
# What must stand beside a place: the end of a clause, a sentence or the whole text.
CLAUSE, SENTENCE, TEXT = 1, 2, 3
_BOUNDS = {";": CLAUSE, "<": SENTENCE, ">": SENTENCE, "^": TEXT, "$": TEXT}
# Symbols every rule may name: a word of no class, and anything with a digit in it.
OTHER, DIGITS = 0, 1
# A spelling is forgiven in words of so many letters: "excelent", but not "of" for "off".
LONG = 5


@dataclass(frozen=True)
class Element:
    """One place of a rule: words that may stand there, a gap, a bound."""

    kind: str
    words: frozenset[str] = frozenset()  # WORD and NOT; a * at the end is any ending
    size: int = 0  # the widest GAP; the level of a BOUND
    optional: bool = False
    place: int = -1  # the row of its words in Rules.tables


@dataclass(frozen=True)
class Rule:
    """A value for what stands in `core`, where `before` and `after` stand beside it."""

    value: float
    before: tuple[Element, ...]
    core: tuple[Element, ...]
    after: tuple[Element, ...]
    line: int

    def elements(self) -> tuple[Element, ...]:
        """All places from left to right."""
        return (*self.before, *self.core, *self.after)


@dataclass(frozen=True, eq=False)
class Rules:
    """The rules, with a symbol for each word they name and a table of symbols for each place.

    `tables[place]` says of each symbol whether it may stand there (`weights`: the same as
    numbers); `needs` are the places of the words a rule cannot do without; `endings` are the
    words with a *, the longest first; `near` finds the symbol of a squeezed spelling. The
    first `firm` rules always hold, the others are hunches; `values` are those of all.
    """

    rules: tuple[Rule, ...]
    firm: int
    values: NDArray[np.float64]
    symbols: dict[str, int]
    endings: dict[str, int]
    near: dict[str, int]
    tables: NDArray[np.bool_]
    weights: NDArray[np.float32]
    needs: tuple[tuple[int, ...], ...]


@lru_cache(maxsize=1)
def shipped() -> Rules:
    """The rules that come with the lab."""
    return read(text_of("customers.txt"), hunches=text_of("customers_hunches.txt"))


def text_of(name: str) -> str:
    """The text of one of the layer's own files."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def read(text: str, *, hunches: str = "") -> Rules:
    """The rules of a file's text, and the hunches of another, which may use its classes.

    Raises StudyInvalid, with the line, for what is no rule and a class nobody declared.
    """
    classes: dict[str, frozenset[str]] = {}
    firm = _rules(text, classes)
    return _numbered([*firm, *_rules(hunches, classes)], firm=len(firm))


def _rules(text: str, classes: dict[str, frozenset[str]]) -> list[Rule]:
    """The rules of a text, whose classes join the `classes`."""
    rules = []
    for number, line in lines_of(text):
        if line.startswith("@"):
            name, _, words = line.partition("=")
            classes[name.strip()] = _words(words.split(), classes, number)
        else:
            rules.append(_rule(line, classes, number))
    return rules


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """The numbered lines that say something: no remarks, a line after a deep indent goes on."""
    held, at = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.partition("#")[0].rstrip() if line.startswith(("#", " #")) else line.rstrip()
        if line.startswith("    ") and held:
            held += " " + bare.strip()
            continue
        if held:
            yield at, held
        held, at = bare.strip(), number
    if held:
        yield at, held


def _rule(line: str, classes: dict[str, frozenset[str]], number: int) -> Rule:
    head, _, pattern = line.partition("|")
    try:
        value = float(head)
    except ValueError:
        raise _invalid(number, "be a class (@name = words) or a rule (value | words)") from None
    parts: tuple[list[Element], list[Element], list[Element]] = ([], [], [])
    for token in pattern.split():
        inside = token.startswith("[")
        element = _element(token.strip("[]"), classes, number)
        beside = inside or element.kind in (NOT, BOUND)
        side = 1 if not beside else 2 if parts[1] else 0
        if parts[2] and side == 1:
            raise _invalid(number, "have [ ], !, < > and $ at its ends only")
        parts[side].append(element)
    if not any(each.kind == WORD and not each.optional for each in parts[1]):
        raise _invalid(number, "name a word that must stand there")
    return Rule(value, tuple(parts[0]), tuple(parts[1]), tuple(parts[2]), number)


def _element(token: str, classes: dict[str, frozenset[str]], number: int) -> Element:
    if token in _BOUNDS:
        return Element(BOUND, size=_BOUNDS[token])
    if token == ",":
        return Element(COMMA)
    if re.fullmatch(r"~\d", token):
        return Element(GAP, size=int(token[1]))
    optional = token.startswith("(") and token.endswith(")")
    token = token[1:-1] if optional else token
    kind = NOT if token.startswith("!") else WORD
    # 10/10 is a word; everywhere else a stroke parts words.
    names = [token] if re.fullmatch(r"\d+/\d+", token) else token.lstrip("!").split("/")
    words = _words(names, classes, number)
    return Element(kind, words=words, optional=optional)


def _words(names: Iterable[str], classes: dict[str, frozenset[str]], number: int) -> frozenset[str]:
    found: set[str] = set()
    for name in names:
        if name.startswith("@"):
            if name not in classes:
                raise _invalid(number, f"name classes declared above it; {name} is not")
            found |= classes[name]
        elif name.endswith("+"):
            found |= inflected(name[:-1])
        elif name:
            found.add(plain(name))
    if not found:
        raise _invalid(number, "hold words")
    return frozenset(found)


def inflected(word: str) -> set[str]:
    """A word and its regular inflections: wait waits waited waiting, try tries, stop stopped."""
    stem = word[:-1] if word.endswith("e") else word
    if re.search(r"[^aeiou]y$", word):
        return {word, word[:-1] + "ies", word[:-1] + "ied", word + "ing"}
    plural = word + ("es" if re.search(r"(?:s|x|z|ch|sh)$", word) else "s")
    forms = {word, plural, stem + "ed", stem + "ing"}
    if re.search(r"(?<![aeiou])[aeiou][bdglmnprt]$", word):
        forms |= {word + word[-1] + "ed", word + word[-1] + "ing"}
    return forms


@lru_cache(maxsize=1 << 15)
def plain(word: str) -> str:
    """A word as rules compare it: don't, dont and don’t are one, and so are its and it's."""
    bare = word.lower().replace("’", "'")
    return bare if "'" not in bare else re.sub(r"'s$", "s", re.sub(r"n't$", "nt", bare))


def squeezed(word: str) -> str:
    """A word with its doubled letters single, which is how many misspell it."""
    return re.sub(r"(.)\1+", r"\1", word)


def _numbered(rules: list[Rule], *, firm: int) -> Rules:
    """A symbol for each word that any rule names, and the table of each place."""
    sets = {each.words for rule in rules for each in rule.elements() if each.words}
    ordered = sorted(sets, key=sorted)
    named = sorted({word for words in sets for word in words if word not in ("_", "#")})
    symbols = {word: index for index, word in enumerate(named, start=2)}
    tables = _tables(ordered, named, symbols)
    ends = [word for word in named if word.endswith("*")]
    longest = sorted(ends, key=lambda word: (-len(word), word))
    rows = {words: row for row, words in enumerate(ordered)}
    placed = tuple(_placed(rule, rows) for rule in rules)
    whole = {word: code for word, code in symbols.items() if not word.endswith("*")}
    return Rules(
        rules=placed,
        firm=firm,
        values=np.array([rule.value for rule in rules]),
        symbols=whole,
        near={squeezed(word): code for word, code in whole.items() if len(word) >= LONG},
        endings={word[:-1]: symbols[word] for word in longest},
        tables=tables,
        weights=tables.astype(np.float32),
        needs=tuple(_needs(rule) for rule in placed),
    )


def _tables(
    sets: list[frozenset[str]], named: list[str], symbols: dict[str, int]
) -> NDArray[np.bool_]:
    """For each set of words, which symbols are in it."""
    tables = np.zeros((len(sets), len(symbols) + 2), np.bool_)
    for row, words in enumerate(sets):
        tables[row, [symbols[word] for word in words if word in symbols]] = True
        for begin in [word[:-1] for word in words if word.endswith("*")]:
            # The words that begin alike stand together.
            first, last = (bisect_left(named, edge) for edge in (begin, begin + chr(0x10FFFF)))
            tables[row, first + 2 : last + 2] = True
        tables[row, DIGITS] = "#" in words
        if "_" in words:
            tables[row] = True
    return tables


def _placed(rule: Rule, rows: dict[frozenset[str], int]) -> Rule:
    """The rule with the row of each element's words."""
    parts = [
        tuple(replace(each, place=rows.get(each.words, -1)) for each in part)
        for part in (rule.before, rule.core, rule.after)
    ]
    return replace(rule, before=parts[0], core=parts[1], after=parts[2])


def _needs(rule: Rule) -> tuple[int, ...]:
    return tuple(each.place for each in rule.core if each.kind == WORD and not each.optional)


def _invalid(number: int, must: str) -> StudyInvalid:
    return StudyInvalid(f"Line {number} of the customers' rules must {must}.")
