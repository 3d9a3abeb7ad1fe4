"""Exposures, interactions and transactions: the web and shop-floor event log."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from cxlab.demo.dice import Dice
from cxlab.demo.months import in_utc, some_day, some_moment
from cxlab.demo.people import Person
from cxlab.demo.world import ZONE, World

# Asset: subject, kind, stage, extra chance that a purchase follows.
ASSETS = {
    "home-banner": ("brand", "exposure", "discover", 0.0),
    "newsletter": ("company", "exposure", "discover", 0.0),
    "lookbook-video": ("product", "interaction", "compare", 0.22),
    "style-quiz": ("product", "interaction", "compare", -0.16),
    "size-guide": ("product", "interaction", "compare", 0.0),
    "delivery-page": ("service", "interaction", "compare", 0.0),
}
AFTER = {"assembly-guide": "product", "returns-page": "service", "help-centre": "service"}
BUYING = 0.24


def web_events(world: World) -> list[dict[str, Any]]:
    """Journeys of people, prospects included, from seeing something to using it."""
    dice, number = Dice(world.seed, "events"), 0
    events: list[dict[str, Any]] = []
    for month in world.months.all:
        for person in world.people:
            if not dice.chance(0.015):
                continue
            start = some_moment(dice, some_day(dice, month))
            if person.here(start.date()):
                number += 1
                events += _journey(dice, world, person, start, f"J{number:05d}")
    events = [event for event in events if event["at"].date() < world.months.end]
    return [_record(number, event) for number, event in enumerate(events, 1)]


def _journey(
    dice: Dice, world: World, person: Person, start: datetime, journey: str
) -> Iterator[dict[str, Any]]:
    channel, at, buying = dice.pick(("web", "mobile", "store")), start, BUYING
    for asset in dice.shuffled(tuple(ASSETS))[: dice.between(1, 3)]:
        subject, kind, stage, extra = ASSETS[asset]
        buying += world.effects.assets * extra
        yield _event(person, at, journey, (kind, subject, stage, asset), channel)
        at += timedelta(minutes=dice.between(1, 50))
        channel = dice.pick(("web", "mobile", "store")) if dice.chance(0.2) else channel
    if dice.chance(buying):
        yield _event(person, at, journey, ("transaction", "product", "buy", "basket"), channel)
        for asset, subject in AFTER.items():
            at += timedelta(hours=dice.between(20, 90))
            if dice.chance(0.3):
                step = ("interaction", subject, "use", asset)
                yield _event(person, at, journey, step, "phone" if dice.chance(0.15) else channel)


def _event(
    person: Person, at: datetime, journey: str, step: tuple[str, str, str, str], channel: str
) -> dict[str, Any]:
    kind, subject, stage, asset = step
    mode = {"store": "human", "phone": "human"}.get(channel, "technical")
    return {
        "visitor": person.id,
        "at": at,
        "type": kind,
        "about": subject,
        "channel": channel,
        "mode": "hybrid" if asset == "help-centre" else mode,
        "stage": stage,
        "journey": journey,
        "asset": asset,
    }


def _record(number: int, event: dict[str, Any]) -> dict[str, Any]:
    at = in_utc(event["at"], zone=ZONE).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"id": f"E{number:06d}", **event, "at": at}
