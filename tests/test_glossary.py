"""Every word a page explains is one that pages use, and every measure has its meaning."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_report_pages import Reader, cell, page_of

from cxlab import scoreboard
from cxlab.plots import shown
from cxlab.report.page import glossary

MEASURES = [
    *(name for name, _, _ in scoreboard.ASKED.values()),
    scoreboard.KEPT.name,
    *(measure.name for measure in scoreboard.BOUGHT),
]
WRITTEN = ("*.py", "*.j2", "*.ipynb")


def forms() -> dict[str, tuple[str, ...]]:
    return {term.name: term.forms for term in glossary.terms()}


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_has_its_meaning(measure: str) -> None:
    assert measure in forms()


def test_every_entry_is_of_a_word_that_pages_use(root: Path) -> None:
    places = [root / "cxlab", root / "notebooks/reports"]
    files = [path for place in places for kind in WRITTEN for path in place.rglob(kind)]
    said = " ".join(path.read_text(encoding="utf-8").lower() for path in files)
    unused = {
        name: each
        for name, each in forms().items()
        if not any(re.search(rf"(?<!\w){re.escape(form.lower())}(?!\w)", said) for form in each)
    }
    assert unused == {}


def test_an_entry_is_one_plain_sentence() -> None:
    for term in glossary.terms():
        assert term.means.endswith(".")
        assert ". " not in term.means
        assert len(term.means) <= 160, term.name
        assert term.name[0].isupper() or term.name[0].isdigit()


def test_no_word_has_two_meanings() -> None:
    every = [form.lower() for each in forms().values() for form in each]
    assert sorted(every) == sorted(set(every))


def found(text: str) -> list[str]:
    return [term.name for term in glossary.terms_in(text)]


def test_only_whole_words_that_a_reader_sees_count() -> None:
    assert found("<p>Retention fell.</p>") == ["Retention"]
    assert found("<p>Retentions, database</p>") == []
    assert found("<script>retention</script><title>retention</title><nav>drivers</nav>") == []
    assert found('<div role="img" aria-label="Retention 98%"></div>') == ["Retention"]


def test_a_term_may_stretch_over_lines_and_marks() -> None:
    assert found("<p>Net <b>promoter</b>\n score</p>") == ["Net promoter score", "Promoter"]


def test_words_of_kano_are_explained_beside_kano_only() -> None:
    assert found("<p>An attractive shop</p>") == []
    assert found("<p>Kano questions: attractive</p>") == ["Attractive", "Kano questions"]


def test_a_page_ends_with_the_meaning_of_its_words() -> None:
    html = page_of(cell(shown.sentence("Retention is 98%.")))
    text = Reader(html).text
    assert "What the words on this page mean" in text
    assert text.index("Retention is 98%") < text.index("still there at its end.")
    assert "Kano" not in text


def test_a_page_without_such_words_has_no_list() -> None:
    html = page_of(cell(shown.sentence("Hello.")), made=[("Study", "x")])
    assert "What the words on this page mean" not in html
