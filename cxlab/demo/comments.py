"""Open comments as people type them: terse, long, misspelt, shouting, hostile, private.

A comment is put together from phrases on a topic that fits the marks given, then typed
by somebody: in a hurry, in capitals, with a slip of the finger or an emoji.
"""

import re
from typing import NamedTuple

from cxlab.demo import phrases, phrases_abroad
from cxlab.demo.dice import Dice

SLOT = re.compile(r"\{(\w+)\}")
LISTS = {name: text.split("|") for name, text in phrases.SLOTS.items()}
ABROAD = {
    language: {name: text.split("|") for name, text in slots.items()}
    for language, slots in phrases_abroad.SLOTS.items()
}
HAPPENINGS = {
    "login": phrases.LOGIN.split("|"),
    "courier": phrases.COURIER.split("|"),
    "january": phrases.JANUARY.split("|"),
}
# As attackers and accidents write: inert in a report that escapes, dangerous in one that does not.
HOSTILE = (
    "<script>alert('alder')</script>",
    '<img src=x onerror="alert(1)">',
    '=HYPERLINK("http://example.com/?q="&A1,"refund")',
    "=cmd|' /C calc'!A0",
    "+44 7700 900111 is what i rang",
    "@SUM(1+1)*2",
    "'; DROP TABLE orders; --",
    "</td></tr></table> oops",
    "[free gift](javascript:alert(2))",
    "{{ 7 * 7 }} and {0.__class__}",
    "price was \u202e00.5£\u202c on the label",
    "de\u200bliv\u200bery ok",
    'she said "no", I said "why?", she said """no"""',
    "first line\nsecond line\n\nfourth line",
    "ÃœberweiÃŸung nicht mÃ¶glich",
)
PRIVATE = (
    "My e-mail is {mail}, please answer.",
    "Call me on {phone} after six.",
    "It's {name} from {place}, order #{order}.",
    "you can reach me: {mail} or {phone}",
    "mail me at {spoken}",
    "Ask {name}, she saw it all.",
    "I live at 12 Example Street and the driver knows it.",
)
EMOJI = ("😀", "👍", "😡", "🙄", "❤️", "😢", "👏", "🤷")
CHAT = (("you", "u"), ("please", "pls"), ("because", "cos"), ("thank you", "thx"), ("and", "&"))


class Tone(NamedTuple):
    """What a comment has to fit: how it went (-1, 0, 1), about what, in which language."""

    feeling: int
    topic: str
    language: str = "EN"
    happening: str = ""
    wish: bool = False


def comment(dice: Dice, tone: Tone) -> str:
    """One comment; about one in six says nothing."""
    if tone.language != "EN":
        return _abroad(dice, tone)
    if tone.happening:
        return _typed(dice, _sentences(dice, tone))
    kind = dice.roll()
    if kind < 0.13:
        return dice.pick(phrases.NON_ANSWERS.split("|"))
    if kind < 0.27:
        return _typed(dice, _terse(dice, tone.feeling))
    if kind < 0.282:
        return f"{dice.pick(HOSTILE)} {_sentences(dice, tone)}"
    if kind < 0.302:
        return f"{_sentences(dice, tone)} {private_remark(dice)}"
    if kind < 0.34:
        return _typed(dice, _story(dice, tone))
    return _typed(dice, _sentences(dice, tone))


def fill(dice: Dice, text: str, lists: dict[str, list[str]] = LISTS) -> str:
    """The text with each slot filled; slots with no list stay as they are."""
    filled = SLOT.sub(lambda m: dice.pick(lists.get(m[1], [m[0]])), text)
    return re.sub(r" {2,}", " ", filled).lstrip()


def one_of(dice: Dice, choices: str) -> str:
    return fill(dice, dice.pick(choices.split("|")))


def _sentences(dice: Dice, tone: Tone) -> str:
    """A remark or two on the topic, with an opening and an ending now and then."""
    parts = [one_of(dice, phrases.OPENERS) + _remark(dice, tone)]
    if dice.chance(0.3):
        parts.append(_remark(dice, Tone(tone.feeling, dice.pick(tuple(phrases.GOOD)))))
    ends = phrases.GOOD_ENDS if tone.feeling > 0 else phrases.BAD_ENDS
    if tone.feeling and dice.chance(0.6):
        parts.append(one_of(dice, ends))
    return _joined(dice, [part for part in parts if part])


def _remark(dice: Dice, tone: Tone) -> str:
    if tone.happening:
        return fill(dice, dice.pick(HAPPENINGS[tone.happening]))
    if tone.wish and tone.feeling < 1 and dice.chance(0.5):
        return one_of(dice, phrases.WISHES[tone.topic])
    if tone.feeling == 0:
        return _mixed(dice, tone.topic)
    return one_of(dice, (phrases.GOOD if tone.feeling > 0 else phrases.BAD)[tone.topic])


def _mixed(dice: Dice, topic: str) -> str:
    """Neither happy nor not: a shrug, or one thing good and another bad."""
    side = phrases.GOOD if dice.chance(0.5) else phrases.BAD
    if dice.chance(0.4):
        return f"{one_of(dice, phrases.MIDDLES)}, {one_of(dice, side[topic])}"
    other = dice.pick([name for name in phrases.GOOD if name != topic])
    return f"{one_of(dice, phrases.GOOD[other])} but {one_of(dice, phrases.BAD[topic])}"


def _joined(dice: Dice, parts: list[str]) -> str:
    stop = dice.weighted({". ": 0.6, ", ": 0.15, " ": 0.08, "! ": 0.07, " - ": 0.1})
    text = "".join(part + (" " if part[-1] in ".!?" else stop) for part in parts).strip(" ,-")
    return text if dice.chance(0.25) else text[0].upper() + text[1:]


def _terse(dice: Dice, feeling: int) -> str:
    if feeling == 0:
        return one_of(dice, phrases.MIDDLES)
    return one_of(dice, phrases.TERSE_GOOD if feeling > 0 else phrases.TERSE_BAD)


def _story(dice: Dice, tone: Tone) -> str:
    """Five to nine sentences that wander, but lean the way of the marks."""
    parts = [one_of(dice, phrases.STORY)]
    for _ in range(dice.between(4, 8)):
        feeling = tone.feeling if dice.chance(0.75) else dice.pick((-1, 1))
        topic = tone.topic if dice.chance(0.4) else dice.pick(tuple(phrases.GOOD))
        parts.append(one_of(dice, phrases.LINKS) + _remark(dice, Tone(feeling or 1, topic)) + ".")
    return " ".join(parts)


def private_remark(dice: Dice) -> str:
    """A remark that names somebody or says how to reach them; all of it is invented."""
    name = f"{dice.pick(('Jane', 'Tom', 'Aisha', 'Rob'))} {dice.pick(('Doe', 'Bloggs', 'Sample'))}"
    first, last = name.lower().split()
    lists = {
        "mail": [f"{first}.{last}@example.com"],
        "phone": [f"07700 900{dice.between(0, 999):03d}", f"020 7946 0{dice.between(0, 999):03d}"],
        "spoken": [f"{first} at example dot com"],
        "order": [str(dice.between(10001, 19999))],
        "name": [name],
    }
    return fill(dice, dice.pick(PRIVATE), {**LISTS, **lists})


def _abroad(dice: Dice, tone: Tone) -> str:
    """The same in another language, plainer: a word, or a remark or two and an ending."""
    language, happy = tone.language, tone.feeling > 0
    if dice.chance(0.2):
        terse = phrases_abroad.GOOD_TERSE if happy else phrases_abroad.BAD_TERSE
        return one_of(dice, terse[language])
    side = (phrases_abroad.GOOD if happy else phrases_abroad.BAD)[language].split("|")
    ends = (phrases_abroad.GOOD_ENDS if happy else phrases_abroad.BAD_ENDS)[language]
    parts = [fill(dice, part, ABROAD[language]) for part in dice.shuffled(side)]
    return f"{'. '.join(parts[: dice.between(1, 2)])}. {dice.pick(ends.split('|'))}".strip()


def _typed(dice: Dice, text: str) -> str:
    """The text as fingers leave it."""
    manner = dice.roll()
    if manner < 0.17:
        text = text.lower().rstrip(".")
    elif manner < 0.195:
        text = text.upper() + "!!!"
    elif manner < 0.235:
        for plain, short in CHAT:
            text = text.lower().replace(plain, short)
    elif manner < 0.27:
        text = f"{text} {dice.pick(EMOJI)}"
    return _slip(dice, text) if dice.chance(0.16) else text


def _slip(dice: Dice, text: str) -> str:
    """One slip: two letters swapped, one left out, or one typed twice."""
    at = dice.between(1, max(1, len(text) - 3))
    if not text[at : at + 2].isalpha():
        return text
    swapped = text[at + 1] + text[at]
    put = dice.pick((swapped, text[at], text[at] + text[at : at + 2]))
    return text[:at] + put + text[at + 2 :]
