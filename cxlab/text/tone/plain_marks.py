"""What does each distinct token mean to the rules of tone?

Worked out once for each distinct token: its form without punctuation, its valence, and one
bit for each part it can play. The rules then only look up codes.

Not here: the rules (plain), the word lists (lexicon).
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.text.tone import lexicon

# The parts a token can play; those after RATED are what a layer can take from it.
KEPT, UPPER, LISTED, RATED = 1, 2, 4, 8
BOOSTS, NEGATES, NEVER, SO, LEAST, SPARES = 16, 32, 64, 128, 256, 512
BUT, KIND, OF, IDIOM = 1024, 2048, 4096, 8192
PARTS = BOOSTS | NEGATES | NEVER | SO | LEAST | SPARES | BUT | KIND | OF | IDIOM

# Words of idioms have a number each; pairs and triples of them are looked up in tables.
_SEQUENCES = (*lexicon.IDIOMS, *lexicon.WEAK_PAIRS)
IDIOM_WORDS = tuple(sorted({word for idiom in _SEQUENCES for word in idiom.split()}))
_ANY_CASE = {
    **dict.fromkeys(lexicon.NEGATIONS, NEGATES),
    **dict.fromkeys(lexicon.BOOSTERS, BOOSTS),
    "least": LEAST,
    "at": SPARES,
    "very": SPARES | BOOSTS,
    "but": BUT,
    "kind": KIND,
    "of": OF,
}
# NLTK compares these as written, so "Never so" is not "never so".
_AS_WRITTEN = {
    **dict.fromkeys(IDIOM_WORDS, IDIOM),
    "never": NEVER,
    "so": SO,
    "this": SO,
}


@dataclass(frozen=True, eq=False)
class Marks:
    """For each distinct token: the parts it plays and its numbers."""

    parts: NDArray[np.uint16]
    valences: NDArray[np.float64]
    boosts: NDArray[np.float64]
    forms: NDArray[np.int32]  # the same number for "good", "good," and "good!"
    idioms: NDArray[np.uint8]  # which word of an idiom, from 1; 0 for none


def marks(known: pl.Series, *, valences: Mapping[str, float] | None = None) -> Marks:
    """The marks of the distinct tokens; `valences` is another lexicon than the shipped one."""
    lexical = lexicon.valences() if valences is None else valences
    forms = stripped(known)
    parts = np.where(known.str.len_chars().to_numpy() > 1, np.uint16(KEPT), np.uint16(0))
    rates, boosts = np.zeros(len(known)), np.zeros(len(known))
    idioms = np.zeros(len(known), np.uint8)
    # Most distinct tokens are names, numbers and slips, and play no part at all.
    some = _candidates(forms, lexical)
    found, rates[some], boosts[some], idioms[some] = _judged(forms.gather(some).to_list(), lexical)
    parts[some] |= found
    codes = forms.cast(pl.Enum(forms.unique())).to_physical().to_numpy().astype(np.int32)
    return Marks(parts, rates, boosts, codes, idioms)


def _candidates(forms: pl.Series, lexical: Mapping[str, float]) -> NDArray[np.uint32]:
    """The places of the forms that may play a part."""
    words = pl.Series([*lexical, *_ANY_CASE, *_AS_WRITTEN], dtype=pl.String)
    lower = forms.str.to_lowercase()
    loud = forms.str.contains(r"\p{Uppercase}")
    some = lower.is_in(words.implode()) | lower.str.contains("n't", literal=True) | loud
    return some.arg_true().to_numpy()


def stripped(known: pl.Series) -> pl.Series:
    """Each token without its punctuation, as NLTK strips it.

    One entry of the list comes off one side, and only if two characters or more without
    any ASCII punctuation are left: "good!!" gives "good"; "good!!!!" and "(good)" stay.
    """
    ends = "|".join(re.escape(entry) for entry in lexicon.PUNCTUATION)
    body = f"([^{re.escape(string.punctuation)}]{{2,}})"
    token = pl.col("token")
    bare = pl.coalesce(
        token.str.extract(f"^{body}(?:{ends})$"), token.str.extract(f"^(?:{ends}){body}$"), token
    )
    return known.to_frame("token").select(bare).to_series()


Arrays = tuple[NDArray[np.uint16], NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]]


def _judged(forms: list[str], lexical: Mapping[str, float]) -> Arrays:
    """Parts, valences, boosts and numbers among the words of idioms."""
    # Python's own lower() and isupper(), because NLTK's are.
    lower = [form.lower() for form in forms]
    parts = np.array([_ANY_CASE.get(word, 0) for word in lower], np.uint16)
    parts |= np.array([_AS_WRITTEN.get(form, 0) for form in forms], np.uint16)
    parts[np.array([form.isupper() for form in forms], bool)] |= UPPER
    parts[np.array(["n't" in word for word in lower], bool)] |= NEGATES
    rates = np.array([lexical.get(word, np.nan) for word in lower], np.float64)
    listed = ~np.isnan(rates)
    parts[listed] |= LISTED
    parts[listed & (parts & BOOSTS == 0)] |= RATED
    boosts = np.array([lexicon.BOOSTERS.get(word, 0.0) for word in lower], np.float64)
    numbers = {word: number for number, word in enumerate(IDIOM_WORDS, start=1)}
    idioms = np.array([numbers.get(form, 0) for form in forms], np.uint8)
    return parts, np.nan_to_num(rates), boosts, idioms
