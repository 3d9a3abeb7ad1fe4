"""Who was asked, who answered, and the survey tool's export of the answer sheets."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import exp
from typing import NamedTuple

from cxlab.demo.comments import Tone, comment
from cxlab.demo.dice import Dice
from cxlab.demo.months import first_day, some_moment
from cxlab.demo.needs import kano_answers
from cxlab.demo.opinions import HELP, ONLINE, Opinion, Visit, opinion, unit_of
from cxlab.demo.people import Person
from cxlab.demo.places import CHANNELS, TOUCHPOINTS
from cxlab.demo.units import Climate
from cxlab.demo.world import World

LETTERS = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
IMPORTANCE = {
    "range": 3.6,
    "price": 3.9,
    "site": 3.7,
    "checkout": 3.4,
    "delivery": 4.3,
    "packaging": 2.8,
    "staff": 3.5,
    "returns": 3.8,
    "support": 3.7,
}


class Invitation(NamedTuple):
    """One request to answer, by the shop's clock; a passer-by has neither id nor person."""

    id: str
    person: Person | None
    month: str
    sent: datetime


class Answers(NamedTuple):
    """One answer sheet before the tool writes it."""

    id: str
    visit: Visit
    asked: Invitation
    started: datetime
    seconds: int
    language: str
    opinion: Opinion
    importance: dict[str, int]
    kano: list[int]
    why: str
    better: str
    reached: int


def invitations(world: World) -> list[Invitation]:
    """Everybody who agreed is asked at most once in three months; most in the last month."""
    dice = Dice(world.seed, "invitations")
    sent: list[Invitation] = []
    last = {person.id: dice.between(-3, -1) for person in world.people}
    for number, month in enumerate(world.months.all):
        share = 0.92 if month == world.months.last else 0.5
        for person in world.people:
            day = first_day(month) + timedelta(days=dice.between(0, 22))
            free = number - last[person.id] >= 3
            if dice.chance(share) and free and person.consent and person.here(day):
                last[person.id] = number
                sent.append(
                    Invitation(f"I{len(sent) + 1:05d}", person, month, some_moment(dice, day))
                )
    return sent


def answer_sheets(world: World, asked: list[Invitation], weather: Climate) -> list[Answers]:
    """Answers to invitations, then those of passers-by whom no account is known for."""
    # Comments have a stream of their own: a new phrase must not move a score.
    dice, words = Dice(world.seed, "survey"), Dice(world.seed, "comments")
    sheets = [
        _sheet(dice, words, world, weather, invitation)
        for invitation in asked
        if dice.chance(_answering(invitation.person, world))
    ]
    for month in world.months.all:
        for _ in range(round(len(world.people) * 0.009)):
            sent = some_moment(dice, first_day(month) + timedelta(days=dice.between(0, 22)))
            passer_by = Invitation("", None, month, sent)
            sheets.append(_sheet(dice, words, world, weather, passer_by))
    return sorted(sheets, key=lambda sheet: (sheet.started, sheet.id))


def _answering(person: Person | None, world: World) -> float:
    occasional = person is not None and person.segment == "Occasional"
    return 0.56 * exp(world.effects.answering * occasional)


def _sheet(dice: Dice, words: Dice, world: World, weather: Climate, asked: Invitation) -> Answers:
    person = asked.person
    visit = _visit(dice, person, asked.month, world)
    marks = opinion(visit, world=world, weather=weather, dice=dice)
    language = person.language if person else "EN"
    tones = _tones(words, visit, marks, language, world)
    asks_importance = dice.chance(0.34)
    wait = dice.between(60, 5 * 86400) if person else 0
    return Answers(
        id="R_" + "".join(dice.pick(LETTERS) for _ in range(12)),
        visit=visit,
        asked=asked,
        started=_awake(asked.sent + timedelta(seconds=wait)),
        seconds=dice.between(70, 900),
        language=language,
        opinion=marks,
        importance=_importance(dice, world) if asks_importance else {},
        kano=[] if asks_importance or dice.chance(0.5) else kano_answers(dice, world),
        why=comment(words, tones[0]) if dice.chance(0.6) else "",
        better=comment(words, tones[1]) if dice.chance(0.42) else "",
        reached=100 if dice.chance(0.96) else dice.pick((20, 45, 70)),
    )


def _awake(moment: datetime) -> datetime:
    """Nobody answers at night, when the clocks may change."""
    return moment + timedelta(hours=7) if moment.hour < 7 else moment


def _visit(dice: Dice, person: Person | None, month: str, world: World) -> Visit:
    channel = dice.weighted(CHANNELS)
    if person is not None and dice.chance(0.45):
        channel = person.favourite
    return Visit(person, month, channel, unit_of(person, channel, dice), dice.weighted(HELP))


def _importance(dice: Dice, world: World) -> dict[str, int]:
    """How much each touchpoint matters, as people say; all alike when nothing is planted."""
    planted = world.effects.wants
    levels = {name: 3.6 + planted * (IMPORTANCE[name] - 3.6) for name in TOUCHPOINTS}
    return {
        name: max(1, min(5, int(level + 0.5 + 0.9 * dice.normal())))
        for name, level in levels.items()
    }


def _tones(
    dice: Dice, visit: Visit, marks: Opinion, language: str, world: World
) -> tuple[Tone, Tone]:
    """The two comments: why this mark, and what to do better."""
    met = {name: mark for name, mark in marks.touchpoints.items() if mark < 6}
    ordered = sorted(met, key=lambda name: (met[name], dice.roll()))
    worst, best = (ordered[0], ordered[-1]) if ordered else ("range", "range")
    feeling = 1 if marks.recommend >= 8 else 0 if marks.recommend == 7 else -1
    why = Tone(feeling, best if feeling > 0 else worst, language, _happening(dice, visit, world))
    wish = -1 if met.get(worst, 5) <= 3 else 1 if feeling > 0 and dice.chance(0.4) else 0
    about = best if wish > 0 else worst
    return why, Tone(wish, about, language, _happening(dice, visit, world), wish=True)


def _happening(dice: Dice, visit: Visit, world: World) -> str:
    """A happening of this very month, when this customer was touched by it."""
    effects, roll = world.effects, dice.roll()
    if visit.month == world.months.last:
        if visit.unit == "depot-north" and roll < 0.5 * effects.courier_theme:
            return "courier"
        if visit.channel in ONLINE and 0.6 < roll < 0.6 + 1.5 * effects.login_theme:
            return "login"
    if visit.month.endswith("-01") and roll < effects.january_theme:
        return "january"
    return ""


def by_export(world: World, sheets: list[Answers]) -> Iterator[tuple[str, list[Answers]]]:
    """The sheets of each calendar year: the tool exports year by year."""
    for year in sorted({month[:4] for month in world.months.all}):
        yield year, [sheet for sheet in sheets if sheet.visit.month.startswith(year)]
