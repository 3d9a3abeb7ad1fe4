"""What tests of the report share: where things are, and a small study.

The rendered pack of the demo is the fixture `demo_pack` of conftest.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEMO, PERIOD = ROOT / "data/demo", "2026-10"
# The chapters of the demo's pack, in their order.
CHAPTERS = (
    *("loyalty", "comments", "drivers", "needs", "journeys", "promises", "linkage"),
    *("reputation", "delivery_gap", "assets", "asking", "what_came_in", "what_we_can_answer"),
)
PAGES = ("index.html", *(f"{name.replace('_', '-')}.html" for name in CHAPTERS))
MONTHS = ("2026-09", "2026-10")
STUDY = """
[study]
name = {name}
minimum_base = 10
groups = ["channel"]

[[files]]
path = "raw/*.csv"
table = "responses"
[files.columns]
response_id = "id"
date = "date"
channel = "channel"
[files.items]
recommend = "recommend"

[items.recommend]
wording = "Would you recommend us?"
construct = "recommend"
kind = "rating"
scale = [0, 10]
"""


def small_study(
    folder: Path,
    *,
    name: str = "Small",
    channels: Sequence[str] = ("web", "shop"),
    each: int = 14,
) -> Path:
    """A study of one survey file: every channel has `each` answers in each of two months."""
    raw = folder / "raw"
    raw.mkdir(parents=True)
    text = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    (folder / "study.toml").write_text(STUDY.format(name=text), encoding="utf-8")
    rows = [
        [f"{month}-{c}-{k}", f"{month}-{k % 28 + 1:02}", channel, 10 - (k + 3 * c) % 11]
        for (c, channel), month, k in product(enumerate(channels), MONTHS, range(each))
    ]
    with (raw / "answers.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "date", "channel", "recommend"], *rows])
    return folder
