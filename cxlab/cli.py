"""The command line: cxlab demo, intake, report, verify, page, check, peek, annotate, ask.

Exit status: 0 all done; 1 a chapter failed (the front page says which) or a pack fails its
checks; 2 the call or the data is wrong, or the disk is full. What goes wrong is one message,
never a traceback. Every heavy import waits until its command runs, so that --help answers
at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from cxlab.errors import CxlabError, PackUnsound, UnknownName

DONE, INCOMPLETE, WRONG = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit status."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except CxlabError as error:
        print(f"cxlab: {error}", file=sys.stderr)
        return INCOMPLETE if isinstance(error, PackUnsound) else WRONG
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        print(f"cxlab: {error.strerror or error}{where}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("cxlab: stopped; what was published before is unchanged.", file=sys.stderr)
        return WRONG


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cxlab", description="Customer-experience research lab.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _demo(commands)
    _intake(commands)
    _report(commands)
    _verify(commands)
    _page(commands)
    _check(commands)
    _peek(commands)
    _annotate(commands)
    _ask(commands)
    return parser


def _command(commands: Any, name: str, help_text: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=help_text, description=help_text, allow_abbrev=False
    )
    parser.set_defaults(run=run)
    return parser


def _demo(commands: Any) -> None:
    parser = _command(commands, "demo", "Write an invented study.", run_demo)
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write it to")
    parser.add_argument("--customers", type=int, metavar="N", help="how many customers")
    parser.add_argument("--months", type=int, metavar="M", help="how many months")
    parser.add_argument("--seed", type=int, metavar="S", help="another seed, other people")
    parser.add_argument("--null", action="store_true", help="plant nothing to be found")


def _intake(commands: Any) -> None:
    text = "Read a study's exports into checked tables, rejected rows and a receipt."
    _command(commands, "intake", text, run_intake).add_argument("study", metavar="STUDY")


def _report(commands: Any) -> None:
    parser = _command(commands, "report", "Render a period as HTML pages.", run_report)
    parser.add_argument("study", metavar="STUDY", help="folder with study.toml")
    parser.add_argument("--period", required=True, help="2026-10, 2026-Q3, 2026 or all")
    some = parser.add_mutually_exclusive_group()
    some.add_argument("--only", metavar="NAME", help="one chapter, as a pack of its own")
    some.add_argument("--each", metavar="COLUMN", help="a pack for each segment, unit_id, …")
    fan = parser.add_mutually_exclusive_group()
    count = "chapters, or with --each packs, at a time; default: one on each processor"
    fan.add_argument("--workers", type=int, metavar="N", help=count)
    fan.add_argument("--scheduler", metavar="ADDRESS", help="with --each: a Dask scheduler")
    parser.add_argument("--out", default="reports", metavar="DIR", help="default: reports")
    parser.add_argument("--notebooks", metavar="DIR", help="default: notebooks/reports")
    parser.add_argument("--summary", action="store_true", help="print it as text, for an e-mail")


def _verify(commands: Any) -> None:
    text = "Check a published pack: that it is whole, as published, and keeps its promises."
    _command(commands, "verify", text, run_verify).add_argument("pack", metavar="PACK")


def _page(commands: Any) -> None:
    text = "Write one page of a pack as a single file to send: .html or, by Chromium, .pdf."
    parser = _command(commands, "page", text, run_page)
    parser.add_argument("page", metavar="PAGE", help="such as reports/2026-10/index.html")
    parser.add_argument("--out", required=True, metavar="FILE", help="ends in .html or .pdf")


def _check(commands: Any) -> None:
    text = "Say what a study has, what is missing, and what can be reported."
    _command(commands, "check", text, run_check).add_argument("study", metavar="STUDY")


def _peek(commands: Any) -> None:
    text = "Say what a file is, before there is a study: tool, columns, scales, problems."
    parser = _command(commands, "peek", text, run_peek)
    parser.add_argument("file", metavar="FILE", help="an export, packed or not")
    parser.add_argument("--json", action="store_true", help="as JSON, with sorted keys")


def _annotate(commands: Any) -> None:
    text = "Add language, tone, themes and a redacted text to each row of a file of comments."
    parser = _command(commands, "annotate", text, run_annotate)
    parser.add_argument("file", metavar="FILE", help="an export; CSV, Parquet or what intake reads")
    parser.add_argument("--text", required=True, metavar="COLUMN", help="the column of comments")
    parser.add_argument("--out", required=True, metavar="FILE", help="new .csv or .parquet file")
    parser.add_argument("--themes", metavar="TOML", help="a theme codebook; default: the starter")
    parser.add_argument(
        "--language", default="en", metavar="LL", help="of texts too short to tell; default: en"
    )
    parser.add_argument("--encoding", metavar="NAME", help="of a CSV that is not UTF-8")


def _ask(commands: Any) -> None:
    from cxlab.asking import command

    text = "Plan a poll, write its invitations, send them once, join the replies."
    command.arguments(_command(commands, "ask", text, run_ask))


def run_demo(chosen: argparse.Namespace) -> int:
    """Write the invented study and print where."""
    from cxlab import demo

    given = {name: getattr(chosen, name) for name in ("customers", "months", "seed")}
    values = {name: value for name, value in given.items() if value is not None}
    demo.write(chosen.out, null=chosen.null, **values)
    print(chosen.out)
    return DONE


def run_intake(chosen: argparse.Namespace) -> int:
    """Check a study's exports and print the receipt."""
    from cxlab.chapters.what_came_in.receipts import receipt_lines
    from cxlab.load.intake import intake
    from cxlab.study import open as open_study

    intake(chosen.study)

    print("\n".join(receipt_lines(open_study(chosen.study))))
    return DONE


def run_report(chosen: argparse.Namespace) -> int:
    """Render the pack; the last line printed is the path of its front page."""
    if chosen.each:
        return _report_each(chosen)
    if chosen.scheduler:
        raise UnknownName("--scheduler goes with --each; one pack is made on this machine.")
    from cxlab.report.pack.render import render

    pack = render(
        chosen.study,
        chosen.period,
        out=chosen.out,
        only=chosen.only,
        notebooks=chosen.notebooks,
        workers=chosen.workers,
        progress=sys.stderr.isatty(),
    )
    for reason in pack.failed.values():
        print(f"cxlab: {reason}", file=sys.stderr)
    if chosen.summary:
        print((pack.folder / "summary.txt").read_text(encoding="utf-8"))
    print(pack.index)
    return INCOMPLETE if pack.failed else DONE


def _report_each(chosen: argparse.Namespace) -> int:
    """Render a pack for each group; a line on stderr for each, then the sum of them."""
    from cxlab.report.pack import each
    from cxlab.report.pack.render import require_workers
    from cxlab.report.running import fanout

    count = require_workers(chosen.workers)
    packs = each.render(
        chosen.study,
        chosen.period,
        by=chosen.each,
        out=chosen.out,
        notebooks=chosen.notebooks,
        where=fanout.cluster(chosen.scheduler) if chosen.scheduler else fanout.local(count),
        tell=lambda line: print(line, file=sys.stderr, flush=True),
    )
    print(packs.summary, file=sys.stderr)
    print(packs.index)
    return INCOMPLETE if packs.failed else DONE


def run_verify(chosen: argparse.Namespace) -> int:
    """Print one line for each check of a pack."""
    from cxlab.report import verify

    problems = verify.verify(chosen.pack)
    print("\n".join(verify.lines(problems)))
    return INCOMPLETE if problems else DONE


def run_page(chosen: argparse.Namespace) -> int:
    """Write one page as one file, told by its ending; prints where it is."""
    from cxlab.report.page import single

    single.write(chosen.page, chosen.out)
    print(chosen.out)
    return DONE


def run_check(chosen: argparse.Namespace) -> int:
    """Print what a study holds and what it lacks."""
    from cxlab.chapters.what_came_in.receipts import check_lines
    from cxlab.study import open as open_study

    print("\n".join(check_lines(open_study(chosen.study))))
    return DONE


def run_peek(chosen: argparse.Namespace) -> int:
    """Print what was recognised of a file."""
    from cxlab.load.peek import peek
    from cxlab.load.peek_lines import lines

    said = peek(chosen.file)
    if chosen.json:
        import json

        print(json.dumps(said, indent=2, ensure_ascii=False, sort_keys=True))
    else:
        print("\n".join(lines(said)))
    return DONE


def run_annotate(chosen: argparse.Namespace) -> int:
    """Annotate a file of comments; prints where the new file is."""
    from pathlib import Path

    from cxlab.text import themes
    from cxlab.text.annotate import Reading
    from cxlab.text.annotated_files import annotate_file

    codebook = themes.read(Path(chosen.themes) if chosen.themes else None)
    count = annotate_file(
        chosen.file,
        text=chosen.text,
        out=chosen.out,
        reading=Reading(codebook=codebook, declared=chosen.language),
        encoding=chosen.encoding,
        progress=_progress if sys.stderr.isatty() else None,
    )
    print(f"{chosen.out}: {count:,} rows")
    return DONE


def run_ask(chosen: argparse.Namespace) -> int:
    """Plan, draft, send, take replies or export; prints what was done."""
    from cxlab.asking import command

    print("\n".join(command.run(chosen)))
    return DONE


def _progress(done: int, total: int) -> None:
    print(f"\r{done:,} of {total:,} rows", end="\n" if done >= total else "", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
