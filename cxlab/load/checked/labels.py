"""What value labels say: which codes are scored, and which end is good.

"Very dissatisfied" … "Very satisfied" is a scale whose high end is good; "Don't know" is
no point on it; "AT&T", "Verizon" is no scale at all. English words only: a scale in
another language is declared in study.toml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cxlab.codebook import Scale

_GOOD = frozenset(
    (
        *("satisfied", "easy", "likely", "agree", "excellent", "good", "great", "delighted"),
        *("always", "better", "best", "clean", "outstanding", "safe", "happy", "high"),
        *("important", "well", "positive", "fast", "friendly"),
    )
)
_BAD = frozenset(
    (
        *("dissatisfied", "unsatisfied", "difficult", "hard", "unlikely", "disagree", "poor"),
        *("bad", "terrible", "awful", "never", "worse", "worst", "dirty", "unacceptable"),
        *("unsafe", "unhappy", "low", "unimportant", "badly", "negative", "slow"),
    )
)
_NOT = frozenset(("not", "no", "none", "nothing"))
_NO_ANSWER = re.compile(
    r"don.?t know|do not know|not applicable|\bn/?a\b|not sure|unsure|can.?t say|no opinion"
    r"|refused|prefer not|no answer|not answered|not asked|blank|never used|not used|missing",
    re.IGNORECASE,
)
# Words must follow: "18-29" and "3 times" are labels as they stand.
_LETTER = re.compile(r"[^\W\d]")
_CODE = re.compile(r"^\s*-?\d+\s*(?:[:.)=–-]\s*(?=[^\W\d])|$)")


def plain(label: str, *, code: str = "") -> str:
    """A label without the code some tools put before it: "1: Very poor" → "Very poor".

    A blank alone divides the two only where the number is the code: "10 Extremely likely",
    but "25 to 34 years" as code 2.
    """
    number, _, words = label.strip().partition(" ")
    if code and number == code and _LETTER.match(words.lstrip()):
        return words.strip()
    return _CODE.sub("", label).strip()


def no_answers(labels: Mapping[str, str]) -> dict[str, str]:
    """The codes whose label says that nothing was answered."""
    return {
        code: plain(label, code=code) for code, label in labels.items() if _NO_ANSWER.search(label)
    }


def scale_of(labels: Mapping[str, str], *, without: Mapping[str, str]) -> Scale | None:
    """The scale the labels of the scored codes span, or None where they span none.

    Only the two ends need words; they must be each other's opposite.
    """
    scored = {code: plain(text, code=code) for code, text in labels.items() if code not in without}
    if len(scored) < 2 or not all(_is_whole(code) for code in scored):
        return None
    codes = sorted(scored, key=float)
    low, high = tone(scored[codes[0]]), tone(scored[codes[-1]])
    if low * high != -1:
        return None
    return Scale(float(codes[0]), float(codes[-1]), "up" if high > 0 else "down")


def tone(label: str) -> int:
    """1 for the good end of a scale, -1 for the bad one, 0 for neither."""
    words = set(re.findall(r"[a-z]+", label.lower()))
    good, bad = bool(words & _GOOD), bool(words & _BAD)
    if good == bad:
        return 0
    found = 1 if good else -1
    return -found if words & _NOT else found


def _is_whole(code: str) -> bool:
    return re.fullmatch(r"-?\d+", code) is not None
