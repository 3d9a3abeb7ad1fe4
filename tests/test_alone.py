"""One page as one file: it needs no other, asks for nothing, and says so when it cannot be made."""

from __future__ import annotations

import re
import shutil
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from test_report_pages import AROUND, cell, figure, prose, run_of
from visits import DRAWN, FIGURES, visit

from cxlab.errors import CxlabError, FileUnreadable, OutOfRange
from cxlab.plots import shown
from cxlab.report.page import alone, exporter, printed, single

LINKS = [
    {"href": "index.html", "title": "Summary", "here": False},
    {"href": "loyalty.html", "title": "Loyalty", "here": True},
]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack of one page with a chart and one without."""
    folder = tmp_path_factory.mktemp("pack")
    around = {"page": {**AROUND, "links": LINKS}}
    for name, told in (("loyalty", [cell(figure())]), ("index", [])):
        told += [prose(f"## Part {number}\n\ntext") for number in range(3)]
        notebook = run_of(cell(shown.sentence('Say "<a href="x.html">x</a>"')), *told)
        html, _ = exporter.PageExporter().from_notebook_node(notebook, resources=around)
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    library = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    (folder / "assets").mkdir()
    (folder / "assets/plotly.min.js").write_bytes(library)
    return folder


def test_a_page_alone_names_no_other_file(pack: Path) -> None:
    html = alone.alone(pack, "loyalty.html")
    assert "src=" not in html[: html.index("<script>")]
    assert 'src="assets' not in html
    body = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert re.findall(r'<a [^>]*href="(?!#)', body) == []
    assert "<span>Summary</span>" in html
    assert '<a class="skip" href="#content">' in html
    assert '<a href="#section-2">Part 1</a>' in html
    assert "&lt;a href=&#34;x.html&#34;&gt;" in html


def test_its_policy_names_its_two_scripts_and_no_place(pack: Path) -> None:
    html = alone.alone(pack, "loyalty.html")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html).group(1)  # type: ignore[union-attr]
    (scripts,) = [rule for rule in unescape(policy).split("; ") if rule.startswith("script-src")]
    assert scripts.count("sha256-") == 2
    assert "self" not in scripts


def test_a_page_without_charts_stays_small(pack: Path) -> None:
    assert len(alone.alone(pack, "index.html")) < 40_000


def test_the_same_page_gives_the_same_file(pack: Path) -> None:
    assert alone.alone(pack, "loyalty.html") == alone.alone(pack, "loyalty.html")


def test_a_page_of_a_group_takes_the_script_of_the_folder_above(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "group").mkdir()
    shutil.copytree(pack / "assets", tmp_path / "assets")
    html = (pack / "loyalty.html").read_text(encoding="utf-8")
    away = html.replace('src="assets/', 'src="../assets/')
    (tmp_path / "group/loyalty.html").write_text(away, encoding="utf-8")
    assert alone.alone(tmp_path / "group", "loyalty.html") == alone.alone(pack, "loyalty.html")


def test_a_script_cannot_end_within_itself(pack: Path, tmp_path: Path) -> None:
    shutil.copytree(pack, tmp_path / "pack")
    (tmp_path / "pack/assets/plotly.min.js").write_text("x = '</script>'", encoding="utf-8")
    assert "<script>x = '<\\/script>'</script>" in alone.alone(tmp_path / "pack", "loyalty.html")


def test_what_is_no_page_of_a_pack_is_refused(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.html").write_text("<p>Hello", encoding="utf-8")
    (tmp_path / "photo.html").write_bytes(b"\xff\xd8")
    shutil.copy(pack / "loyalty.html", tmp_path)
    must = "must be a page of a pack, such as reports/2026-10/index.html;"
    said = {
        "gone.html": f"{must} `{{}}` is not there.",
        "mine.html": f"{must} `{{}}` is none.",
        "photo.html": f"{must} `{{}}` is none.",
        "loyalty.html": "the pack must have `assets/plotly.min.js` beside its pages; it has none.",
    }
    for name, message in said.items():
        with pytest.raises(FileUnreadable) as told:
            alone.alone(tmp_path, name)
        assert str(told.value) == message.format(tmp_path / name)


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("loyalty.docx", "--out must end in .html or .pdf; found `loyalty.docx`."),
        ("pack/other.html", "--out must lie outside the pack; found `{}`, beside the page."),
    ],
)
def test_a_file_nobody_can_write_is_refused(
    pack: Path, tmp_path: Path, out: str, message: str
) -> None:
    place = pack / "other.html" if out.startswith("pack") else tmp_path / out
    with pytest.raises(OutOfRange) as told:
        single.write(pack / "loyalty.html", place)
    assert str(told.value) == message.format(place)


def test_without_a_browser_a_pdf_says_what_to_install(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CxlabError, match=r"none is installed here \(.*apt install chromium\)"):
        single.write(pack / "loyalty.html", tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_browser_that_prints_nothing_leaves_the_old_file(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bin", "scratch"):
        (tmp_path / name).mkdir()
    (tmp_path / "bin/chromium").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "bin/chromium").chmod(0o755)
    (tmp_path / "a.pdf").write_text("before")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    with pytest.raises(CxlabError, match="printed nothing of `loyalty"):
        printed.printed(pack / "loyalty.html", tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_text() == "before"
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_full_disk_leaves_no_half_file(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(source: Path, target: Path) -> None:
        target.write_bytes(b"%PDF-")
        raise OSError(28, "No space left on device")

    told = 'for a; do case "$a" in --print-to-pdf=*) printf "%%PDF-1" > "${a#*=}";; esac; done'
    (tmp_path / "chromium").write_text(f"#!/bin/sh\n{told}\n")
    (tmp_path / "chromium").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr("shutil.copyfile", half)
    with pytest.raises(OSError, match="No space left"):
        printed.printed(pack / "loyalty.html", tmp_path / "a.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["chromium"]


@pytest.mark.browser
@pytest.mark.slow
def test_a_page_alone_draws_its_charts_and_asks_for_nothing(
    browser: Any, pack: Path, tmp_path: Path
) -> None:
    single.write(pack / "loyalty.html", tmp_path / "mail.html")
    with visit(browser, tmp_path / "mail.html", pack=tmp_path) as seen:
        assert seen.count(FIGURES) == seen.count(DRAWN) == 1
        assert seen.complaints == []
        own = (tmp_path / "mail.html").resolve().as_uri()
        assert [a for a in seen.requested if a != own and not a.startswith("data:")] == []


@pytest.mark.browser
@pytest.mark.slow
def test_without_scripts_the_numbers_stand_open(browser: Any, pack: Path) -> None:
    with visit(browser, pack / "loyalty.html", pack=pack, java_script_enabled=False) as seen:
        assert seen.page.locator("figure table").is_visible()
        assert "which this viewer does not run" in seen.page.locator("main").inner_text()
        assert seen.page.locator(".chart").is_hidden()


@pytest.mark.browser
@pytest.mark.slow
def test_on_paper_charts_fit_and_tables_stand_open(browser: Any, pack: Path) -> None:
    with visit(browser, pack / "loyalty.html", pack=pack, color_scheme="dark") as seen:
        seen.page.emulate_media(media="print")
        seen.ask("window.dispatchEvent(new Event('beforeprint'))")
        seen.page.wait_for_timeout(300)
        assert (
            seen.ask("document.querySelector('svg.main-svg').getBoundingClientRect().width") == 640
        )
        assert seen.page.locator("figure table").is_visible()
        assert seen.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        ink = "getComputedStyle(document.querySelector('.ytick text')).fill"
        assert seen.ask(ink) == "rgb(27, 31, 36)"
        seen.ask("window.dispatchEvent(new Event('afterprint'))")
        seen.page.wait_for_timeout(300)
        assert seen.ask(ink) == "rgb(230, 233, 236)"


@pytest.mark.browser
@pytest.mark.slow
def test_a_page_is_printed_and_nothing_is_left_behind(
    browser: Any, pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    single.write(pack / "loyalty.html", tmp_path / "page.PDF")
    assert (tmp_path / "page.PDF").read_bytes().startswith(b"%PDF-")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.PDF", "scratch"]
    assert list(scratch.iterdir()) == []
