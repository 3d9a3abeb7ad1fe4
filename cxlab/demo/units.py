"""Shops and depots month by month: operations, finance, staff and partners."""

from typing import NamedTuple

from cxlab.demo.dice import Dice
from cxlab.demo.months import Months, before
from cxlab.demo.orders import Order
from cxlab.demo.places import DEPOTS, SHOPS, TRAINED
from cxlab.demo.sheet import Sheet
from cxlab.demo.world import World


class Climate(NamedTuple):
    """What customers feel of a unit: standardised figures by (unit, month)."""

    engagement: dict[tuple[str, str], float]
    on_time: dict[tuple[str, str], float]


def climate(world: World) -> Climate:
    """Staff engagement of shops (one month earlier, too) and punctuality of depots."""
    dice = Dice(world.seed, "climate")
    months = (before(world.months.all[0]), *world.months.all)
    engagement = {(shop, month): dice.normal() for shop in SHOPS for month in months}
    on_time = {(depot, month): dice.normal() for depot in DEPOTS.values() for month in months}
    on_time[DEPOTS["North"], world.months.last] += world.effects.october_on_time
    return Climate(engagement, on_time)


def staff_survey(world: World, weather: Climate) -> Sheet:
    """The monthly pulse of shop staff: engagement 1-5, share trained, hours of overtime."""
    dice = Dice(world.seed, "staff")
    rows = []
    for (shop, month), level in weather.engagement.items():
        if month not in world.months.all:
            continue
        trained = float(shop in TRAINED and month >= world.training)
        rows += [
            [shop, month, "engagement", f"{3.6 + 0.3 * level:.2f}"],
            [shop, month, "trained_share", f"{trained:.2f}"],
            [shop, month, "overtime_hours", f"{6 + 2 * dice.normal():.1f}"],
        ]
    return Sheet(["Team", "Month", "Question", "Mean"], rows)


def operations(world: World, weather: Climate, orders: list[Order]) -> Sheet:
    """The operations ledger: one figure per line, whatever its domain."""
    dice = Dice(world.seed, "operations")
    rows = []
    for month in world.months.all:
        for depot in DEPOTS.values():
            share = min(0.999, 0.93 + 0.025 * weather.on_time[depot, month])
            claims = max(0.0, 30 + 6 * dice.normal())
            rows.append([depot, month, "operations", "on_time_share", f"{share:.3f}"])
            rows.append([depot, month, "partners", "courier_claims", f"{claims:.0f}"])
        for shop in SHOPS:
            stock, queue = 0.95 + 0.01 * dice.normal(), 5 + 1.2 * dice.normal()
            rows.append([shop, month, "operations", "stock_available_share", f"{stock:.3f}"])
            rows.append([shop, month, "operations", "queue_minutes", f"{queue:.1f}"])
    rows += _sales(world.months, orders)
    return Sheet(["unit", "month", "domain", "metric", "value"], rows)


def _sales(months: Months, orders: list[Order]) -> list[list[str]]:
    totals: dict[tuple[str, str], float] = {
        (unit, month): 0.0 for unit in (*SHOPS, *DEPOTS.values()) for month in months.all
    }
    for order in orders:
        totals[order.unit, order.month] += order.amount
    return [
        [unit, month, "finance", "sales", f"{total:.2f}"] for (unit, month), total in totals.items()
    ]
