"""Is a sentence a need, or a solution, a feature wish, a complaint, an empty phrase?

A need says what somebody wants to do, know, feel or avoid, and leaves open how. The rules
are lines of words in wording.toml, to be read and edited; they are tried in order and the
first that fits decides. English only. Of fresh sentences about two in three get their
kind and seven in eight are rightly told a need or none: a hint to read again, no verdict.

Not here: the register itself (entries), needs found in comments (text.needs).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from cxlab.blocks import Block, require_keys
from cxlab.errors import OutOfRange, StudyInvalid, UnknownName, near

KINDS = ("need", "solution", "feature wish", "complaint", "empty")
UNCLEAR = "unclear"
CHECKED = dict.fromkeys(("text", "kind", "rule", "reason", "hint"), pl.String)
NO_RULE = "no rule fits, so it may be anything"
NO_RULE_HINT = "begin with who: “I want to …”, “Customers need to …”"
# A need is one sentence; what is longer holds several, and the first cue would decide alone.
LONGEST = 500
_FILE = Path(__file__).with_name("wording.toml")
_ANY = "anything"
_LONG = (
    (r"\bcan(?:no|')?t\b", "can not"),
    (r"\bwon'?t\b", "will not"),
    (r"\b(could|would|should|did|does|do|was|were|is|are|had|has|have)n'?t\b", "${1} not"),
    (r"\b(i|we|you|they|he|she|it|there|who|that)'d\b", "${1} would"),
    (r"\b(i|we|you|they|he|she|it|there|who|that)'ll\b", "${1} will"),
    (r"\bi'm\b", "i am"),
    (r"\b(it|that|there|what|who|he|she)'s\b", "${1} is"),
)


@dataclass(frozen=True)
class Rules:
    """The rules in the order they are tried, and the words left out before."""

    rules: tuple[Rule, ...]
    silent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One rule: what a sentence is that fits `pattern` and not `excluded`, and why."""

    name: str
    kind: str
    reason: str
    hint: str
    pattern: str
    excluded: str | None


def checked(texts: Sequence[str | None] | pl.Series, *, path: Path | None = None) -> pl.DataFrame:
    """One row per text, in order: `text`, `kind`, the `rule` that fits, `reason`, `hint`.

    `kind` is one of `KINDS`, or "unclear" where no rule fits. `reason` says why, `hint` how
    to write a need instead (empty for a need). A null or blank text is "empty". `path`
    names a file of rules instead of the one shipped.

    Raises OutOfRange for a text above 500 characters, StudyInvalid and UnknownName for
    rules that cannot be read.
    """
    series = pl.Series("text", texts, dtype=pl.String)
    long = int((series.str.len_chars() > LONGEST).sum())
    if long:
        raise OutOfRange(
            f"a need must be one sentence of at most {LONGEST} characters; {long} of "
            f"{len(series)} are longer."
        )
    return _judged(series, rules(path))


def rules(path: Path | None = None) -> Rules:
    """The rules of a file, or those shipped, in the order they are tried."""
    return _read(_FILE if path is None else path)


def _judged(series: pl.Series, every: Rules) -> pl.DataFrame:
    known = every.rules
    plain = _laid_out(pl.col("text").fill_null(""), every.silent).alias("plain")
    laid = series.to_frame().with_columns(plain)
    blank = pl.col("plain") == " ^  $ "
    first = pl.coalesce(
        *(pl.when(_fits(rule)).then(pl.lit(at)) for at, rule in enumerate(known)),
        pl.lit(None, pl.Int32),
    )
    told = laid.with_columns(pl.when(~blank).then(first).alias("at"), blank.alias("blank"))
    placeholder = next((rule for rule in known if rule.kind == "empty"), None)
    return told.select(
        "text",
        *(
            pl.when("blank")
            .then(pl.lit(_of_blank(placeholder)[name]))
            .when(pl.col("at").is_null())
            .then(pl.lit(_OF_NONE[name]))
            .otherwise(_looked_up(known, name))
            .alias(name)
            for name in _OF_NONE
        ),
    ).cast(pl.Schema(CHECKED))


_OF_NONE = {"kind": UNCLEAR, "rule": None, "reason": NO_RULE, "hint": NO_RULE_HINT}


def _of_blank(rule: Rule | None) -> dict[str, str | None]:
    """What an empty cell is said to be: an empty phrase, with the hint of the first such rule."""
    hint = rule.hint if rule else NO_RULE_HINT
    return {"kind": "empty", "rule": None, "reason": "nothing is written", "hint": hint}


def _looked_up(known: tuple[Rule, ...], name: str) -> pl.Expr:
    values = {
        at: getattr(rule, "name" if name == "rule" else name) for at, rule in enumerate(known)
    }
    return pl.col("at").replace_strict(values, default=None, return_dtype=pl.String)


def _fits(rule: Rule) -> pl.Expr:
    fits = pl.col("plain").str.contains(rule.pattern)
    return fits & ~pl.col("plain").str.contains(rule.excluded) if rule.excluded else fits


def _laid_out(sentences: pl.Expr, silent: Sequence[str]) -> pl.Expr:
    """Lower-case words between single blanks, short forms spelled out, ends marked."""
    plain = sentences.str.to_lowercase().str.replace_all("[’ʼ＇‘`´]", "'")
    for short, long in _LONG:
        plain = plain.str.replace_all(short, long)
    bare = plain.str.replace_all(r"[^\p{L}\p{M}\p{N}'\-/]+", " ").str.strip_chars(" '-/")
    if silent:
        words = "|".join(map(re.escape, silent))
        bare = bare.str.replace_all(rf"\b(?:{words})(?: |$)", "").str.strip_chars(" ")
    return pl.concat_str([pl.lit(" ^ "), bare, pl.lit(" $ ")])


@cache
def _read(path: Path) -> Rules:
    try:
        says = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise StudyInvalid(f"rules of wording must be a TOML file; `{path}` is not one.") from None
    require_keys(says, ("language", "silent", "words", "rule"), where=path.name)
    lists = Block(says.get("words", {}), where=f"{path.name} [words]")
    words = {name: _joined(lists.text(name)) for name in lists.says}
    written = says.get("rule", [])
    if not isinstance(written, list) or not written:
        raise StudyInvalid(f"{path.name} must have [[rule]] blocks; it has none.")
    silent = Block(says, where=path.name).text("silent", "")
    found = tuple(_rule(each, words, f"{path.name} [[rule]]") for each in written)
    return Rules(found, tuple(filter(None, _joined(silent).split("|"))))


def _rule(says: Any, words: Mapping[str, str], where: str) -> Rule:
    block = Block(says, where=where)
    found = Rule(
        name=block.text("name"),
        kind=block.text("kind", among=KINDS),
        reason=block.text("reason"),
        hint=block.text("hint", ""),
        pattern=_pattern(block.text("lines"), words, where) or "",
        excluded=_pattern(block.text("not", ""), words, where),
    )
    block.done()
    if not found.pattern:
        raise StudyInvalid(f"{where} `{found.name}` must have at least one line; it has none.")
    return found


def _joined(text: str) -> str:
    return "".join(text.split())


def _pattern(text: str, words: Mapping[str, str], where: str) -> str | None:
    """One expression for all lines; each takes the blank on either side."""
    lines = [line.split() for line in text.lower().splitlines() if line.strip()]
    if not lines:
        return None
    # Each word brings the blank behind it, so that the mark of the end stays findable.
    return f" (?:{'|'.join(''.join(_of_word(w, words, where) for w in line) for line in lines)})"


def _of_word(word: str, words: Mapping[str, str], where: str) -> str:
    if word == "...":
        return "(?:[^ ]+ ){0,6}"
    many = word[-1] if word[-1] in "?+" and len(word) > 1 else ""
    named = re.sub(r"<(\w+)>", lambda found: _list(found[1], words, where), word.rstrip("?+"))
    every = "|".join(_of_choice(each) for each in named.split("|"))
    return f"(?:(?:{every}) ){many}"


def _of_choice(each: str) -> str:
    # Any word, and never the mark of the end.
    if each == _ANY:
        return r"[^ $]+"
    return re.escape(each).replace(r"\*", "[^ ]*")


def _list(name: str, words: Mapping[str, str], where: str) -> str:
    if name != _ANY and name not in words:
        known = f"{near(name, [*words, _ANY])}".strip()
        raise UnknownName(f"{where} word list `<{name}>` is not known. {known}".strip())
    return words.get(name, _ANY)
