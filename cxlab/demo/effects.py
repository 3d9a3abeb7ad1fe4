"""How large each planted effect is, in the units of the hidden opinion.

Zero always means "nothing planted": additive effects are shifts, multiplicative
ones are logarithms of factors. One unit of a shift in the hidden opinion is about
1.45 points of the 0-10 answer, or about 45 points of net promoter score.

Not here: the same effects in words and in observable sizes (truths).
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Effects:
    """Sizes of everything planted; `nothing()` gives the study without any."""

    # opinions: what moves the whole answer sheet
    mobile: float = -0.78
    occasional: float = -0.40
    hybrid_help: float = 0.45
    weak_shop: float = -0.70
    training: float = 0.40
    engagement: float = 0.25
    person: float = 0.35
    # opinions: what moves one touchpoint
    mobile_site: float = -0.90
    on_time: float = 0.26
    october_on_time: float = -11.00
    training_staff: float = 0.90
    engagement_staff: float = 0.40
    returns_fix: float = 0.90
    january_returns: float = -0.90
    trade_range: float = -0.90
    price: float = -0.80
    redesign_effort: float = 0.90
    # opinions: what goes with what
    halo: float = 0.50
    drivers: float = 1.00
    # comments
    login_theme: float = 0.11
    courier_theme: float = 0.60
    january_theme: float = 0.16
    # behaviour
    loyal_orders: float = 0.55
    trade_orders: float = 0.60
    season: float = 0.45
    families_leaving: float = 1.70
    unhappy_leaving: float = -1.10
    answering: float = -0.80
    preference: float = 0.60
    # help desk
    vip_wait: float = -0.95
    chat_wait: float = 1.00
    handoff: float = 1.80
    transfer_wait: float = 0.90
    transfer_rating: float = -1.20
    october_cases: float = 1.60
    january_cases: float = 1.40
    # reviews, management, needs, assets, experiments
    burst: float = 1.60
    october_reviews: float = -2.60
    extortion: float = 1.00
    belief_gap: float = 1.30
    wants: float = 1.00
    kano: float = 1.00
    assets: float = 1.00
    experiment: float = 0.08
    mismatch: float = 0.06
    idea: float = 1.00
    stale_directory: float = 1.00


def nothing() -> Effects:
    return Effects(**{field.name: 0.0 for field in fields(Effects)})
