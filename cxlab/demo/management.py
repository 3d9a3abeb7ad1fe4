"""What the company believes, tries and plans: beliefs, experiments, ideas, requirements."""

from cxlab.demo.comments import fill
from cxlab.demo.dice import Dice
from cxlab.demo.people import Person
from cxlab.demo.places import TOUCHPOINTS
from cxlab.demo.sheet import Sheet, names
from cxlab.demo.world import World

FUNCTIONS = ("marketing", "operations", "stores", "digital", "finance", "care")
EXPERIMENTS = ("free-returns-banner", "button-colour", "push-reminder")
THEMES = (
    ("Spare parts for the {product}", 46),
    ("{product} in {colour}", 6),
    ("Delivery on {day} evenings", 9),
    ("Workshop on repairing a {product}", 4),
    ("Show in the app which {place} aisle has the {product}", 7),
    ("Take old {product} away when the new one comes", 11),
)
REASONS = ("Would help {who}", "Please!", "Seen it in {place}", "")
REQUIREMENTS = (
    "R01|Know when it will really come|item:delivery; theme:delivery|"
    "Tell customers within the hour when a slot is missed|Message from the depot scanner|"
    "item:delivery|Head of logistics|process|agreed",
    "R02|Get in without the old telephone|theme:sign_in|Offer a second way to sign in|"
    "Code by e-mail beside passkeys|theme:sign_in|Head of digital|technology|open",
    "R03|Not to explain it twice|theme:contact; item:support|Hand on the case with its history|"
    "Shared case record in shops|item:support|Head of care|process|in design",
    "R04|Do on the phone what works on the web|"
    "measure:Net promoter score@channel=mobile; item:site|"
    "Basket and search work on a phone|Rebuilt app search|"
    "measure:Net promoter score@channel=mobile|Head of digital|technology|in design",
    "R05|An answer while I am still on the chat|"
    "theme:waiting; measure:Net promoter score@channel=chat|"
    "Answer chats within twelve minutes or offer a call|Two more people at noon|"
    "measure:Net promoter score@channel=chat|Head of care|people|open",
    "R06|Refund without chasing|theme:returns; item:returns|Refund within five days|"
    "New returns portal|item:returns|Head of finance|process|live",
    "R07|Somebody in the shop who knows the goods|item:staff; theme:staff_help|"
    "Train all shops as the six|"
    "Two days of training|item:staff|Head of stores|people|live",
    "R08|A sunny bank holiday||None: nobody can act on it|None||nobody|nobody|closed",
)


def beliefs(world: World, managers: int = 60) -> Sheet:
    """Managers guess customers' mean rating of each touchpoint; they are far off on price."""
    dice = Dice(world.seed, "beliefs")
    rows = []
    for number in range(1, managers + 1):
        function = dice.pick(FUNCTIONS)
        for item in (*TOUCHPOINTS, "satisfaction"):
            # Without a gap managers answer as customers do: same mean, same spread.
            level, sigma = (3.95, 0.82) if item == "satisfaction" else (3.75, 0.9)
            level += world.effects.belief_gap * (0.5 if item == "price" else 0.05)
            mark = max(1, min(5, int(level + 0.5 + sigma * dice.normal())))
            rows.append([f"M{number:03d}", function, item, str(mark), f"{world.months.ago(1)}-15"])
    return Sheet(["manager", "function", "question", "answer", "asked_on"], rows)


def experiments(world: World) -> Sheet:
    """Three experiments on everybody who agreed: one works, one does not, one is lopsided."""
    dice = Dice(world.seed, "experiments")
    rows = [
        _assignment(dice, experiment, person, world)
        for experiment in EXPERIMENTS
        for person in world.people
        if person.consent and person.left is None and dice.chance(0.36)
    ]
    return Sheet(names("test,account,variant,assigned,seen,converted,revenue"), rows)


def _assignment(dice: Dice, experiment: str, person: Person, world: World) -> list[str]:
    effects = world.effects
    lopsided = effects.mismatch * (experiment == "push-reminder")
    treated = dice.chance(0.5 + lopsided)
    works = treated and experiment == "free-returns-banner"
    converted = dice.chance(0.12 + effects.experiment * works)
    spent = round(46 * dice.spread(0.75), 2) if converted else 0.0
    return [
        experiment,
        person.id,
        "variant" if treated else "control",
        f"{world.months.ago(3)}-{dice.between(1, 28):02d}T{dice.between(8, 20):02d}:00:00Z",
        "true" if dice.chance(0.93) else "false",
        "true" if converted else "false",
        f"{spent:.2f}",
    ]


def ideas(world: World) -> Sheet:
    """The idea board: one wish is far ahead, the rest have few votes."""
    dice = Dice(world.seed, "ideas")
    rows = []
    for number in range(1, 91):
        title, votes = dice.pick(THEMES)
        level = 8 + world.effects.idea * (votes - 8)
        rows.append(
            [
                f"IDEA-{number:03d}",
                f"member{dice.between(1, 120):03d}",
                f"{dice.pick(world.months.all)}-{dice.between(1, 28):02d}T12:00:00Z",
                fill(dice, title),
                fill(dice, REASONS[number % len(REASONS)]),
                dice.pick(("new", "new", "under review", "planned", "declined")),
                str(max(0, int(level * dice.spread(0.4)))),
                str(int(2 * dice.spread(0.6))),
            ]
        )
    return Sheet(names("id,author,created,title,body,state,up,down"), rows)


def requirements(world: World) -> Sheet:
    columns = names("id,need,evidence,requirement,design,measure,owner,who_can_act,status,date")
    rows = [[*line.split("|"), f"{world.months.ago(1)}-20"] for line in REQUIREMENTS]
    return Sheet(columns, rows)
