"""Where does one sentence end and the next begin?

The rule is that of Punkt (Kiss and Strunk 2006; nltk) without training, with our own set of
abbreviations: a sentence ends at . ! or ? before a blank, not after an abbreviation ("Dr."), an
initial ("J."), or dots that go on in lower case. Two differences, on purpose: dots before a
capital end a sentence ("Waited 3 hours... Nobody came"), and so does a line break.

The rule is one of polars, so that a million comments take seconds; tests compare it with nltk's.

Not here: sentence ends among words (tokens), which sentences state a need (needs).
"""

from __future__ import annotations

import polars as pl

from cxlab.text.clean.normal import changed

# Before a name or a number these end no sentence; in lower case, dots inside as written.
_LISTED = (
    "mr mrs ms dr prof st rev sr jr vs etc e.g i.e eg ie approx tel ext inc ltd dept appt apt rd "
    "p.s a.m p.m u.s u.k incl excl capt sgt "
    "hr fr nr z.b d.h u.a bzw ca usw evtl ggf inkl zzgl str vgl "
    "mme mlle mm cf p.ex "
    "sra srta ud uds dra pág núm aprox ej p.ej "
    "exmo exma sta "
    "sig sigg dott dott.ssa ing avv ecc "
    "dhr mevr mw bijv enz o.a d.w.z i.v.m t.a.v evt"
)
ABBREVIATIONS = tuple(_LISTED.split())

_CLOSING = r"[\"'”’»)\]]*"
# A cheap look: nothing below cuts a text without an end inside it.
_INSIDE = rf"[.!?…]{_CLOSING}\s+\S|\n\s*\S"
_EACH = "|".join(sorted((part.replace(".", r"\.") for part in ABBREVIATIONS), reverse=True))
# The mark \x02 cuts, \x03 behind a point keeps it from cutting.
_CUT, _KEEP = "\x02", "\x03"
_ABBREVIATED = rf"(?i)(^|[\s(\[\"“‘«-])({_EACH}|\p{{L}}(?:\.\p{{L}})*)\.(\s)"
_GOES_ON = rf"((?:\.\.+|…){_CLOSING})(\s+[^\s\p{{Lu}}\"'“‘«(\[])"
_NUMBERED = r"(^|\s)(\d+)\.(\s+\p{Ll})"
_ENDED = rf"([.!?…]{_CLOSING})\s+"


def sentences(texts: pl.Series) -> pl.Series:
    """The sentences of each text, in order and without blanks around; null for null.

    An empty text has none, and a text without an end inside is one sentence.
    """
    column = changed(texts.cast(pl.String), f"[{_CUT}{_KEEP}]", _unmarked).str.strip_chars()
    places = column.str.contains(_INSIDE).fill_null(False).arg_true()
    marked = column.clone()
    if len(places):
        marked = marked.scatter(places, _marked(column.gather(places)))
    pieces = marked.str.split(_CUT)
    return pieces.list.filter(pl.element() != "").alias("sentences")


def _unmarked(texts: pl.Series) -> pl.Series:
    return texts.str.replace_all(f"[{_CUT}{_KEEP}]", "")


def _marked(texts: pl.Series) -> pl.Series:
    """The texts with a mark between sentences."""
    kept = texts.str.replace_all(_GOES_ON, f"$1{_KEEP}$2")
    kept = kept.str.replace_all(_NUMBERED, f"$1$2.{_KEEP}$3")
    kept = changed(kept, _ABBREVIATED, _kept_together)
    lines = changed(kept, "\n", lambda few: few.str.replace_all(r"\s*\n\s*", _CUT))
    return lines.str.replace_all(_ENDED, f"$1{_CUT}").str.replace_all(_KEEP, "", literal=True)


def _kept_together(texts: pl.Series) -> pl.Series:
    # Twice, because the two of "J. R. Smith" share a blank.
    once = texts.str.replace_all(_ABBREVIATED, f"$1$2.{_KEEP}$3")
    return once.str.replace_all(_ABBREVIATED, f"$1$2.{_KEEP}$3")
