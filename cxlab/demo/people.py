"""The invented customers and prospects, and the CRM export that lists them."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import exp

from cxlab.demo.dice import Dice
from cxlab.demo.effects import Effects
from cxlab.demo.months import Months, some_day
from cxlab.demo.places import CHANNELS, DEPOTS, REGIONS, SEGMENTS, SHOPS
from cxlab.demo.sheet import Sheet, names

FIRST = names(
    "Amelia,Arjun,Beatriz,Callum,Chloé,Dev,Eilidh,Farah,Gareth,Hana,Imran,Jürgen,Kofi,Lena,"
    "Mairi,Mateusz,Nadia,Olu,Priya,Quentin,Rhys,Saoirse,Tomás,Uma,Viktor,Wren,Xin,Yasmin,Zoë,"
    "Aled,Bethan,Craig,Dilys,Ewan,Fiona,Gwen,Harriet,Isla,Jamal,Keira,Liam,Megan,Noor,Oscar"
)
# Western European letters only, because this CRM writes windows-1252.
LAST = names(
    "Abbott,Ahmed,Baker,Bélanger,Chaudhry,Clarke,Davies,Dubois,Evans,Farrell,Gómez,Griffiths,"
    "Hughes,Iqbal,Jones,Kaur,Kowalski,Lloyd,Müller,Mackay,Morris,Nguyen,Okafor,Osei,Patel,Pryce,"
    "Quinn,Reid,Rossi,Schäfer,Singh,Taylor,Underhill,Vaughan,Walker,Wojcik,Xu,Yates,Zhang"
)
COLUMNS = names(
    "Account ID,Account Type,Segment,Region,Home Shop,Annual Value,Influence,Customer Since,"
    "Closed On,Marketing Consent,Contact Name,E-mail,Phone"
)


@dataclass(slots=True)
class Person:
    """One account, with the hidden loyalty that its answers and orders share."""

    id: str
    kind: str
    segment: str
    region: str
    shop: str
    favourite: str
    value: float
    influence: float
    joined: date | None
    left: date | None
    consent: bool
    name: str
    language: str
    loyalty: float

    @property
    def depot(self) -> str:
        return DEPOTS[self.region]

    def here(self, day: date) -> bool:
        """Is this account open on that day? Prospects always are."""
        if self.joined is None:
            return True
        return self.joined <= day and (self.left is None or day < self.left)


def people(count: int, *, months: Months, effects: Effects, seed: int) -> list[Person]:
    dice = Dice(seed, "people")
    return [_person(dice, number, months, effects) for number in range(1, count + 1)]


def _person(dice: Dice, number: int, months: Months, effects: Effects) -> Person:
    prospect = dice.chance(0.18)
    segment, region = dice.weighted(SEGMENTS), dice.weighted(REGIONS)
    loyalty = dice.normal()
    joined = None if prospect else _joined(dice, months)
    left = None if prospect else _left(dice, segment, loyalty, joined, months, effects)
    value = 0.0 if prospect else round(260 * dice.spread(0.8), 2)
    return Person(
        id=f"C{number:05d}",
        kind="prospect" if prospect else "former" if left else "customer",
        segment=segment,
        region=region,
        shop=dice.pick([shop for shop, place in SHOPS.items() if place == region]),
        favourite=dice.weighted(CHANNELS),
        value=value,
        influence=_influence(dice),
        joined=joined,
        left=left,
        consent=dice.chance(0.86),
        name=f"{dice.pick(FIRST)} {dice.pick(LAST)}",
        language=dice.weighted({"EN": 0.87, "DE": 0.05, "FR": 0.05, "ES": 0.03}),
        loyalty=loyalty,
    )


def _influence(dice: Dice) -> float:
    """Most people have little; about seven in a hundred are VIPs (0.8 and more)."""
    if dice.chance(0.07):
        return round(0.8 + 0.2 * dice.roll(), 2)
    return round(0.6 * dice.roll() ** 2, 2)


def _joined(dice: Dice, months: Months) -> date:
    if dice.chance(0.7):
        return months.start - timedelta(days=dice.between(1, 2200))
    return some_day(dice, dice.pick(months.all))


def _left(
    dice: Dice, segment: str, loyalty: float, joined: date | None, months: Months, effects: Effects
) -> date | None:
    """The first day somebody leaves: a hazard for each month they were here."""
    for month in months.all:
        hazard = 0.006 * exp(effects.unhappy_leaving * loyalty)
        if segment == "Families" and month >= months.ago(6):
            hazard *= exp(effects.families_leaving)
        leaves, day = dice.chance(hazard), some_day(dice, month)
        if leaves and joined and joined < day:
            return day
    return None


def address(person: Person) -> str:
    plain = person.name.encode("ascii", "ignore").decode().lower().replace(" ", ".")
    return f"{plain}.{person.id[1:]}@example.com"


def accounts(everybody: list[Person], *, seed: int) -> Sheet:
    """The CRM's list. A handful of rows is broken, as in any CRM."""
    dice = Dice(seed, "crm")
    rows = [_account(dice, person) for person in everybody]
    for row in rows[411::1300]:
        row[7] = "31/02/2024"
    for row in rows[700::2100]:
        row[5] = "-" + row[5]
    return Sheet(COLUMNS, [*rows, *([*row] for row in rows[250::2400])])


def _account(dice: Dice, person: Person) -> list[str]:
    return [
        person.id,
        {"customer": "Customer", "former": "Former customer", "prospect": "Prospect"}[person.kind],
        person.segment,
        person.region,
        person.shop,
        f"{person.value:.2f}".replace(".", ","),
        f"{person.influence:.2f}".replace(".", ","),
        person.joined.strftime("%d/%m/%Y") if person.joined else "",
        person.left.strftime("%d/%m/%Y") if person.left else "",
        "Yes" if person.consent else "No",
        person.name,
        address(person),
        # Ofcom keeps 07700 900000 to 900999 for drama: nobody's telephone.
        f"07700 900{dice.between(0, 999):03d}",
    ]
