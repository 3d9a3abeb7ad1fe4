"""Which words say that somebody needs, wants or could not do something?

A cue is a line of words that a researcher can read (needs.toml says how) and becomes one
regular expression, matched over a sentence laid out as " ^ could not find the button $ ".
The engine is linear in the text, so no comment can make it slow.

Not here: sentences, and which of them to read (needs).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from cxlab.errors import StudyInvalid

KINDS = ("need", "want", "obstacle")
VOID, SILENT, LANGUAGE = "void", "silent", "language"
_FILE = Path(__file__).with_name("needs.toml")
# Cues are written without short forms: "cant", "can't" and "cannot" are "can not".
_VERBS = "could|would|should|did|does|do|was|were|is|are|had|has|have"
_LONG = (
    (r"\bcan(?:no|')?t\b", "can not"),
    (r"\bwon'?t\b", "will not"),
    (rf"\b({_VERBS})n'?t\b", "${1} not"),
    (r"\b(i|we|you|they|he|she|it|there|who|that)'d\b", "${1} would"),
    (r"\b(i|we|you|they|he|she|it|there|who|that)'ll\b", "${1} will"),
    (r"'s\b", " is"),
)
# What a short form hides, so that it cannot be looked for as it is written in a cue; and what
# may stand for it in a text as written.
_APOSTROPHE = "['’ʼ＇‘`´]"
_SHORTENED = {
    "would": f"would|{_APOSTROPHE}d",
    "will": f"will|{_APOSTROPHE}ll|wo",
    "is": f"is|{_APOSTROPHE}s",
    "not": f"not|n?{_APOSTROPHE}?t",
}


@dataclass(frozen=True)
class Cues:
    """The patterns by kind, what is struck out first, and the words that say nothing."""

    patterns: dict[str, str]
    void: str
    silent: frozenset[str]
    stems: tuple[str, ...]
    glance: str
    may_be_void: str
    language: str


def read(path: Path | None = None) -> Cues:
    """The cues of a file, or those shipped. Raises StudyInvalid for a file that is none."""
    return _read(_FILE if path is None else path)


def some(plain: pl.Expr, cues: Cues) -> pl.Expr:
    """Whether a sentence laid out has a cue, be it void; cheaper than `kind`."""
    return pl.any_horizontal(plain.str.contains(each) for each in cues.patterns.values())


def kind(plain: pl.Series, cues: Cues) -> pl.Series:
    """The kind of need a sentence laid out states, by its first cue; null where none."""
    places = plain.str.contains(cues.may_be_void).fill_null(False).arg_true()
    struck = plain
    if len(places):
        struck = plain.scatter(places, plain.gather(places).str.replace_all(cues.void, " ^^ "))
    at = pl.DataFrame({name: struck.str.find(each) for name, each in cues.patterns.items()})
    first = pl.min_horizontal(*KINDS)
    chosen = pl.lit(None, dtype=pl.String)
    for name in reversed(KINDS):
        chosen = pl.when(pl.col(name) == first).then(pl.lit(name)).otherwise(chosen)
    return at.select(chosen.alias("kind")).to_series()


def laid_out(sentences: pl.Expr) -> pl.Expr:
    """Lower-case words between single blanks, short forms spelled out, ends marked."""
    plain = sentences.str.to_lowercase().str.replace_all(_APOSTROPHE, "'")
    for short, long in _LONG:
        plain = plain.str.replace_all(short, long)
    bare = plain.str.replace_all(r"[^\p{L}\p{M}\p{N}'\-]+", " ").str.strip_chars(" '-")
    return pl.concat_str([pl.lit(" ^ "), bare, pl.lit(" $ ")])


def may_hold(texts: pl.Expr, cues: Cues) -> pl.Expr:
    """Whether a text has a word that some cue cannot do without; a cheap first look."""
    return texts.str.contains_any(list(cues.stems), ascii_case_insensitive=True)


def may_match(texts: pl.Expr, cues: Cues) -> pl.Expr:
    """Whether the words of some cue stand in a row in a text; a closer first look.

    The text is one to show, of one sentence or many. Whatever has a cue passes, and some more.
    """
    return texts.str.contains(cues.glance)


@cache
def _read(path: Path) -> Cues:
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise StudyInvalid(
            f"cues of needs must be a readable TOML file; `{path}` is not."
        ) from None
    for part in (*KINDS, VOID, SILENT):
        if not isinstance(written.get(part), str) or not written[part].split():
            raise StudyInvalid(
                f"cues of needs must have lines of `{part}`; `{path.name}` has none."
            )
    lines = {part: _lines(written[part]) for part in (*KINDS, VOID)}
    stems = {stem for part in KINDS for line in lines[part] for stem in _stems(line)}
    return Cues(
        patterns={part: _pattern(lines[part]) for part in KINDS},
        void=_pattern(lines[VOID]),
        silent=frozenset(written[SILENT].split()),
        stems=tuple(sorted(stems)),
        glance=_glance([line for part in KINDS for line in lines[part]]),
        may_be_void=_pattern([line.partition("...")[0] for line in lines[VOID]]),
        language=str(written.get(LANGUAGE, "en")),
    )


def _lines(text: str) -> list[str]:
    return [line.strip().lower() for line in text.splitlines() if line.strip()]


def _pattern(lines: list[str]) -> str:
    """One expression for all lines; each takes the blank on either side."""
    return f" (?:{'|'.join(_of_line(line) for line in lines)}) "


def _of_line(line: str) -> str:
    parts = []
    for word in line.split():
        if word == "...":
            # Words between are few, or "need" and "improving" of two thoughts would meet.
            parts.append("(?:[^ ]+ ){0,4}")
        else:
            every = (re.escape(each).replace(r"\*", "[^ ]*") for each in word.split("|"))
            parts.append(f"(?:{'|'.join(every)}) ")
    return "".join(parts).removesuffix(" ")


def _glance(lines: list[str]) -> str:
    """One expression that fits a text as written wherever a line fits it laid out."""
    return f"(?i){'|'.join(dict.fromkeys(map(_seen, lines)))}"


def _seen(line: str) -> str:
    # What follows a gap is left to the closer look, as is the end of a sentence.
    words = line.partition("...")[0].replace("$", "").split()
    found = "(?:^|[.!?…])[^a-z]*" if words[:1] == ["^"] else ""
    for number, word in enumerate(words[1:] if found else words):
        each = word.split("|")
        if not _SHORTENED.keys().isdisjoint(each):
            found += "[^a-z]*" if number else ""
        elif number or not found:
            found += "(?:^|[^a-z])+"
        found += f"(?:{'|'.join(map(_seen_word, each))})"
    return found + ("" if line.endswith("*") else "(?:[^a-z]|$)")


def _seen_word(word: str) -> str:
    plain = re.escape(word).replace("'", _APOSTROPHE).replace(r"\*", r"\S*")
    found = _SHORTENED.get(word, plain)
    # "shouldn't" has the word "should" in it.
    shortens = word in ("can", "will", *_VERBS.split("|"))
    return f"(?:{found})(?:{_SHORTENED['not']})?" if shortens else found


def _stems(line: str) -> list[str]:
    """The alternatives of one word of the line, one of which every match has in it."""
    words = [word.split("|") for word in line.split() if word not in ("...", "^", "$")]
    # The word whose shortest alternative is longest is met least often by chance.
    best = max(words, key=lambda each: 0 if _SHORTENED.keys() & set(each) else min(map(len, each)))
    return [each.rstrip("*") for each in best]
