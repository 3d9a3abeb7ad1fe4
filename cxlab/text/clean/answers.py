"""Did they answer at all?

"n/a", "-", "nothing to add", "Did not answer" and "asdfgh" fill a box and say nothing: they
are left out of the base of whatever is said about comments. Short praise is an answer ("Good",
"ok", "👍", ":-)", "10/10"), and so is any judgement: "No complaints", "Nothing to improve".

The phrases are in non_answers.toml, where a researcher can read them. A comment is no answer
only when all of it is one of them; more than that is always an answer.

Not here: whether an answer tells anything useful (needs), nulls (nobody was asked).
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from string import ascii_lowercase

import polars as pl

from cxlab.text.clean.normal import changed, read

_FILE = Path(__file__).with_name("non_answers.toml")
# Longer texts are answers, unless they have no letter or are one endless word.
_LONGEST = 80

_SAYS = r"\p{L}|\p{Extended_Pictographic}|[\x{1f1e6}-\x{1f1ff}★☆♥✓✔]"
# Smiles, a mark out of five, ten or a hundred and a share are answers without letters.
_SMILE = r"(?:[:;=8xX][-o^']?[)(\]\[}{/\\|*DPp]+|[)(]+[-o^']?[:;=]|<3|\^[_.]?\^)"
_SIGN = (
    rf"^\s*{_SMILE}(?:\s*{_SMILE})*[\s.!]*$"
    r"|^\W*\d{1,3}(?:[.,]\d)?\s*(?:/\s*(?:5|10|100)|%|\*+|\+{2,})\W*$"
)
_ROWS = ("qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "azertyuiop")
# Three letters or more that lie side by side, in either direction.
_RUNS = sorted(
    {
        run[start:end]
        for row in _ROWS
        for run in (row, row[::-1])
        for start in range(len(row))
        for end in range(start + 3, len(row) + 1)
    }
)
_ALONG_A_ROW = rf"^(?:{'|'.join(_RUNS)})+$"
_ONE_LETTER = rf"^(?:{'|'.join(f'{letter}+' for letter in ascii_lowercase)})$"
_NO_VOWEL = r"^[b-df-hj-np-tv-xz]{6,}$"
# A German word that happens to lie along a row.
_WORDS = ["wert"]


def is_answer(texts: pl.Series) -> pl.Series:
    """Whether each text says anything; an empty text does not, null stays null.

    Punctuation or digits alone, keyboard mash ("asdfgh", "xxxx") and the phrases for
    "nothing" of seven languages are no answers, whatever their case and punctuation.
    """
    column = texts.cast(pl.String)
    brief = (column.str.len_chars() <= _LONGEST) | ~column.str.contains(r"\S\s+\S\s*\S")
    speaks = column.str.contains(_SAYS)
    places = (~speaks | brief).fill_null(False).arg_true()
    answers = column.is_not_null().replace(False, None)
    return answers.scatter(places, _says(column.gather(places))).alias("answer")


def _says(texts: pl.Series) -> pl.Series:
    """The same for texts that may be no answers."""
    plain = read(texts)
    signed = texts.str.contains(_SIGN)
    folded = _folded(plain)
    silent = folded.str.contains(_pattern()) | _mashed(folded)
    return signed | (plain.str.contains(_SAYS) & ~silent)


def _folded(texts: pl.Series) -> pl.Series:
    """In lower case, without accents; what is no letter, digit or apostrophe is a blank."""
    words = changed(texts.str.to_lowercase(), r"[^\x00-\x7f]", _unaccented)
    words = words.str.replace_all("'", "").str.replace_all(r"[^\p{L}\p{N}]+", " ")
    return words.str.strip_chars(" ")


def _unaccented(texts: pl.Series) -> pl.Series:
    return texts.str.normalize("NFKD").str.replace_all(r"\p{M}", "")


@cache
def _pattern() -> str:
    """One expression for "phrases for nothing, and nothing else"."""
    with _FILE.open("rb") as file:
        languages = tomllib.load(file).values()
    kinds = {kind for language in languages for kind in language}
    said = {kind: [p for lang in languages for p in lang.get(kind, [])] for kind in kinds}
    around, alone = _either(said.pop("around")), _either(said.pop("alone"))
    empty = _either([phrase for phrases in said.values() for phrase in phrases])
    return f"^(?:{around} )*(?:{empty}(?: {empty}| {around})*|{alone}(?: {around})*)$"


def _either(phrases: list[str]) -> str:
    folded = _folded(pl.Series(phrases, dtype=pl.String)).unique().sort()
    return f"(?:{'|'.join(folded)})"


def _mashed(folded: pl.Series) -> pl.Series:
    """Whether a text is one letter over and over, or a hand on the keyboard: xxxx, asdfgh."""
    joined = folded.str.replace_all(" ", "")
    along = joined.str.contains(_ALONG_A_ROW) & (joined.str.len_chars() > 3)
    drawn = folded.str.contains("fff|hhh|mmm|rrr|sss|zzz")
    random = folded.str.contains(_NO_VOWEL) & ~drawn
    return joined.str.contains(_ONE_LETTER) | (along & ~joined.is_in(_WORDS)) | random
