"""Who is called by name? Names after a word that announces one, or before a place of work.

    I spoke to Jane Doe from customer services  →  Jane Doe

A name is one to three words with a capital; in capitals, or in small letters, only where the
cue is sure. What else has a capital (words.toml) is left alone, and so is any name that no
cue announces.

Not here: the cues (cues), the names a study knows (known).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from cxlab.redact.cues import CUES, GAP, LED, PLACE, TOLD, WITH_A_CAPITAL, Cue
from cxlab.redact.letters import small_letters

Places = Iterator[tuple[int, int]]
_MOST = 3
_WORD = re.compile(r"[^\W\d_]{1,40}(?:['’-][^\W\d_]{1,40}){0,3}(?![\w@])")
_INITIAL = re.compile(r"[^\W\d_](?:\.[ \u00a0]?|[ \u00a0])(?=[^\W\d_])")
_PARTICLE = re.compile(
    r"(?:v[ao]n de[rmn]?|de la|de las|de los|van|von|zu|de|da|di|du|del|dos|la|le|el|al|bin|ibn|ten"
    r"|af|y)[ \u00a0]|d['’](?=[^\W\d_])",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)
_VERB = re.compile(r"(?:n['’]t|['’](?:ll|ve|re))$")
# L'équipe, C'est, I'm; but N'Diaye and O'Neil are names.
_CONTRACTED = re.compile(r"([^\W\d_]+)['’](?=[^\W\d_])(?=[^A-Z])")
_ELIDED = frozenset({"l", "c", "j", "m", "n", "s", "t", "qu", "jusqu", "aujourd"})
_CAPITALS = re.compile(r"(?:ma?c|fitz|de|di|du|la|le|van|o)(?=[^\W\d_]{2})", re.IGNORECASE)
_AFTER = re.compile(GAP)
_GAP = re.compile(rf"{GAP}$")
# Read in small letters: plain alternatives are many times as quick as those of any case.
_CUE = re.compile(
    rf"(?<!\w)(?:{'|'.join(f'(?P<c{at}>{cue.words})' for at, cue in enumerate(CUES))})$"
)
_SMALL_CUE = re.compile(
    rf"(?<!\w)(?:{'|'.join(cue.words for cue in CUES if cue.small)})(?={GAP}[^\W\d_])"
)
_SMALL_PARTS = ("name", "mr", "hei", "appelle", "nom est", "llamo")
_LONGEST = 40
_UPPER = "".join(filter(str.isupper, map(chr, range(0x590))))
_CAPITAL = re.compile(rf"[ \u00a0\t\r\n](?={LED}?[{_UPPER}])")
_PLACE = re.compile(rf"[ \u00a0]{PLACE}(?!\w)")
_HER = re.compile(r"(?<![\w'’-])(?:[^\W\d_]['’\w-]{0,60}[ \u00a0]){0,2}[^\W\d_]['’\w-]{0,60}$")


# Behind what is no person: "contacted by Sunderland hospital".
_THING = re.compile(
    r"[ \u00a0](?:hospital|infirmary|clinic|surgery|ward|council|university|college|airport|hotel|"
    r"street|road|stores?|shops?|branch|bank|station|mail|magazine|brand|shoes|boots|website|app|"
    r"team|staff|ltd|inc|gmbh|plc)(?!\w)",
    re.IGNORECASE,
)
_STARTS = re.compile(r"(?<!\S)[^\W\d_]")


class Words(NamedTuple):
    """The words known, by what they tell (words.toml)."""

    given: frozenset[str]
    surnames: frozenset[str]
    never: frozenset[str]
    seldom: frozenset[str]
    alike: frozenset[str]
    pairs: frozenset[str]


@cache
def words() -> Words:
    """The words of words.toml."""
    read = tomllib.loads(files("cxlab.redact").joinpath("words.toml").read_text(encoding="utf-8"))
    pairs = read["pairs"].replace("\n", "|").split("|")
    lists = {name: frozenset(read[name].split()) for name in Words._fields if name != "pairs"}
    return Words(**lists, pairs=frozenset(pair for pair in pairs if pair))


def names(text: str) -> Places:
    """Where somebody is called by name."""
    if text.isupper():
        yield from _cued(text, loud=True)
        return
    cued = list(_cued(text, loud=False))
    yield from cued
    for start, end in _placed(text):
        if not any(start < stop and begin < end for begin, stop in cued):
            yield start, end


def _cued(text: str, *, loud: bool) -> Places:
    """Names after a word that announces one; in a text all in capitals only a sure one does."""
    done = 0
    small = small_letters(text)
    for start in _starts(text, small):
        cue = _cue_before(text, small, start) if start >= done else None
        if cue is None or (loud and not cue.sure):
            continue
        end = _end(text, start, cue)
        if end is not None:
            yield start, end
            done = end


def _starts(text: str, small: str) -> list[int]:
    """Where a name may start: at capitals, and behind cues that do without."""
    starts = {match.end() for match in _CAPITAL.finditer(text)}
    if any(part in small for part in _SMALL_PARTS):
        gaps = (_AFTER.match(small, match.end()) for match in _SMALL_CUE.finditer(small))
        starts |= {gap.end() for gap in gaps if gap}
    return sorted(starts)


def _cue_before(text: str, small: str, start: int) -> Cue | None:
    """The cue that ends where a name may start."""
    first = max(0, start - _LONGEST)
    gap = _GAP.search(small, max(0, start - 6), start)
    match = _CUE.search(small, first, gap.start()) if gap else None
    if match is None or _is_pair(text, match[0], start):
        return None
    cue = CUES[int(str(match.lastgroup)[1:])]
    if match[0] in WITH_A_CAPITAL and not text[match.start() : match.end()].istitle():
        return None
    return None if cue.sure and "," in small[match.end() : start] else cue


def _end(text: str, start: int, cue: Cue) -> int | None:
    """Where the name that starts here ends; None when it is none."""
    taken = _taken(text, start, cue)
    if not taken:
        return None
    end = taken[-1].end
    if cue.sure or is_given(taken[0].word):
        return end
    if _THING.match(text, end):
        return None
    if cue.told:
        return end if TOLD.match(text, end) or _stands_alone(text, end, taken) else None
    return None if cue.noun and len(taken) == 1 else end


def _stands_alone(text: str, end: int, taken: list[_Part]) -> bool:
    """Two words and a stop: "I'm Oluchi Eze." says more than "This is Speaking"."""
    return len(taken) > 1 and (end == len(text) or text[end] in ",.;!(")


class _Part(NamedTuple):
    word: str
    end: int


def _taken(text: str, start: int, cue: Cue) -> list[_Part]:
    """The words from here on that may belong to a name."""
    found: list[_Part] = []
    at = start
    while len(found) < _MOST:
        initial = _INITIAL.match(text, at)
        if initial and text[at].isupper() and text[initial.end()].isupper():
            at = initial.end()
            continue
        particle = _PARTICLE.match(text, at) if found or cue.sure else None
        match = _WORD.match(text, particle.end() if particle else at)
        if match is None or (particle and not match[0][0].isupper()):
            break
        word = _POSSESSIVE.sub("", match[0])
        if not _fits(word, cue, before=found, led=particle is not None):
            break
        found.append(_Part(word, match.start() + len(word)))
        at = match.end() + 1
        if len(word) < len(match[0]) or text[match.end() : at] not in (" ", "\u00a0"):
            break
    return found


def _fits(word: str, cue: Cue, *, before: list[_Part], led: bool) -> bool:
    """Whether a word looks like a name, and like nothing else that is known."""
    lower, known = word.lower(), words()
    head = _CONTRACTED.match(word)
    if len(word) < 2 or lower in known.never or (head and head[1].lower() in known.never | _ELIDED):
        return False
    if _VERB.search(lower):
        return False
    doubtful = lower in known.seldom or lower.removesuffix("s") in known.seldom
    if doubtful and (led or lower not in known.surnames or not (cue.sure or before)):
        return False
    if word.islower():
        return len(before) < cue.small and all(part.word.islower() for part in before)
    if word.isupper():
        return bool(before) or is_given(word) or (cue.sure and len(word) > 3)
    return _is_title(word)


def is_given(word: str) -> bool:
    """Whether a word is a known first name, or one like Mary-Ann starts with it."""
    return word.lower().split("-")[0] in words().given


def _is_title(word: str) -> bool:
    """Jane, Jean-Luc, O'Neil, McArthur; neither PayPal nor iPhone."""
    first, *rest = re.split("['’-]", word)
    return _is_cased(first) and all(part.islower() or _is_cased(part) for part in rest)


def _is_cased(part: str) -> bool:
    own = _CAPITALS.sub("", part, count=1) if not part.istitle() else part
    return own[:1].isupper() and (len(own) == 1 or own[1:].islower())


def _is_pair(text: str, cue: str, start: int) -> bool:
    """Whether cue and word are a thing of that name: Dr Martens."""
    match = _WORD.match(text, start)
    return match is not None and f"{cue} {match[0]}".lower().replace(".", "") in words().pairs


# ------------------------------------------------------------------ before a place of work
_BARE = Cue("")


def _placed(text: str) -> Places:
    """Jane from customer services, Jane Doe in the Leeds store."""
    for match in _PLACE.finditer(small_letters(text)):
        before = _HER.search(text, max(0, match.start() - 150), match.start())
        runs = list(_runs(text, before, match.start())) if before else []
        known = [run for run in runs if is_given(text[run[0] : run[1]].split()[0])]
        longer = [run for run in runs if " " in text[slice(*run)]]
        yield from (known or longer)[:1]


def _runs(text: str, before: re.Match[str], end: int) -> Places:
    """Each start from which words that may be a name reach the place of work."""
    for word in _STARTS.finditer(before[0]):
        start = before.start() + word.start()
        found = _taken(text, start, _BARE)
        if found and found[-1].end == end:
            yield start, end
