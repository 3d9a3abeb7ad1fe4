"""A study whose every name is an attack: its pages show the text and execute none of it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

import hostile
import polars as pl
import pytest
from test_report_pages import AROUND, cell, run_of
from visits import DRAWN, FIGURES, Visit, inside, visit

from cxlab import guard, plots
from cxlab.plots import shown
from cxlab.report.page import exporter

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Intake refuses a file with a null byte (test_bad_inputs.py); `every_page` has those too.
SAYABLE = [text for text in hostile.ALL if "\x00" not in text]
# A study has room for few names, so every fifth stands for its neighbours.
NAMES = SAYABLE[::5]
SCRIPT, IMAGE, LINK = (hostile.SCRIPTS[0], hostile.HANDLERS[1], hostile.LINKS[0])
TURNED = "a\u202egnp.exe"
FILE_NAME = "<img src=x onerror=ran=1>.csv"
COLUMNS = ("id", "date", "channel", '"><img src=x onerror=ran=1>', "=cmd|'/c calc'", "score", "why")
MONTHS = ("2026-09", "2026-10")
EACH = 11


def quoted(text: str) -> str:
    """The text as TOML writes it; JSON's escapes are TOML's, but for what is beyond them."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def study_toml() -> str:
    return f"""
[study]
name = {quoted(SCRIPT + TURNED)}
language = "en"
zone = "UTC"
currency = "EUR"
minimum_base = 10
groups = ["segment", "channel"]

[comments]
themes = "themes.toml"

[[files]]
path = "raw/*.csv"
table = "responses"
[files.columns]
response_id = "id"
date = "date"
channel = "channel"
[files.attributes]
segment = {quoted(COLUMNS[3])}
[files.items]
recommend = {quoted(COLUMNS[4])}
satisfaction = "score"
why = "why"

[items.recommend]
wording = {quoted(IMAGE)}
construct = "recommend"
kind = "rating"
scale = [0, 10]
labels = {{ "0" = {quoted(SCRIPT)}, "10" = {quoted(LINK)} }}

[items.satisfaction]
wording = {quoted(LINK + TURNED)}
construct = "satisfaction"
kind = "rating"
scale = [1, 5]
labels = {{ "1" = {quoted(IMAGE)}, "5" = {quoted(SCRIPT)} }}
who_can_act = {quoted(IMAGE)}

[items.why]
wording = {quoted(SCRIPT)}
construct = "comment"
kind = "comment"
"""


def themes_toml() -> str:
    return f"""
version = {quoted(IMAGE)}
language = "en"

[themes.delivery]
label = {quoted(SCRIPT)}
about = {quoted(LINK)}
phrases = ["delivery"]

[themes.price]
label = {quoted("=1+1" + IMAGE)}
about = {quoted(TURNED)}
phrases = ["price"]
"""


def answers() -> list[list[str]]:
    """Names are segments and channels, large enough to be shown; every payload is in a comment."""
    rows = []
    for number, (month, (who, name), k) in enumerate(
        product(MONTHS, enumerate(NAMES), range(EACH))
    ):
        score = 10 - (k + who * (month == MONTHS[1])) % 11
        about = ("The delivery was late again", "The price is far too high")[number % 2]
        said = f"{about} {SAYABLE[number % len(SAYABLE)]}"
        key = [f"{month}-{who}-{k}", f"{month}-{k + 1:02}"]
        rows.append([*key, name, name, str(score), str(1 + score % 5), said])
    return [list(COLUMNS), *rows]


@pytest.fixture(scope="module")
def hostile_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    raw = folder / "study/raw"
    raw.mkdir(parents=True)
    (folder / "study/study.toml").write_text(study_toml(), encoding="utf-8")
    (folder / "study/themes.toml").write_text(themes_toml(), encoding="utf-8")
    with (raw / FILE_NAME).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(answers())
    render = ["-m", "cxlab.cli", "report", "study", "--period", MONTHS[-1], "--out", "packs"]
    done = subprocess.run([sys.executable, *render], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "packs" / MONTHS[-1]


def scores(names: tuple[str, ...]) -> pl.DataFrame:
    told = pl.DataFrame({"segment": names}).with_row_index("n")
    return told.select(
        *("segment", pl.lit(40).alias("base"), (pl.col("n") % 50).cast(pl.Float64).alias("score")),
        (pl.col("n") % 50 - 3.0).alias("low"),
        (pl.col("n") % 50 + 3.0).alias("high"),
    )


def shares(names: tuple[str, ...]) -> pl.DataFrame:
    rows = [(name, k, 0.5, 40) for name in names for k in (0, 1)]
    return pl.DataFrame(rows, schema=["segment", "answer", "share", "base"], orient="row")


def words(names: tuple[str, ...]) -> pl.DataFrame:
    told = pl.DataFrame({"term": names}).with_row_index("n")
    return told.select(
        *("term", pl.lit(40).alias("base"), (pl.col("n") - 9.5).alias("log_odds")),
        (pl.col("n") - 10.0).alias("low"),
        (pl.col("n") - 9.0).alias("high"),
        (pl.col("n") - 9.5).alias("z"),
        pl.lit(True).alias("flagged"),
    )


def figures() -> list[Any]:
    """Every payload as a name in two kinds of figure, a part of them in two more."""
    told = []
    for some in batched(hostile.ALL, 70):
        labels = {"0": some[0], "1": some[-1]}
        told += [
            plots.intervals(guard.hide_small(scores(some)), title=some[0], note=some[1]),
            plots.distribution(guard.hide_small(shares(some)), labels=labels, what=some[2]),
        ]
    for some in batched(hostile.MARKUP[::2] + hostile.TEMPLATES + hostile.HIDDEN, 18):
        cells = [(a, b, 0.5, 40) for a in some for b in some[:6]]
        table = pl.DataFrame(cells, schema=["theme", "beside", "share", "base"], orient="row")
        place = {"rows": "theme", "columns": "beside"}
        told += [
            plots.keyness(guard.hide_small(words(some)), groups=some[:2], title=some[2]),
            plots.heat(guard.hide_small(table), **place, title=some[3], what=some[4]),
        ]
    return told


def batched(names: tuple[str, ...], size: int) -> list[tuple[str, ...]]:
    """The names in parts of a size, the last one filled up from the front."""
    return [(names + names)[start : start + size] for start in range(0, len(names), size)]


@pytest.fixture(scope="module")
def every_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One page that says every payload in every kind of block."""
    folder = tmp_path_factory.mktemp("every")
    every = [[text, text] for text in hostile.ALL]
    table = {"kind": "table", "caption": SCRIPT, "head": list(hostile.ALL[:2]), "keys": 1}
    blocks = [
        shown.sentence(" ".join(hostile.ALL), kind="lead"),
        *(shown.sentence(text) for text in hostile.ALL),
        shown.sentences(list(hostile.ALL)),
        shown.facts([(text, text) for text in hostile.ALL]),
        shown.quotes([(text, [(text, text)]) for text in hostile.ALL]),
        shown.Shown({**table, "rows": every, "folded": True}, text=""),
        *figures(),
    ]
    title = " ".join(hostile.ALL)
    made = [(text, text) for text in hostile.ALL]
    around = {**AROUND, "title": title, "study": title, "period": TURNED, "made": made}
    links = [{"href": "index.html", "title": text, "here": False} for text in hostile.ALL]
    page = run_of(*(cell(block) for block in blocks))
    html, _ = exporter.PageExporter().from_notebook_node(
        page, resources={"page": {**around, "links": links}}
    )
    (folder / "every.html").write_text(html, encoding="utf-8")
    library = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    (folder / "assets").mkdir()
    (folder / "assets/plotly.min.js").write_bytes(library)
    return folder / "every.html"


def use_the_page(seen: Visit) -> None:
    """Opens every fold and moves over the charts, as a reader would."""
    seen.ask("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    for chart in seen.page.locator(DRAWN).all()[:4]:
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        for step in range(1, 10):
            seen.page.mouse.move(box["x"] + box["width"] * step / 10, box["y"] + box["height"] / 2)
    seen.page.wait_for_timeout(200)


PAGES = ["every", "index.html", "loyalty.html", "comments.html", "what-came-in.html"]


@pytest.fixture(scope="module", params=PAGES)
def opened(request: pytest.FixtureRequest, browser: Any) -> Any:
    every = request.param == "every"
    path = request.getfixturevalue("every_page" if every else "hostile_pack")
    page = path if every else path / request.param
    with visit(browser, page, pack=page.parent) as seen:
        use_the_page(seen)
        yield seen, page.parent


def test_nothing_that_came_from_data_is_executed(opened: Any) -> None:
    assert opened[0].ask("window.ran") is None


def test_nothing_is_requested_from_elsewhere(opened: Any) -> None:
    seen, folder = opened
    assert [a for a in seen.requested if not inside(a, folder)] == []


def test_the_second_wall_was_never_reached(opened: Any) -> None:
    """The Content-Security-Policy would complain here had anything slipped through escaping."""
    assert opened[0].complaints == []


def test_no_element_carries_a_handler_or_a_link_out(opened: Any) -> None:
    handlers = """[...document.querySelectorAll('*')].flatMap(node =>
        [...node.attributes].filter(a => a.name.startsWith('on')).map(a => a.name))"""
    links = """[...document.querySelectorAll('a')].map(
        a => a.getAttribute('href') || a.getAttribute('xlink:href') || '')"""
    assert opened[0].ask(handlers) == []
    assert [link for link in opened[0].ask(links) if ":" in link] == []
    assert opened[0].count("iframe, object, embed, base, form, img, link:not([rel=icon])") == 0


def test_nothing_turns_the_direction_of_what_is_read(opened: Any) -> None:
    told = opened[0].ask("document.documentElement.outerHTML")
    assert sorted(set(told) & set(hostile.TURNING)) == []


def test_the_names_are_shown_as_they_are(opened: Any) -> None:
    text = opened[0].ask("document.body.textContent")
    assert SCRIPT in text
    if opened[0].page.url.endswith("every.html"):
        as_is = [*hostile.MARKUP, *hostile.TEMPLATES, *hostile.ENTITIES, *hostile.STYLES]
        assert len(hostile.ALL) >= 200
        assert [
            one for one in as_is if "\n" not in one and "\t" not in one and one not in text
        ] == []


def test_the_charts_are_drawn_all_the_same(opened: Any) -> None:
    assert opened[0].count(FIGURES) == opened[0].count(DRAWN)
    if opened[0].page.url.endswith("every.html"):
        assert opened[0].count(DRAWN) >= 16


def test_no_cell_of_the_findings_is_a_formula(hostile_pack: Path) -> None:
    with (hostile_pack / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    begins = {cell[0] for row in rows for cell in row if cell and not _is_number(cell)}
    assert len(rows) > 50
    assert begins & set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20") == set()


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
