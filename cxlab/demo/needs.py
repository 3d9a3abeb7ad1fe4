"""What customers say they want: Kano pairs and best-worst tasks."""

from cxlab.demo.dice import Dice
from cxlab.demo.sheet import Sheet
from cxlab.demo.world import World

# How people feel about each feature: share of must-be, one-dimensional, attractive, indifferent.
FEATURES = {
    "tracking": (0.62, 0.20, 0.06, 0.12),
    "free_returns": (0.14, 0.60, 0.14, 0.12),
    "assembly_video": (0.04, 0.10, 0.58, 0.28),
    "gift_wrap": (0.02, 0.04, 0.16, 0.78),
}
ALIKE = (0.25, 0.25, 0.25, 0.25)
# (if we had it, if we did not): 1 like, 2 must be, 3 neutral, 4 can live with, 5 dislike.
PAIRS = ((2, 5), (1, 5), (1, 3), (3, 3))
OFFERS = {
    "Delivery on the day promised": 1.5,
    "Free returns": 0.8,
    "Someone who answers the phone": 0.7,
    "Lower prices": 0.9,
    "Spare parts for ten years": 0.2,
    "A better app": 0.3,
    "Longer opening hours": -0.4,
    "Loyalty points": -0.2,
    "Less packaging": -0.1,
    "Style advice": -1.2,
    "Workshops in the shop": -1.3,
    "Gift wrapping": -1.5,
}


def kano_answers(dice: Dice, world: World) -> list[int]:
    """For each feature the answer with it and the answer without it."""
    answers: list[int] = []
    for shares in FEATURES.values():
        used = shares if world.effects.kano else ALIKE
        kind = int(dice.weighted(dict(zip("0123", used, strict=True))))
        pair = PAIRS[kind] if dice.chance(0.85) else (dice.between(1, 5), dice.between(1, 5))
        answers += pair
    return answers


def best_worst(world: World, respondents: list[str]) -> Sheet:
    """Six tasks of four offers each: one is best, one is worst."""
    dice = Dice(world.seed, "choices")
    rows = []
    for respondent in respondents:
        for task in range(1, 7):
            shown = dice.shuffled(tuple(OFFERS))[:4]
            liked = sorted(shown, key=lambda offer: _appeal(dice, offer, world), reverse=True)
            picked = {liked[0]: "best", liked[-1]: "worst"}
            rows += [[respondent, str(task), offer, picked.get(offer, "none")] for offer in shown]
    return Sheet(["respondent", "task", "offer", "picked"], rows)


def _appeal(dice: Dice, offer: str, world: World) -> float:
    return world.effects.wants * OFFERS[offer] + 1.2 * dice.normal()
