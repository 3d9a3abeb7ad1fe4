"""Everything the generators share: who, when, how much is planted, which seed."""

from dataclasses import dataclass

from cxlab.demo.effects import Effects, nothing
from cxlab.demo.months import Months
from cxlab.demo.people import Person, people

ZONE = "Europe/London"


@dataclass(frozen=True)
class World:
    """One invented retailer; generators take it and give the rows of one export."""

    people: list[Person]
    months: Months
    effects: Effects
    seed: int

    @property
    def training(self) -> str:
        """First month in which trained shops work differently."""
        return self.months.ago(7)

    @property
    def redesign(self) -> str:
        return self.months.ago(8)

    @property
    def returns_fix(self) -> str:
        return self.months.ago(5)

    @property
    def burst(self) -> str:
        return self.months.ago(5)


def world(customers: int, *, months: int, last_month: str, seed: int, null: bool) -> World:
    calendar = Months(last_month, count=months)
    effects = nothing() if null else Effects()
    everybody = people(customers, months=calendar, effects=effects, seed=seed)
    return World(everybody, calendar, effects, seed)
