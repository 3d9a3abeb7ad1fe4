"""What people bought, and the shop's export of it."""

from datetime import datetime
from math import exp
from typing import NamedTuple

from cxlab.demo.dice import Dice
from cxlab.demo.months import in_utc, some_day, some_moment
from cxlab.demo.people import Person
from cxlab.demo.places import EXPORT_NAMES
from cxlab.demo.sheet import Sheet, names
from cxlab.demo.world import ZONE, World

BOUGHT_IN = {"store": 0.34, "web": 0.36, "mobile": 0.24, "phone": 0.06}
COLUMNS = names("Name,Email,Financial Status,Created at,Currency,Total,Source,Location,Customer")


class Order(NamedTuple):
    """One purchase; `at` is by the shop's clock."""

    customer: str
    at: datetime
    month: str
    amount: float
    channel: str
    unit: str
    status: str


def orders(world: World) -> list[Order]:
    """Purchases in order of time: the more loyal buy more often."""
    dice = Dice(world.seed, "orders")
    found = [
        _order(dice, person, month)
        for person in world.people
        if person.joined
        for month in world.months.all
        for _ in range(_count(dice, person, month, world))
    ]
    return sorted((order for order in found if order), key=lambda order: (order.at, order.customer))


def _count(dice: Dice, person: Person, month: str, world: World) -> int:
    effects = world.effects
    rate = 0.13 * exp(effects.loyal_orders * person.loyalty)
    if person.segment == "Trade":
        rate *= exp(effects.trade_orders)
    if month[5:] in ("11", "12"):
        rate *= exp(effects.season)
    return sum(dice.chance(rate / 3) for _ in range(3))


def _order(dice: Dice, person: Person, month: str) -> Order | None:
    at = some_moment(dice, some_day(dice, month))
    channel = person.favourite if dice.chance(0.5) else dice.weighted(BOUGHT_IN)
    channel = channel if channel in BOUGHT_IN else "web"
    amount = round(4 + 46 * dice.spread(0.75), 2)
    status = dice.weighted({"paid": 0.9, "refunded": 0.06, "partially_refunded": 0.04})
    unit = person.shop if channel == "store" else person.depot
    if not person.here(at.date()):
        return None
    return Order(person.id, at, month, amount, channel, unit, status)


def shop_export(bought: list[Order]) -> Sheet:
    """As the shop writes it; three rows are damaged."""
    rows = [_line(number, order) for number, order in enumerate(bought, 10001)]
    for row in rows[1500::3300]:
        row[5] = "-" + row[5]
    return Sheet(COLUMNS, rows)


def _line(number: int, order: Order) -> list[str]:
    at = in_utc(order.at, zone=ZONE).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [
        f"#{number}",
        "",
        order.status,
        at,
        "GBP",
        f"{order.amount:.2f}",
        EXPORT_NAMES[order.channel],
        order.unit,
        order.customer,
    ]
