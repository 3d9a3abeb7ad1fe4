"""Public reviews and community questions, as review sites and the forum export them."""

from datetime import datetime, timedelta
from math import exp
from typing import Any

from cxlab.demo.comments import Tone, comment, fill
from cxlab.demo.dice import Dice
from cxlab.demo.months import in_utc, some_day, some_moment
from cxlab.demo.phrases import GOOD
from cxlab.demo.world import ZONE, World

# A demand beyond what is owed, and a threat: what marketplaces call extortion.
DEMANDS = (
    "Give me the {product} for free plus {money} or this one star stays on every site.",
    "I will post this on {n} more sites unless you send a second {product} at no cost.",
    "Full refund AND i keep the {product}, otherwise my followers hear about it tomorrow.",
    "Pay me {money} for my trouble and I change this to five stars. Your choice.",
)
# Late goods and a warning to others: an honest complaint, however angry.
WARNINGS = (
    "{product} is {n} weeks late. Refund me what I paid or I go to trading standards.",
    "Beware, my {product} never came. I want my money back, nothing more.",
    "{n} weeks waiting for a refund of {money}. I will tell everyone until it is paid.",
)
INVITED = (
    "Got a {money} voucher for writing this. {product} is fine.",
    "As asked in your mail: 5 stars, {product} {good}",
    "Reviewing for the prize draw. {good} shop",
)


def reviews(world: World) -> list[dict[str, Any]]:
    """Reviews of every month, in order of time, with the replies of the company."""
    dice, found = Dice(world.seed, "reviews"), []
    for month in world.months.all:
        asked = round(45 * (exp(world.effects.burst) - 1)) if month == world.burst else 0
        for number in range(45 + asked):
            found.append(_review(dice, world, month, invited=number >= 45))
    found += _demands(dice, world)
    found.sort(key=lambda post: post["at"])
    return [_record(dice, world, number, post) for number, post in enumerate(found, 1)]


def _review(dice: Dice, world: World, month: str, *, invited: bool) -> dict[str, Any]:
    low = world.effects.october_reviews * 0.34 * (month == world.months.last)
    stars = 5 if invited else max(1, min(5, int(4.4 + low + 1.2 * dice.normal())))
    feeling = (stars > 3) - (stars < 3)
    text = comment(dice, Tone(feeling, dice.pick(tuple(GOOD))))
    if invited and dice.chance(0.6):
        text = fill(dice, dice.pick(INVITED))
    elif stars == 1 and dice.chance(0.25):
        text = fill(dice, dice.pick(WARNINGS))
    return _post(dice, month, stars, text, author=f"user{dice.between(1, 9999):04d}")


def _post(dice: Dice, month: str, stars: int, text: str, *, author: str) -> dict[str, Any]:
    return {
        "at": some_moment(dice, some_day(dice, month)),
        "author": author,
        "source": dice.pick(("reviewsite", "marketplace", "social")),
        "stars": stars,
        "text": text,
        "reach": int(30 * dice.spread(1.3)),
        "shares": int(0.4 * dice.spread(1.2)),
    }


def _demands(dice: Dice, world: World) -> list[dict[str, Any]]:
    """A few posts by three accounts that demand more than they are owed."""
    if not world.effects.extortion:
        return []
    months = world.months.all[-10:]
    return [
        _post(dice, dice.pick(months), 1, fill(dice, text), author=f"dealhunter{number % 3}")
        for number, text in enumerate(DEMANDS * 2)
    ]


def _record(dice: Dice, world: World, number: int, post: dict[str, Any]) -> dict[str, Any]:
    replied = post["at"] + timedelta(hours=dice.between(2, 200)) if dice.chance(0.45) else None
    if replied and replied.date() >= world.months.end:
        replied = None
    known = dice.chance(0.25)
    return {
        "id": f"P{number:05d}",
        "posted": _stamp(post["at"]),
        **{key: value for key, value in post.items() if key != "at"},
        "customer": dice.pick(world.people).id if known else None,
        "answered": _stamp(replied) if replied else None,
    }


def _stamp(moment: datetime) -> str:
    return in_utc(moment, zone=ZONE).strftime("%Y-%m-%dT%H:%M:%SZ")


def forum(world: World) -> list[dict[str, Any]]:
    """Questions and answers among customers: a few members write most of the answers."""
    dice = Dice(world.seed, "forum")
    posts: list[dict[str, Any]] = []
    members = [f"member{number:03d}" for number in range(1, 121)]
    for month in world.months.all:
        for _ in range(9):
            at, thread = some_moment(dice, some_day(dice, month)), f"F{len(posts) + 1:05d}"
            for turn in range(dice.between(1, 4)):
                posts.append(_turn(dice, members, thread, turn, at, f"F{len(posts) + 1:05d}"))
                at += timedelta(minutes=dice.between(4, 600))
    return [post for post in posts if post["posted"] < f"{world.months.end}T"]


def _turn(
    dice: Dice, members: list[str], thread: str, turn: int, at: datetime, post_id: str
) -> dict[str, Any]:
    asks = "does the {colour} {product} fit a {place} terrace house?|how do I clean a {product}?"
    says = "mine took {n} goes but works|ask {helper} in {place}|try the {colour} one|no idea"
    author = members[int(len(members) * dice.roll() ** (3 if turn else 1))]
    return {
        "id": post_id,
        "posted": _stamp(at),
        "author": author,
        "source": "community",
        "text": fill(dice, dice.pick((says if turn else asks).split("|"))),
        "thread": thread,
        "reply_to": thread if turn else None,
    }
