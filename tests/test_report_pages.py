"""A page is prose, charts and tables: no code, and nothing from data that acts."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import nbformat
import polars as pl
import pytest

from cxlab import guard, plots
from cxlab.errors import RunFailed
from cxlab.plots import shown
from cxlab.report.page import columns, exporter, pages

ATTACKS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "{{ 7 * 7 }}",
    "{segment.__class__}",
    "]]><!--",
)
AROUND = {
    "language": "en",
    "title": "Title",
    "study": "Study",
    "period": "October 2026",
    "made": [("Rows", "1 read")],
    "links": [{"href": "index.html", "title": "Summary", "here": False}],
}


class Reader(HTMLParser):
    """The elements, attributes and text of a page, as a browser would find them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def cell(value: Any) -> Any:
    made = nbformat.v4.new_code_cell("secret = code()", execution_count=1)
    data = value._repr_mimebundle_() if hasattr(value, "_repr_mimebundle_") else value
    made.outputs = [nbformat.v4.new_output("execute_result", data=data, execution_count=1)]
    return made


def run_of(*cells: Any) -> Any:
    title = nbformat.v4.new_markdown_cell("# Question?\n\nFor whom.")
    return nbformat.v4.new_notebook(cells=[title, *cells])


def page_of(*cells: Any, **around: Any) -> str:
    resources = {"page": {**AROUND, **around}}
    return exporter.PageExporter().from_notebook_node(run_of(*cells), resources=resources)[0]


def prose(text: str) -> Any:
    return nbformat.v4.new_markdown_cell(text)


def figure(name: str = "web") -> Any:
    scores = pl.DataFrame(
        {"channel": [name, "shop"], "base": [40, 50], "score": [10.0, 12.0]}
    ).with_columns(low=pl.col("score") - 3, high=pl.col("score") + 3)
    return plots.intervals(guard.hide_small(scores))


def test_no_code_reaches_the_page() -> None:
    assert "secret" not in page_of(cell(shown.sentence("So what.")))


def test_the_answer_stands_right_below_the_question() -> None:
    html = page_of(prose("## Later"), prose("text"), cell(shown.sentence("Yes.", kind="lead")))
    text = Reader(html).text
    assert text.index("Question?") < text.index("Yes.") < text.index("For whom.")
    assert text.index("For whom.") < text.index("Later")


def test_a_heading_whose_content_stands_elsewhere_is_left_out() -> None:
    made = cell(shown.facts([("Rows", "1")], kind="made"))
    lead = cell(shown.sentence("Yes.", kind="lead"))
    cells = [prose("## The answer"), lead, prose("## Next"), prose("text")]
    html = page_of(*cells, prose("## How this page was made"), made)
    assert "The answer" not in html
    assert html.count("How this page was made") == 1


def test_every_chart_has_a_heading_a_text_alternative_and_its_numbers() -> None:
    html = page_of(prose("## Section"), cell(figure()))
    assert '<h3 class="finding">No clear difference by channel</h3>' in html
    assert 'role="img" aria-label="No clear difference by channel. Shop +12' in html
    assert "<summary>The numbers in this chart</summary>" in html
    assert '<th scope="row" class="short">web</th>' in html
    assert '<th scope="col" class="number short">95% interval</th>' in html


def test_the_title_of_a_chart_is_printed_once() -> None:
    html = page_of(cell(figure()))
    (drawing,) = [part for part in html.split("</script>") if "application/json" in part]
    drawing = drawing.split("application/json")[1]
    assert "No clear difference" not in drawing


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_from_data_stays_text(attack: str) -> None:
    plain = Reader(page_of(cell(shown.sentence("x")), cell(figure())))
    told = {"caption": attack, "head": [attack], "rows": [[attack]], "keys": 1, "folded": False}
    table = shown.Shown({"kind": "table", **told}, text="")
    cells = [cell(shown.sentence(attack)), cell(shown.facts([(attack, attack)])), cell(table)]
    links = [{"href": "a.html", "title": attack, "here": False}]
    html = page_of(
        *cells, cell(figure(attack)), title=attack, study=attack, links=links, made=[("x", attack)]
    )
    seen = Reader(html)
    assert set(seen.tags) - set(plain.tags) <= {"div", "table", "a", "ul", "li", "caption"}
    assert seen.tags.count("script") == plain.tags.count("script")
    assert not [name for name in seen.attributes if name.startswith("on")]
    if attack.startswith("{{"):
        assert seen.text.count("{{ 7 * 7 }}") > 5


def test_markup_in_a_notebook_s_prose_is_text_too() -> None:
    seen = Reader(page_of(prose("Hello <img src=x onerror=alert(1)> [x](javascript:alert(1))")))
    assert "img" not in seen.tags
    assert "javascript:alert" not in page_of(prose("[x](javascript:alert(1))"))


def test_json_in_a_page_cannot_end_its_script() -> None:
    text = str(pages.data({"b": "</script><!--", "a": "&"}))
    assert text == '{"a":"\\u0026","b":"\\u003c/script\\u003e\\u003c!--"}'
    assert json.loads(text)["b"] == "</script><!--"


@pytest.mark.parametrize(
    "data",
    [
        {"text/html": "<table>", "text/plain": "shape: (3, 6)"},
        {"text/plain": "1234"},
        {"text/markdown": "**bold**"},
        {"application/vnd.plotly.v1+json": {"data": []}, "text/plain": "Figure"},
    ],
)
def test_an_output_nobody_vouches_for_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(RunFailed, match="which a page cannot show"):
        page_of(cell(data))


def test_printed_text_is_refused_and_warnings_stay_in_the_notebook() -> None:
    printing, warning = (nbformat.v4.new_code_cell("x") for _ in range(2))
    printing.outputs = [nbformat.v4.new_output("stream", name="stdout", text="hello")]
    warning.outputs = [nbformat.v4.new_output("stream", name="stderr", text="careful")]
    with pytest.raises(RunFailed, match="printed text"):
        page_of(printing)
    assert "careful" not in page_of(warning)


def test_a_figure_of_single_rows_is_refused() -> None:
    data = figure()._repr_mimebundle_()
    data[exporter.PLOTLY]["data"][0]["customdata"] = [["jane@example.org"]]
    with pytest.raises(RunFailed, match="figure of single rows"):
        page_of(cell(data))


def test_a_page_may_load_its_own_files_and_nothing_else() -> None:
    html = page_of(cell(figure()))
    assert "default-src &#39;none&#39;" in html
    assert "http" not in html.replace("http-equiv", "")
    assert html.count("src=") == 1
    assert 'src="assets/plotly.min.js"' in html


def test_a_page_without_charts_runs_no_script_at_all() -> None:
    html = page_of(cell(shown.sentence("x")))
    assert "<script" not in html
    assert "script-src &#39;none&#39;" in html


def test_headings_go_down_one_step_at_a_time() -> None:
    html = page_of(prose("## One"), cell(figure()), prose("## Two"), prose("### Deep"))
    levels = [int(tag[1]) for tag in Reader(html).tags if len(tag) == 2 and tag[1].isdigit()]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_id_is_there_once_and_every_jump_arrives() -> None:
    sections = [prose(f"## Part {number}\n\ntext") for number in range(4)]
    html = page_of(*sections, cell(figure()), prose("## Part 0"), cell(figure()))
    ids = re.findall(r' id="([^"]*)"', html)
    jumps = re.findall(r'href="#([^"]*)"', html)
    assert len(ids) == len(set(ids))
    assert len(jumps) >= 5
    assert set(jumps) <= set(ids)


def test_a_short_page_needs_no_list_of_its_parts() -> None:
    assert "On this page" not in page_of(prose("## One\n\nx"), prose("## Two\n\nx"))
    three = page_of(*(prose(f"## {name} & more\n\nx") for name in ("One", "Two", "Three")))
    assert '<a href="#section-2">Two &amp; more</a>' in three


@pytest.mark.parametrize("cells", [(), (0,), (0, 1, 2, 3, 4)])
def test_every_page_is_valid_html(cells: tuple[int, ...]) -> None:
    html5lib = pytest.importorskip("html5lib", reason="html5lib is not installed")
    table = {"caption": "Rows", "head": ["", "a & b"], "rows": [["<", "1"]], "keys": 1}
    blocks = [
        cell(figure()),
        cell(shown.Shown({"kind": "table", "folded": True, **table}, text="")),
        cell(shown.quotes([("about <b>", [("note", "text & more")])])),
        cell(shown.sentence("Yes.", kind="lead")),
        cell(shown.facts([("a", "b")])),
    ]
    html5lib.HTMLParser(strict=True).parse(page_of(*(blocks[number] for number in cells)))


def test_numbers_stand_right_and_words_left() -> None:
    rows = [
        ["2025", "47%", "2 h", "agree", "over 99%", "–", "fewer than 10 answers"],
        ["2026", "−3", "3 h to 4 h", "they differ by very much", "3 of 4", "–", "12"],
    ]
    head = ["Group", "a", "b", "c", "d", "e", "f"]
    table = {"caption": "", "head": head, "rows": rows, "keys": 1}
    assert columns.dressed(table)["columns"] == [
        *("short", "number short", "number short", "long", "number short", "short", "number short"),
    ]


def test_marks_that_turn_or_hide_text_are_not_printed() -> None:
    html = page_of(cell(shown.sentence("a\u202eb\u2066c\x07d\ud800e\u2060f\u200dg")))
    assert "abcde\u2060f\u200dg" in html
