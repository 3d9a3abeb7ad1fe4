"""A study whose every name is an attack: its pages show the text and execute none of it."""

from __future__ import annotations

import csv
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from visits import DRAWN, FIGURES, Visit, inside, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# 192.0.2.1 is an address set aside for examples; nothing answers there, and nothing may ask it.
PAYLOADS = (
    "<script>window.ran='script'</script>",
    "</script><script>window.ran='closed'</script>",
    "<img src=x onerror=\"window.ran='img'\">",
    "\"><svg onload=window.ran='svg'>",
    "' onmouseover='window.ran=1' x='",
    "<a href=\"javascript:window.ran='link'\">more</a>",
    "[more](javascript:window.ran='markdown')",
    "<img src='http://192.0.2.1/seen.png'>",
    "<style>@import 'http://192.0.2.1/a.css'</style>",
    "<!--<script>",
    "{{ 7 * 7 }}{% for x in y %}",
    "${window.ran='template'}",
    "<b>bold</b><iframe srcdoc='<script>parent.ran=1</script>'>",
)
FILE_NAME = "<img src=x onerror=ran=1>.csv"
MONTHS = ("2026-09", "2026-10")
EACH = 14


def toml_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def study_toml() -> str:
    script, img, link = (toml_text(PAYLOADS[k]) for k in (0, 2, 5))
    return f"""
[study]
name = {script}
language = "en"
zone = "UTC"
currency = "EUR"
minimum_base = 10
groups = ["segment", "channel"]

[[files]]
path = "raw/*.csv"
table = "responses"
[files.columns]
response_id = "id"
date = "date"
channel = "channel"
[files.attributes]
segment = "segment"
[files.items]
recommend = "recommend"
satisfaction = "satisfaction"

[items.recommend]
wording = {img}
construct = "recommend"
kind = "rating"
scale = [0, 10]
labels = {{ "0" = {script}, "10" = {link} }}

[items.satisfaction]
wording = {link}
construct = "satisfaction"
kind = "rating"
scale = [1, 5]
labels = {{ "1" = {img}, "5" = {script} }}
who_can_act = {img}
"""


def answers() -> list[list[str]]:
    """Every payload is a segment and a channel, large enough to be shown, and differs by month."""
    header = ["id", "date", "segment", "channel", "recommend", "satisfaction"]
    rows = [
        [f"{month}-{who}-{k}", f"{month}-{k + 1:02}", name, name, str(score), str(1 + score % 5)]
        for (m, month), (who, name), k in product(
            enumerate(MONTHS), enumerate(PAYLOADS), range(EACH)
        )
        for score in [10 - (k + who * m) % 11]
    ]
    return [header, *rows]


@pytest.fixture(scope="module")
def hostile_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    raw = folder / "study/raw"
    raw.mkdir(parents=True)
    (folder / "study/study.toml").write_text(study_toml(), encoding="utf-8")
    with (raw / FILE_NAME).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(answers())
    render = ["-m", "cxlab.cli", "report", "study", "--period", MONTHS[-1], "--out", "packs"]
    done = subprocess.run([sys.executable, *render], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "packs" / MONTHS[-1]


def use_the_page(seen: Visit) -> None:
    """Opens every fold and moves over every chart, as a reader would."""
    seen.ask("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    for chart in seen.page.locator(DRAWN).all():
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        for step in range(1, 10):
            seen.page.mouse.move(box["x"] + box["width"] * step / 10, box["y"] + box["height"] / 2)
    seen.page.wait_for_timeout(200)


@pytest.fixture(scope="module", params=["index.html", "loyalty.html", "what-came-in.html"])
def opened(request: pytest.FixtureRequest, browser: Any, hostile_pack: Path) -> Any:
    with visit(browser, hostile_pack / request.param, pack=hostile_pack) as seen:
        use_the_page(seen)
        yield seen


def test_nothing_that_came_from_data_is_executed(opened: Visit) -> None:
    assert opened.ask("window.ran") is None


def test_nothing_is_requested_from_elsewhere(opened: Visit, hostile_pack: Path) -> None:
    assert [a for a in opened.requested if not inside(a, hostile_pack)] == []


def test_the_second_wall_was_never_reached(opened: Visit) -> None:
    """The Content-Security-Policy would complain here had anything slipped through escaping."""
    assert opened.complaints == []


def test_no_element_carries_a_handler_or_a_link_out(opened: Visit) -> None:
    handlers = """[...document.querySelectorAll('*')].flatMap(node =>
        [...node.attributes].filter(a => a.name.startsWith('on')).map(a => a.name))"""
    links = """[...document.querySelectorAll('a')].map(
        a => a.getAttribute('href') || a.getAttribute('xlink:href') || '')"""
    assert opened.ask(handlers) == []
    assert [link for link in opened.ask(links) if ":" in link] == []
    assert opened.count("iframe, object, embed, base, form") == 0


def test_the_names_are_shown_as_they_are(opened: Visit) -> None:
    if opened.page.url.endswith("loyalty.html"):
        assert PAYLOADS[0] in opened.ask("document.body.textContent")


def test_the_charts_are_drawn_all_the_same(opened: Visit) -> None:
    assert opened.count(FIGURES) == opened.count(DRAWN)
