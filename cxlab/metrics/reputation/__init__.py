"""What do reviews and posts say of us, who says it, and can the numbers be trusted?

`reviews` counts stars, complaints and praise, old ones fading; `bursts` finds sudden crowds;
`earned` asks whether newer praise came from better experience or from asking; `replies` how
soon we answer; `voices` how far posts carry and whom we know; `community` whether customers
help each other; `ideas` what they vote for; `queue` and `networks` what a person should read
before it is counted or answered, and what that is worth.

Texts come with what text.integrity and text.clean found in them, as columns. Nobody is named
and nobody is accused: a mark is a reason to read.

Not here: reading texts (text), small bases (guard), matching posts to customers (linkage).
"""

from __future__ import annotations

from cxlab.metrics.reputation.bursts import beginning, bursts, windows
from cxlab.metrics.reputation.community import gini, health, participation, threads
from cxlab.metrics.reputation.earned import earned, who_changed
from cxlab.metrics.reputation.ideas import ranked, subjects
from cxlab.metrics.reputation.networks import links, summary
from cxlab.metrics.reputation.queue import beside, queue, worth
from cxlab.metrics.reputation.replies import answered_half, replies, waits
from cxlab.metrics.reputation.reviews import feelings, rated, rating_curve, stars
from cxlab.metrics.reputation.voices import influence, matched, ripple

__all__ = [
    "answered_half",
    "beginning",
    "beside",
    "bursts",
    "earned",
    "feelings",
    "gini",
    "health",
    "influence",
    "links",
    "matched",
    "participation",
    "queue",
    "ranked",
    "rated",
    "rating_curve",
    "replies",
    "ripple",
    "stars",
    "subjects",
    "summary",
    "threads",
    "waits",
    "who_changed",
    "windows",
    "worth",
]
