"""What one customer thinks at one moment, and the marks that come of it.

Hidden opinion = halo of the moment + touchpoints × their weights + whatever is planted
for the channel, segment, unit and month. Marks are that opinion, cut into codes.
"""

from math import sqrt
from typing import NamedTuple

from cxlab.demo.dice import Dice
from cxlab.demo.months import before
from cxlab.demo.people import Person
from cxlab.demo.places import DRIVERS, REGIONS, SHOPS, TOUCHPOINTS, TRAINED, WEAK_SHOP
from cxlab.demo.units import Climate
from cxlab.demo.world import World

HELP = {"none": 0.40, "technical": 0.28, "human": 0.12, "hybrid": 0.20}
ONLINE = ("web", "mobile")


class Visit(NamedTuple):
    """What the answer sheet is about. `person` is None for somebody the CRM does not know."""

    person: Person | None
    month: str
    channel: str
    unit: str
    helped: str


class Opinion(NamedTuple):
    """The marks of one answer sheet; a touchpoint not met is 6."""

    recommend: int
    satisfaction: int
    effort: int
    repurchase: int
    expectation: int
    trust: tuple[int, int, int]
    touchpoints: dict[str, int]


def opinion(visit: Visit, *, world: World, weather: Climate, dice: Dice) -> Opinion:
    effects = world.effects
    loyalty = visit.person.loyalty if visit.person else dice.normal()
    own = sqrt(1 - effects.halo**2)
    mood = dice.normal()
    shifts = touchpoint_shifts(visit, world=world, weather=weather)
    felt = {
        name: effects.halo * mood + own * dice.normal() + shifts.get(name, 0.0)
        for name in TOUCHPOINTS
    }
    parts = sum(
        weight * effects.drivers * (felt[name] - effects.halo * mood)
        for name, weight in DRIVERS.items()
    )
    rest = sqrt(0.55 - effects.person**2 + 0.63 * (1 - effects.drivers))
    view = effects.person * loyalty + 0.55 * effects.drivers * mood + parts + rest * dice.normal()
    view += opinion_shift(visit, world=world, weather=weather)
    return _marks(view, felt, visit, world, dice)


def _marks(view: float, felt: dict[str, float], visit: Visit, world: World, dice: Dice) -> Opinion:
    effort = 5.0 + 0.75 * view + 0.8 * dice.normal()
    if visit.channel == "web" and visit.month >= world.redesign:
        effort += world.effects.redesign_effort
    trust = 3.7 + 0.6 * view + 0.3 * dice.normal()
    return Opinion(
        recommend=_code(8.5 + 1.35 * view + 1.0 * dice.normal(), 0, 10),
        satisfaction=_code(3.95 + 0.75 * view + 0.45 * dice.normal(), 1, 5),
        effort=_code(effort, 1, 7),
        repurchase=_code(3.85 + 0.65 * view + 0.6 * dice.normal(), 1, 5),
        expectation=_code(3.2 + 0.55 * view + 0.6 * dice.normal(), 1, 5),
        trust=tuple(_code(trust + 0.5 * dice.normal(), 1, 5) for _ in range(3)),  # type: ignore
        touchpoints={
            name: _code(3.75 + 0.9 * value, 1, 5) if _met(name, visit, dice, world) else 6
            for name, value in felt.items()
        },
    )


def _code(value: float, low: int, high: int) -> int:
    return max(low, min(high, int(value + 0.5) if value > 0 else low))


def _met(name: str, visit: Visit, dice: Dice, world: World) -> bool:
    """Which touchpoints one meets depends on the channel, unless nothing is planted."""
    share = {"returns": 0.35, "support": 0.45, "staff": 0.5}.get(name, 0.95)
    if world.effects.preference:
        store = visit.channel == "store"
        share = {"staff": 0.97 if store else 0.35, "delivery": 0.4 if store else 0.97}.get(
            name, share
        )
    return dice.chance(share)


def touchpoint_shifts(visit: Visit, *, world: World, weather: Climate) -> dict[str, float]:
    """How far planted effects move each touchpoint of this visit."""
    effects, person = world.effects, visit.person
    shifts = {"price": effects.price}
    if visit.channel == "mobile":
        shifts["site"] = effects.mobile_site
    if visit.unit in SHOPS:
        shifts["staff"] = effects.engagement_staff * _engaged(visit, weather)
        shifts["staff"] += effects.training_staff * trained(visit, world)
    else:
        shifts["delivery"] = effects.on_time * weather.on_time[visit.unit, visit.month]
    if visit.month >= world.returns_fix:
        shifts["returns"] = effects.returns_fix
    if visit.month.endswith("-01"):
        shifts["returns"] = shifts.get("returns", 0.0) + effects.january_returns
    if person and person.segment == "Trade":
        shifts["range"] = effects.trade_range
    return shifts


def opinion_shift(visit: Visit, *, world: World, weather: Climate) -> float:
    """How far planted effects move the opinion itself, beside the touchpoints."""
    effects, person = world.effects, visit.person
    shift = effects.hybrid_help * (visit.helped == "hybrid")
    shift += effects.mobile * (visit.channel == "mobile")
    shift += effects.occasional * (person is not None and person.segment == "Occasional")
    if visit.unit in SHOPS:
        shift += effects.engagement * _engaged(visit, weather)
        shift += effects.training * trained(visit, world)
        shift += effects.weak_shop * (visit.unit == WEAK_SHOP)
    return shift


def _engaged(visit: Visit, weather: Climate) -> float:
    """Staff engagement of the month before: customers feel it later than the staff."""
    return weather.engagement[visit.unit, before(visit.month)]


def trained(visit: Visit, world: World) -> bool:
    return visit.unit in TRAINED and visit.month >= world.training


def unit_of(person: Person | None, channel: str, dice: Dice) -> str:
    """Shops serve those who come in; a depot serves everybody else in its region."""
    if person is not None:
        return person.shop if channel == "store" else person.depot
    if channel == "store":
        return dice.pick(tuple(SHOPS))
    return f"depot-{dice.weighted(REGIONS).lower()}"
