"""A report for every group: whole, safe whatever groups are called, the same however made."""

from __future__ import annotations

import csv
import hashlib
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from packs import PERIOD, STUDY

import cxlab as cx
from cxlab import cli
from cxlab.errors import EmptyPeriod, RunFailed, UnknownName
from cxlab.report.pack import contents, each, manifest
from cxlab.report.running import fanout

HOSTILE = ("../../up", "<script>window.ran=1</script>", "{segment.__class__}")
FAILS, TINY, NEXT = "=fails()", "tiny", "next smallest"
SIZES = {**dict.fromkeys(HOSTILE, 14), FAILS: 13, NEXT: 11, TINY: 4}
PARAMETERS = 'study: str = "."\nperiod: str = "all"\npublished: str = "."\npart: str = ""'
CHAPTER = (
    "import cxlab as cx\nfrom pathlib import Path\nfrom cxlab import chapters\n"
    "from cxlab import findings\n"
    "from cxlab.chapters import evidence\n"
    "lab, when = cx.open(study, part=part, published=published), cx.period(period)",
    'if "fails" in part:\n    with Path(published, "tries").open("a") as tries:\n'
    '        tries.write("one ")\n    raise ValueError(part)',
    "chapters.answer(evidence.now(lab, when), evidence.changes(lab, when), "
    "evidence.groups(lab, when), study=lab, period=when)",
    'findings.record(evidence.now(lab, when), what="level", kind="level", period=when)',
)


def study_of(folder: Path, sizes: dict[str, int]) -> Path:
    """A study of one survey file, whose channels have that many answers in the month."""
    (folder / "raw").mkdir(parents=True)
    (folder / "study.toml").write_text(STUDY.format(name='"Small"'), encoding="utf-8")
    rows = [
        [f"{c}-{k}", f"{PERIOD}-{k % 28 + 1:02}", channel, 10 - (k + 3 * c) % 11]
        for c, (channel, count) in enumerate(sizes.items())
        for k in range(count)
    ]
    with (folder / "raw/answers.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "date", "channel", "recommend"], *rows])
    return folder


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notebooks")
    new = nbformat.v4
    cells = [
        new.new_markdown_cell("# How do they stand?"),
        new.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        *map(new.new_code_cell, CHAPTER),
    ]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(
        new.new_notebook(cells=cells, metadata={"kernelspec": spec}), folder / "stand.ipynb"
    )
    return folder


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return study_of(tmp_path_factory.mktemp("study") / "study", SIZES)


def rendered(study: Path, out: Path, notebooks: Path, **more: Any) -> tuple[each.Packs, list[str]]:
    told: list[str] = []
    packs = each.render(
        study, PERIOD, by="channel", out=out, notebooks=notebooks, tell=told.append, **more
    )
    return packs, told


@pytest.fixture(scope="module")
def packs(
    study: Path, notebooks: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[each.Packs, list[str]]:
    out = tmp_path_factory.mktemp("out") / "reports"
    return rendered(study, out, notebooks, where=fanout.local(2))


class Links(HTMLParser):
    """What a page leads to, and what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("href", "src") and value]


def links(page: Path) -> list[str]:
    parser = Links()
    parser.feed(page.read_text(encoding="utf-8"))
    return [each for each in parser.found if not each.startswith(("#", "data:"))]


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != manifest.NAME
    }


def test_every_large_group_has_a_pack_and_all_add_up(packs: tuple[each.Packs, list[str]]) -> None:
    made, told = packs
    assert made.folder.name == f"{PERIOD}.by-channel"
    assert (made.done, len(made.failed), made.small) == (3, 1, 2)
    assert len([path for path in made.folder.iterdir() if path.is_dir()]) == 5
    assert [line.split("]")[0] for line in told] == ["[1/4", "[2/4", "[3/4", "[4/4"]
    assert re.fullmatch(r"3 done, 1 failed, 2 too small, \d+ s", made.summary)
    assert sorted(path.name for path in made.folder.iterdir() if path.is_file()) == [
        "index.html",
        "manifest.json",
    ]


def test_names_of_groups_reach_no_path_and_run_nothing(
    packs: tuple[each.Packs, list[str]],
) -> None:
    made, told = packs
    out = made.folder.parent
    there = sorted(path.name for path in out.iterdir() if not path.name.startswith("."))
    assert there == [made.folder.name, "tries"]
    page = made.index.read_text(encoding="utf-8")
    assert "<script>window" not in page
    for name in HOSTILE:
        assert name in unescape(page)
    for path in made.folder.rglob("*"):
        assert re.fullmatch(r"[a-z0-9.-]+", path.name)
    assert all(line.isprintable() for line in told)


def test_every_link_leads_somewhere_and_assets_are_there_once(
    packs: tuple[each.Packs, list[str]],
) -> None:
    made, _ = packs
    pages = sorted(made.folder.rglob("*.html"))
    # The index, three packs of a front page and a chapter, and one without its chapter.
    assert len(pages) == 1 + 3 * 2 + 1
    for page in pages:
        for link in links(page):
            assert (page.parent / link).resolve().is_relative_to(made.folder.resolve())
            assert (page.parent / link).exists()
    assert len(links(made.index)) == 4
    assert len(list(made.folder.rglob("plotly.min.js"))) == 1
    front = next(page for page in pages if page.parent != made.folder)
    assert "../index.html" in links(front)


def test_a_pack_holds_the_answers_of_its_group(packs: tuple[each.Packs, list[str]]) -> None:
    made, _ = packs
    folders = {manifest.read(path)["part"]: path for path in made.folder.glob("channel-*")}
    assert set(folders) == {f"channel={name}" for name in (*HOSTILE, FAILS)}
    up = folders["channel=../../up"]
    rows = list(csv.DictReader((up / "findings.csv").open(encoding="utf-8")))
    assert [(row["measure"], row["base"]) for row in rows] == [("Net promoter score", "14")]
    assert "Small · Channel ../../up" in unescape((up / "index.html").read_text(encoding="utf-8"))


def test_small_groups_have_no_pack_and_none_can_be_worked_out(
    packs: tuple[each.Packs, list[str]],
) -> None:
    made, _ = packs
    page = made.index.read_text(encoding="utf-8")
    for name in (TINY, NEXT):
        assert f"<strong>{name}</strong>: fewer than 10 answers here or next to it." in page
        assert not [path for path in made.folder.iterdir() if name.split()[0] in path.name]
    # Neither their sizes nor the total they could be taken from.
    numbers = set(re.findall(r"\b\d+(?= answers)", page))
    assert numbers == {"14", "13", "10"}


def test_a_failing_group_is_tried_again_and_then_named(
    packs: tuple[each.Packs, list[str]],
) -> None:
    made, told = packs
    assert list(made.failed) == [f"channel={FAILS}"]
    assert "stopped in cell" in made.failed[f"channel={FAILS}"]
    assert (made.folder.parent / "tries").read_text() == "one one "
    page = made.index.read_text(encoding="utf-8")
    assert "The report on <strong>=fails()</strong> could not be made in full." in page
    assert [line for line in told if "Channel =fails(): failed: chapter `stand`" in line]
    says = manifest.read(made.folder)
    assert not says["complete"]
    assert list(says["failed"]) == [f"channel={FAILS}"]
    assert set(hashes(made.folder)) <= set(says["files"])


def test_one_worker_gives_the_same_bytes_beside_a_complete_set_and_tells_each_pack(
    packs: tuple[each.Packs, list[str]], study: Path, notebooks: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    place = tmp_path / f"{PERIOD}.by-channel"
    place.mkdir()
    (place / "manifest.json").write_text('{"complete": true}')
    call = ["report", str(study), "--period", PERIOD, "--each", "channel", "--workers", "1"]
    status = cli.main([*call, "--out", str(tmp_path), "--notebooks", str(notebooks)])
    told = capsys.readouterr()
    assert status == 1
    assert told.out == f"{place}.incomplete/index.html\n"
    lines = told.err.splitlines()
    assert [line[:5] for line in lines[:-1]] == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    assert re.fullmatch(r"3 done, 1 failed, 2 too small, \d+ s", lines[-1])
    assert (place / "manifest.json").read_text() == '{"complete": true}'
    alone = place.with_name(f"{place.name}.incomplete")
    assert hashes(alone) == hashes(packs[0].folder)


def test_a_cluster_gives_the_same_bytes(
    packs: tuple[each.Packs, list[str]], study: Path, notebooks: Path, tmp_path: Path
) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True
    ) as cluster:
        where = fanout.cluster(cluster.scheduler_address)
        there, told = rendered(study, tmp_path / "out", notebooks, where=where)
    assert hashes(there.folder) == hashes(packs[0].folder)
    assert len(told) == 4
    assert list(there.failed) == [f"channel={FAILS}"]


class Nowhere(fanout.Executor):
    """An executor whose every job ends in an error that holds a cell of the data."""

    @property
    def where(self) -> fanout.Where:
        @contextmanager
        def start() -> Iterator[fanout.Executor]:
            yield self

        return fanout.Where(start, at_once=2)

    def submit(self, fn: Any, /, *args: Any, **more: Any) -> Any:
        future: Any = fanout.Future()
        future.set_exception(ValueError("jane@example.com"))
        return future


def test_what_a_foreign_error_says_stays_out() -> None:
    (ended,) = fanout.outcomes(die, ["x"], where=Nowhere().where)
    assert ended.failed == "it could not be made: ValueError."


# ------------------------------------------------------------------ fanout, by trivial jobs


def double(number: int) -> int:
    return 2 * number


def die(path: str) -> str:
    """Kill this process the first `n` times, as the name of the file says; count the calls."""
    marks = Path(path)
    with marks.open("a") as file:
        file.write("x")
    if len(marks.read_text()) <= int(marks.suffix[1:]):
        os.kill(os.getpid(), signal.SIGKILL)
    return marks.stem


def empty_once(path: str) -> str:
    marks = Path(path)
    marks.write_text(marks.read_text() + "x" if marks.exists() else "x")
    return "full" if len(marks.read_text()) > 1 else ""


def test_jobs_end_with_their_values() -> None:
    ended = fanout.outcomes(double, [3, 4, 5], where=fanout.local(2))
    assert sorted((one.place, one.value, one.failed) for one in ended) == [
        (0, 6, ""),
        (1, 8, ""),
        (2, 10, ""),
    ]


def test_a_killed_worker_costs_one_job_at_most(tmp_path: Path) -> None:
    """`once` dies once, `ever` always, the others never: only `ever` is missing in the end."""
    jobs = [str(tmp_path / name) for name in ("a.0", "once.1", "ever.9", "b.0", "c.0")]
    ended = {one.place: one for one in fanout.outcomes(die, jobs, where=fanout.local(2))}
    assert [ended[place].value for place in range(5)] == ["a", "once", None, "b", "c"]
    assert ended[2].failed == "its process died, perhaps out of memory."
    assert sum(bool(one.failed) for one in ended.values()) == 1


class Fragile:
    """Executors that a job `kill` breaks with all that is under way, `once` only at first."""

    def __init__(self) -> None:
        self.log: list[list[str]] = []

    @property
    def where(self) -> fanout.Where:
        return fanout.Where(self.start, at_once=2)

    @contextmanager
    def start(self) -> Iterator[Any]:
        self.log.append([])
        self.pending: list[Any] = []
        assert len(self.log) < 9, "an executor too many"
        yield self

    def submit(self, fn: Any, job: str) -> Any:
        future: Any = fanout.Future()
        deadly = job == "kill" or (job == "once" and not any("once" in each for each in self.log))
        self.log[-1].append(job)
        self.pending.append(future)
        threading.Timer(
            0.01 if deadly else 0.2, self.end, (self.pending, future, job, deadly)
        ).start()
        return future

    def end(self, pending: list[Any], future: Any, job: str, deadly: bool) -> None:
        if future.done():
            return
        if not deadly:
            future.set_result(job)
            return
        future.set_exception(fanout.BrokenExecutor())
        time.sleep(0.05)
        for other in pending:
            if not other.done():
                other.set_exception(fanout.BrokenExecutor())


@pytest.mark.parametrize(
    ("jobs", "log", "lost"),
    [
        ("a kill b c", ["a kill", "a kill", "kill", "b c"], [1]),
        ("a once b c", ["a once", "a once", "b c"], []),
    ],
)
def test_whoever_was_under_way_when_an_executor_broke_follows_alone(
    jobs: str, log: list[str], lost: list[int]
) -> None:
    fragile = Fragile()
    ended = list(fanout.outcomes(double, jobs.split(), where=fragile.where))
    assert [" ".join(each) for each in fragile.log] == log
    assert sorted(one.place for one in ended) == [0, 1, 2, 3]
    assert [one.place for one in ended if one.failed] == lost
    assert {one.value for one in ended if not one.failed} == set(jobs.split()) - {"kill"}


def test_an_empty_value_is_tried_again(tmp_path: Path) -> None:
    (ended,) = fanout.outcomes(empty_once, [str(tmp_path / "marks")], where=fanout.local(1))
    assert ended.value == "full"
    assert (tmp_path / "marks").read_text() == "xx"


def test_no_process_is_left_behind(tmp_path: Path) -> None:
    before = set(fanout.multiprocessing.active_children())
    list(fanout.outcomes(double, [1], where=fanout.local(2)))
    assert set(fanout.multiprocessing.active_children()) == before


def test_a_scheduler_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    monkeypatch.setattr(fanout, "SECONDS_TO_ANSWER", 0.2)
    with pytest.raises(RunFailed, match=r"^no scheduler answers at `tcp://127.0.0.1:1`"):
        list(fanout.outcomes(double, [1], where=fanout.cluster("tcp://127.0.0.1:1")))


# ------------------------------------------------------------------ which groups, and refusals


@pytest.mark.parametrize(
    ("sizes", "shown", "small", "unknown"),
    [
        ({"a": 12, "b": 11, "c": 10}, "a b c", "", False),
        # One small group would be what the others leave of the whole: the next goes with it.
        ({"a": 12, "b": 11, "c": 9}, "a", "b c", False),
        ({"a": 12, "b": 6, "c": 5}, "a", "b c", False),
        ({"a": 12, "b": 3, "c": 4}, "", "", False),
        # The sheets of nobody known are one more group, which gets no report.
        ({"a": 12, "b": 11, "": 9}, "a", "b", True),
        ({"a": 12, "b": 11, "": 10}, "a b", "", True),
    ],
)
def test_groups_too_small_take_the_next_smallest_along(
    tmp_path: Path, sizes: dict[str, int], shown: str, small: str, unknown: bool
) -> None:
    opened = cx.open(study_of(tmp_path / "study", sizes))
    if not shown:
        with pytest.raises(EmptyPeriod, match="no channel has 10 answers or more in October 2026"):
            contents.groups(opened, cx.period(PERIOD), by="channel")
        return
    found = contents.groups(opened, cx.period(PERIOD), by="channel")
    assert " ".join(part.value for part in found.shown) == shown
    assert " ".join(part.value for part in found.small) == small
    assert found.unknown is unknown


def test_a_group_that_is_silent_this_month_is_named_as_small(tmp_path: Path) -> None:
    folder = study_of(tmp_path / "study", {"a": 12, "b": 11, "c": 10})
    path = folder / "raw/answers.csv"
    path.write_text(path.read_text() + "x,2026-09-01,silent,5\n")
    found = contents.groups(cx.open(folder), cx.period(PERIOD), by="channel")
    assert [part.value for part in found.small] == ["silent"]
    assert found.why == "fewer than 10 answers"
    assert len(found.shown) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--each", "chanel"], "column `chanel` is not known. Did you mean `channel`?"),
        (["--each", "recommend"], "column `recommend` is not known."),
        (["--scheduler", "tcp://x:1"], "--scheduler goes with --each"),
        (["--each", "channel", "--workers", "0"], "workers must be 1 or more; found 0."),
    ],
)
def test_the_command_line_refuses_what_cannot_be(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    arguments: list[str], message: str,
) -> None:  # fmt: skip
    call = ["report", str(study), "--period", PERIOD, "--out", str(tmp_path / "out")]
    assert cli.main([*call, *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_notebooks_that_take_no_part_are_refused(study: Path, tmp_path: Path) -> None:
    new = nbformat.v4
    cell = new.new_code_cell('study: str = "."\nperiod: str = "all"')
    cell.metadata["tags"] = ["parameters"]
    nbformat.write(new.new_notebook(cells=[cell]), tmp_path / "own.ipynb")
    with pytest.raises(UnknownName, match=r"`own.ipynb` has no parameter `part`"):
        rendered(study, tmp_path / "out", tmp_path)
    assert not (tmp_path / "out").exists()


def test_where_no_pack_could_be_made_nothing_is_published(
    study: Path, notebooks: Path, tmp_path: Path
) -> None:
    message = "none of the 4 reports could be made; the first: it could not be made: ValueError."
    with pytest.raises(RunFailed, match=f"^{re.escape(message)}$"):
        rendered(study, tmp_path, notebooks, where=Nowhere().where)
    assert not list(tmp_path.glob("[!.]*"))


def test_a_run_that_was_broken_off_is_taken_up_again(
    study: Path, notebooks: Path, packs: tuple[each.Packs, list[str]], tmp_path: Path
) -> None:
    def stop(line: str) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        each.render(
            study, PERIOD, by="channel", out=out, notebooks=notebooks, where=fanout.local(1),
            tell=stop,
        )  # fmt: skip
    assert not list(out.glob("[!.]*"))
    kept = {path: path.stat().st_mtime_ns for path in out.glob(".*/*/stand.run")}
    assert len(kept) == 1
    again, _ = rendered(study, out, notebooks, where=fanout.local(2))
    assert hashes(again.folder) == hashes(packs[0].folder)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
