"""A published pack that somebody changed, or that breaks a promise, is found out by name."""

from __future__ import annotations

import os
import random
import re
import shutil
from pathlib import Path

import polars as pl
import pytest
import tampered
from packs import PERIOD, small_study
from tampered import FRONT, PAGE, Change, added, drawn, found, put, removed, replaced, said, unsaid

from cxlab import cli
from cxlab.chapters.wanted import RESTRICTED
from cxlab.errors import PackMissing, PackUnsound
from cxlab.report import verify
from cxlab.report.pack import mail, manifest
from cxlab.report.pack.render import render

# The files that a spreadsheet, a browser or a person opens.
OPENED = ("index.html", "loyalty.html", "findings.csv", "findings.parquet", "manifest.json")
POLICY = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
SVG = '<svg viewBox="0 0 1 1"><a><{}/></a></svg>'


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verify")
    study = small_study(folder / "study", channels=("web", "shop", "=cmd()", "<b>x</b>"))
    return render(study, PERIOD, out=folder / "packs", only="loyalty").folder


@pytest.fixture
def pack(published: Path, tmp_path: Path) -> Path:
    """A copy to tamper with; it shares the bytes of the one large file."""
    place = tmp_path / "pack"
    large = Path("assets", "plotly.min.js")
    shutil.copytree(published, place, ignore=shutil.ignore_patterns(large.name))
    os.link(published / large, place / large)
    return place


def wrong(folder: Path) -> set[str]:
    return {problem.check for problem in verify.verify(folder)}


def a_link(folder: Path) -> None:
    (folder / PAGE).rename(folder.parent / "elsewhere.html")
    (folder / PAGE).symlink_to(folder.parent / "elsewhere.html")


def a_chart(**traits: object) -> Change:
    return drawn(lambda figure: figure["data"][0].update(traits))


def ruled(old: str, new: str, *, page: str = PAGE) -> Change:
    """Another Content-Security-Policy, which stands escaped in the page."""
    return replaced(old.replace("'", "&#39;"), new, page=page)


def any_style(folder: Path) -> None:
    text = (folder / FRONT).read_text(encoding="utf-8")
    style = re.search(r"style-src &#39;sha256-[^;]*&#39;;", text)
    assert style is not None
    ruled(style[0], "style-src 'unsafe-inline';", page=FRONT)(folder)


FILES: dict[str, tuple[Change, set[str]]] = {
    "a letter of a page": (
        lambda folder: (folder / PAGE).write_text((folder / PAGE).read_text() + " "),
        {"files"},
    ),
    "a page gone": (removed(PAGE, listed=False), {"files", "manifest", "links"}),
    "a page gone from the list too": (removed(PAGE), {"manifest", "links"}),
    "the front page gone": (removed(FRONT), {"files", "links"}),
    "findings gone": (removed("findings.csv"), {"files", "findings"}),
    "no summary": (removed("summary.txt"), {"files"}),
    "a file more": (put("notes.txt", "x", listed=False), {"files"}),
    "a hidden file more": (put(".cache", "x"), {"files"}),
    "a notebook": (put("loyalty.ipynb", "{}"), {"files"}),
    "a script more": (put("assets/more.js", "x"), {"files"}),
    "an empty folder": (lambda folder: (folder / "raw").mkdir(), {"files"}),
    "a link to a file": (a_link, {"files", "manifest", "links"}),
    "a link that is no file": (lambda folder: (folder / "x").symlink_to("y"), {"files"}),
    "a pipe": (lambda folder: os.mkfifo(folder / "pipe.html"), {"files"}),
    "another plotly": (
        lambda folder: (
            [removed("assets/plotly.min.js")(folder)]
            and put("assets/plotly.min.js", "alert(1)")(folder)
        ),
        {"files"},
    ),
    "a page of no chapter": (put("more.html", "<!DOCTYPE html>"), {"manifest", "policy"}),
    "a page in Latin-1": (put(PAGE, b"<!DOCTYPE html>caf\xe9"), {"policy"}),
}
MANIFEST: dict[str, tuple[Change, set[str]]] = {
    "no JSON": (put("manifest.json", "[", listed=False), {"files", "manifest"}),
    "nested too deep": (put("manifest.json", "[" * 10**5, listed=False), {"files", "manifest"}),
    **{f"without {key}": (unsaid(key), {"manifest"}) for key in manifest.KEYS if key != "files"},
    "without files": (unsaid("files"), {"files", "manifest"}),
    "files of another kind": (said(files=[1]), {"files", "manifest"}),
    "complete and failed": (said(complete=False), {"manifest"}),
    "failed and complete": (said(failed={"needs": "no"}), {"manifest"}),
    "a chapter more": (said(chapters=["loyalty", "needs"]), {"manifest"}),
    "no period": (said(period="2026-13"), {"manifest"}),
    "another part": (said(part="channel=web"), {"manifest"}),
    "a path": (said(failed={"needs": "/mnt/jane/x"}, complete=False), {"manifest"}),
    "a path of Windows": (said(fingerprint="C:\\Users\\jane"), {"manifest"}),
    "no checks": (said(checks={}), {"manifest"}),
    "a check that failed": (said(checks={"links": "BAD"}), {"manifest"}),
    "true for a number": (said(minimum_base=True), {"manifest"}),
}
PAGES: dict[str, tuple[Change, set[str]]] = {
    "no policy": (replaced("Content-Security-Policy", "x-policy"), {"policy"}),
    "a policy twice": (ruled(POLICY, f'{POLICY}">{POLICY}'), {"policy"}),
    "no default": (ruled("default-src 'none'; ", ""), {"policy"}),
    "a looser default": (ruled("default-src 'none'", "default-src *"), {"policy"}),
    "scripts from anywhere": (
        ruled("script-src 'self'", "script-src 'self' https:"),
        {"policy"},
    ),
    "any inline script": (ruled("script-src", "script-src 'unsafe-inline'"), {"policy"}),
    "a directive twice": (ruled("img-src data:", "img-src *; img-src data:"), {"policy"}),
    "a connection": (ruled("img-src data:", "img-src data:; connect-src *"), {"policy"}),
    "any style, without charts": (any_style, {"policy"}),
    "other forms": (ruled("form-action 'none'", "form-action 'self'"), {"policy"}),
    "no rule for base": (ruled("base-uri 'none'; ", ""), {"policy"}),
    "another script": (replaced('"use strict";', '"use strict"; alert(1);'), {"policy"}),
    "a script more": (added("<script>alert(1)</script>", page=PAGE), {"policy"}),
    "a script on the front page": (added("<script>1</script>"), {"policy"}),
    "another style": (replaced("<style>", "<style>b{}", page=FRONT), {"policy"}),
    "the policy too late": (ruled(POLICY, f"<style>b{{}}</style>{POLICY}"), {"policy"}),
    "a refresh": (
        replaced("<title>", '<meta http-equiv="refresh" content="0"><title>', page=FRONT),
        {"policy"},
    ),
    "a frame": (added("<iframe></iframe>"), {"elements"}),
    "a frame in capitals": (added("<IFRAME></IFRAME>"), {"elements"}),
    "an object": (added("<object></object>"), {"elements"}),
    "a base": (added('<base target="x">'), {"elements"}),
    "a form": (added("<form></form>"), {"elements"}),
    "a picture": (added('<img alt="x">'), {"elements"}),
    "foreign HTML": (added(SVG.format("foreignObject")), {"elements"}),
    "an animation": (added(SVG.format('set attributeName="href"')), {"elements"}),
    "an element of somebody": (added("<x-y></x-y>"), {"elements"}),
    "a handler": (added('<p onclick="x">x</p>'), {"elements"}),
    "a handler without a value": (added("<p ONLOAD>x</p>"), {"elements"}),
    "a script as a link": (added('<a href="javascript:x">x</a>'), {"elements", "sources"}),
    "one in pieces": (added('<a href=" java&#10;script:x">x</a>'), {"elements", "sources"}),
    "one behind a good one": (
        added('<a href="index.html" href="javascript:x">x</a>'),
        {"elements", "sources"},
    ),
    "a module": (added('<script type="module"></script>'), {"elements", "policy"}),
    "a comment": (added("<!-- x -->"), {"elements"}),
    "a tag in a tag": (added('<p title="</noscript><b>">x</p>'), {"elements"}),
    "an instruction": (added("<?x y?>"), {"elements"}),
    "no doctype": (replaced("<!DOCTYPE html>", ""), {"elements"}),
    "a link to the web": (added('<a href="https://example.org/">x</a>'), {"sources"}),
    "a link to the web without a scheme": (added('<a href="//example.org/">x</a>'), {"sources"}),
    "one with backslashes": (added('<a href="\\\\example.org">x</a>'), {"sources"}),
    "a link to a folder above": (added('<a href="../index.html">x</a>'), {"sources"}),
    "one above in disguise": (added('<a href="%2e%2e/index.html">x</a>'), {"sources"}),
    "a link to the root": (added('<a href="/etc/passwd">x</a>'), {"sources"}),
    "a question": (added('<a href="index.html?x=1">x</a>'), {"sources"}),
    "a text as a page": (added('<a href="data:text/html,x">x</a>'), {"sources"}),
    "a sheet from the web": (added('<link rel="stylesheet" href="x.css">'), {"sources", "links"}),
    "an icon from the web": (replaced('href="data:,"', 'href="https://x.org/i"'), {"sources"}),
    "a page as a script": (
        replaced('<script src="assets/plotly.min.js"', '<script src="index.html"'),
        {"sources"},
    ),
    "a script from the web": (
        replaced('<script src="assets/', '<script src="https://x.org/'),
        {"sources"},
    ),
    "an address on any element": (added('<p background="loyalty.html">x</p>'), {"sources"}),
    "a ping": (added('<a href="#content" ping="index.html">x</a>'), {"sources"}),
    "a style that fetches": (replaced("<style>", "<style>b{color:url(x)}"), {"sources"}),
    "one in capitals": (replaced("<style>", "<style>b{color:URL(x)}"), {"sources"}),
    "one with escapes": (replaced("<style>", "<style>b{color:\\75 r\\6c(x)}"), {"sources"}),
    "one with a comment": (replaced("<style>", "<style>b{color:ur/**/l(x)}"), {"sources"}),
    "an import": (replaced("<style>", '<style>@import "x";'), {"sources"}),
    "a styled word that fetches": (added('<p style="color:url(x)">x</p>'), {"sources"}),
    "a link to no page": (added('<a href="nowhere.html">x</a>'), {"links"}),
    "a link to no place": (added('<a href="loyalty.html#nowhere">x</a>'), {"links"}),
    "a link to no place here": (added('<a href="#nowhere">x</a>'), {"links"}),
    "a link into the findings": (added('<a href="findings.csv#x">x</a>'), {"links"}),
}
CHARTS: dict[str, tuple[Change, set[str]]] = {
    "rows behind points": (a_chart(customdata=[["C-1"]]), {"charts"}),
    "ids of points": (a_chart(ids=["C-1"]), {"charts"}),
    "a picture": (drawn(lambda figure: figure["layout"].update(images=[{}])), {"charts"}),
    "single rows": (a_chart(y=list(range(5001))), {"charts"}),
    "single rows in text": (a_chart(hovertext=["x"] * 5001), {"charts"}),
    "single rows, packed": (a_chart(y={"dtype": "f8", "bdata": "AAAA" * 15000}), {"charts"}),
    "a label that links": (a_chart(name='<a href="https://x.org">x</a>'), {"charts"}),
    "a label with a picture": (a_chart(name="<img src=x>"), {"charts"}),
    "a label that fetches": (a_chart(name='<span style="color:url(x)">x</span>'), {"charts"}),
    "no number": (a_chart(y=[float("nan")]), {"charts"}),
    "no figure": (drawn(lambda figure: figure.pop("data")), {"charts"}),
    "no JSON": (replaced('data-figure>{"', 'data-figure>{"", "'), {"charts"}),
}
FINDINGS: dict[str, tuple[Change, set[str]]] = {
    "another estimate in one": (found(both=False, estimate=0.5), {"findings"}),
    "another in the sixth digit": (
        tampered.tabled(lambda table: table.with_columns(pl.col("low") + 1.1e-6)),
        {"findings"},
    ),
    "another name in one": (found(both=False, measure="Mood"), {"findings"}),
    "a number where there is none": (found(both=False, p=0.5, before=1.0), {"findings"}),
    "a row less in one": (tampered.tabled(lambda table: table[:-1]), {"findings"}),
    "another order in one": (tampered.tabled(lambda table: table.reverse()), {"findings"}),
    "a column renamed": (
        tampered.tabled(lambda table: table.rename({"measure": "mood"})),
        {"findings"},
    ),
    "no hidden column": (
        tampered.tabled(lambda table: table.drop("hidden")),
        {"findings", "base"},
    ),
    "no table": (put("findings.parquet", b"PAR1"), {"findings", "base"}),
    "no sheet": (put("findings.csv", b'"\xff'), {"findings"}),
    "two answers": (found(base=2), {"base"}),
    "nine of ten answers": (found(base=9), {"base"}),
    "two answers before": (found(base_before=2), {"base"}),
    "a hidden number": (found(hidden="fewer than 10 answers"), {"base"}),
    "a formula": (found(raw=True, where="=cmd()"), {"findings", "formulas"}),
    "a formula after blanks": (found(raw=True, where="  @SUM(A1)"), {"findings", "formulas"}),
    "a formula with a sign": (found(raw=True, where="-2+cmd|'x'"), {"findings", "formulas"}),
    "a formula after a tab": (found(raw=True, where="\t=1"), {"findings", "formulas"}),
}
JANE = "jane.roe@example.com"
PRIVATE: dict[str, tuple[Change, set[str]]] = {
    "an address on a page": (added(f"<p>Write to {JANE}</p>"), {"private"}),
    "an address spelled": (added("<p>jane at mail dot com</p>"), {"private"}),
    "an address nobody sees": (added(f'<p title="{JANE}">x</p>'), {"private"}),
    "an address in a chart": (a_chart(hovertext=[JANE]), {"private"}),
    "an address in the findings": (found(where=JANE), {"private"}),
    "an address in the manifest": (said(fingerprint=JANE), {"private"}),
    "an address in the summary": (put("summary.txt", f"x {JANE}\n"), {"private"}),
    "a page about persons": (added(f"<p>{RESTRICTED} For some.</p>"), {"private"}),
    "a card": (added("<p>4111 1111 1111 1111</p>"), {"private"}),
    "an account": (added("<p>GB29 NWBK 6016 1331 9268 19</p>"), {"private"}),
}
TAMPERED = {
    f"{kind}: {name}": each
    for kind, some in (
        ("files", FILES),
        ("manifest", MANIFEST),
        ("pages", PAGES),
        ("charts", CHARTS),
        ("findings", FINDINGS),
        ("private", PRIVATE),
    )
    for name, each in some.items()
}
HARMLESS: dict[str, Change] = {
    "a link on the page": added('<a href="#content">x</a>'),
    "a link to a place of another page": added('<a href="loyalty.html#content">x</a>'),
    "a name that looks like markup": added("<p>&lt;iframe src=x onload=y&gt; javascript:x</p>"),
    "the number of an article": added("<p>4222222222222</p>"),
    "numbers side by side": added("<p>4111</p><p>1111</p><p>1111</p><p>1111</p>"),
    "an escaped tag in a tag": added('<p title="&lt;b&gt;">x</p>'),
    "a bold label": a_chart(name="<b>web</b><br>shop &lt;a&gt;"),
    "a negative number": found(estimate=-0.25),
    "a text that is a number": found(where="+49"),
    "a longer time": said(durations={"loyalty": 99.5}),
}


@pytest.mark.slow
def test_a_pack_as_published_is_sound(pack: Path) -> None:
    assert verify.verify(pack) == []


@pytest.mark.slow
def test_the_pack_of_the_demo_is_sound(demo_pack: Path) -> None:
    assert verify.verify(demo_pack) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_is_found_by_name(pack: Path, name: str) -> None:
    change, expected = TAMPERED[name]
    change(pack)
    assert wrong(pack) == expected


@pytest.mark.slow
@pytest.mark.parametrize("name", HARMLESS)
def test_what_harms_nobody_is_no_problem(pack: Path, name: str) -> None:
    HARMLESS[name](pack)
    assert verify.verify(pack) == []


@pytest.mark.slow
def test_a_pack_under_a_page_for_many_may_lead_there(pack: Path) -> None:
    shutil.rmtree(pack / "assets")
    replaced('src="assets/', 'src="../assets/')(pack)
    added('<a href="../index.html">All groups</a>')(pack)
    assert verify.verify(pack) == []
    added('<a href="../assets/plotly.min.js">x</a>')(pack)
    assert wrong(pack) == {"sources"}


@pytest.mark.slow
@pytest.mark.parametrize("name", OPENED)
def test_whatever_a_file_holds_it_is_told_and_not_raised(pack: Path, name: str) -> None:
    content = (pack / name).read_bytes()
    chance = random.Random(name)
    for _ in range(6):
        start, length = chance.randrange(len(content)), chance.randrange(1, 400)
        spoilt = content[:start] + chance.randbytes(length // 4) + content[start + length :]
        (pack / name).write_bytes(spoilt)
        assert wrong(pack)


@pytest.mark.slow
def test_a_link_to_a_folder_is_named_and_not_followed(pack: Path) -> None:
    (pack / "raw").symlink_to(pack.parent)
    told = verify.verify(pack)
    assert told == [("files", "raw is neither a file nor a folder with files")]


@pytest.mark.slow
def test_the_message_names_the_file_and_never_what_is_private(pack: Path) -> None:
    added(f"<p>{JANE}</p>")(pack)
    told = verify.lines(verify.verify(pack))
    assert told[-1] == "BAD  private: index.html has a text like an address or number: e-mail"
    assert all(line.startswith("ok   ") for line in told[:-1])
    assert len(told) == len(verify.CHECKS)


@pytest.mark.slow
def test_many_problems_are_one_line_and_names_do_nothing_to_a_terminal(pack: Path) -> None:
    for name in ("a\x1b[31m", "b\nok   files", "c", "d" * 200):
        (pack / name).write_text("x")
    line = verify.lines(verify.verify(pack))[0]
    assert line.startswith("BAD  files: a?[31m is not in the manifest; ")
    assert line.endswith(" (and 5 more)")
    assert line.isprintable()


@pytest.mark.slow
def test_a_pack_that_fails_its_checks_is_refused_before_it_is_published(pack: Path) -> None:
    verify.require_sound(pack)
    assert manifest.read(pack)["checks"] == dict.fromkeys(verify.CHECKS, "ok")
    added('<a href="nowhere.html">x</a>')(pack)
    with pytest.raises(PackUnsound) as told:
        verify.require_sound(pack)
    assert str(told.value) == (
        "the pack fails its own checks and is not published; "
        "links: index.html: nowhere.html leads nowhere."
    )


@pytest.fixture
def packs(pack: Path) -> Path:
    """Two packs under a page that leads to them, as --each leaves them."""
    folder = pack.parent / "set"
    shutil.copytree(pack, folder)
    (folder / PAGE).rename(folder / "page")
    for name in ("web", "shop"):
        shutil.copytree(pack, folder / name, ignore=shutil.ignore_patterns("assets"))
        replaced('src="assets/', 'src="../assets/')(folder / name)
        added('<a href="../index.html">All</a>')(folder / name)
    for name in ("page", "findings.csv", "findings.parquet", "summary.txt"):
        (folder / name).unlink()
    text = (folder / FRONT).read_text(encoding="utf-8")
    (folder / FRONT).write_text(text.replace("loyalty.html", "web/index.html"), encoding="utf-8")
    said(chapters=["web", "shop"], durations={"web": 1.0, "shop": 1.0})(folder)
    tampered.relist(folder)
    return folder


@pytest.mark.slow
def test_every_pack_of_a_set_is_looked_at(packs: Path) -> None:
    assert verify.verify(packs) == []
    added("<form></form>", page="shop/index.html")(packs)
    tampered.relist(packs / "shop")
    tampered.relist(packs)
    told = [("elements", "shop/index.html: it has <form>")]
    assert [tuple(problem) for problem in verify.verify(packs)] == told


IN_A_SET: dict[str, tuple[Change, set[str]]] = {
    "a page of a pack": (
        put("web/loyalty.html", "x", listed=False),
        {"files", "policy", "elements"},
    ),
    "a form": (added("<form></form>"), {"elements"}),
    "a link to no pack": (added('<a href="phone/index.html">x</a>'), {"links"}),
    "a pack less": (lambda folder: shutil.rmtree(folder / "web"), {"files", "manifest", "links"}),
    "findings of its own": (put("findings.csv", "x"), {"files"}),
    "a folder of somebody": (put("raw/answers.csv", "x"), {"files"}),
    "no plotly": (removed("assets/plotly.min.js"), {"files"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", IN_A_SET)
def test_tampering_with_a_set_is_found_by_name(packs: Path, name: str) -> None:
    change, expected = IN_A_SET[name]
    change(packs)
    assert wrong(packs) == expected


@pytest.mark.slow
def test_the_command_prints_a_line_for_each_check_and_its_status_tells(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["verify", str(pack)]) == 0
    sound = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in sound] == [["ok", f"{name}:"] for name in verify.CHECKS]
    (pack / PAGE).unlink()
    assert cli.main(["verify", str(pack)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "BAD  files: loyalty.html is missing"
    assert cli.main(["verify", str(pack.parent)]) == 2
    assert capsys.readouterr().err.startswith("cxlab: `")


@pytest.mark.slow
def test_a_pack_that_fails_its_checks_is_not_published_and_the_earlier_stays(
    published: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = manifest.digests(published)
    real = mail.summary
    monkeypatch.setattr(mail, "summary", lambda *given, **named: real(*given, **named) + JANE)
    out = published.parent
    call = ["report", str(out.parent / "study"), "--period", PERIOD, "--only", "loyalty"]
    assert cli.main([*call, "--out", str(out)]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "cxlab: the pack fails its own checks and is not published; "
        "private: summary.txt has a text like an address or number: e-mail."
    )
    assert manifest.digests(published) == before
    assert verify.verify(published) == []
    monkeypatch.undo()
    assert cli.main([*call, "--out", str(out), "--summary"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "Customer report"


@pytest.mark.parametrize("name", ["nowhere", "empty", "file"])
def test_what_is_no_pack_is_said_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    with pytest.raises(PackMissing, match=f"{name}` must be the folder of a pack; it has no mani"):
        verify.verify(tmp_path / name)
