"""The channel directory: how to reach Alder & Finch, and what is promised there."""

from typing import NamedTuple

from cxlab.demo.sheet import Sheet, names
from cxlab.demo.world import World


class Promise(NamedTuple):
    """What the directory says of one channel; hours until a first answer, and until solved."""

    name: str
    mode: str
    first_hours: float
    solved_hours: float
    opens: str
    closes: str


PROMISES = {
    "store": Promise("Our shops", "human", 0.25, 48, "09:00", "18:00"),
    "web": Promise("Contact form", "technical", 24, 72, "00:00", "24:00"),
    "mobile": Promise("Message us in the app", "hybrid", 4, 72, "00:00", "24:00"),
    "phone": Promise("Customer line", "human", 0.1, 48, "08:00", "20:00"),
    "chat": Promise("Live chat", "hybrid", 0.2, 48, "08:00", "22:00"),
    "email": Promise("E-mail", "human", 24, 72, "00:00", "24:00"),
}


def directory(world: World) -> Sheet:
    fresh, stale = f"{world.months.ago(1)}-01", f"{world.months.ago(26)}-14"
    old = stale if world.effects.stale_directory else fresh
    rows = [
        [
            channel,
            promise.name,
            promise.mode,
            f"{promise.first_hours:g}",
            f"{promise.solved_hours:g}",
            promise.opens,
            promise.closes,
            old if channel == "email" else fresh,
        ]
        for channel, promise in PROMISES.items()
    ]
    columns = names("channel,name,mode,first_answer_h,resolved_h,opens,closes,updated")
    return Sheet(columns, rows)
