"""One page as one file: how, told by the name of the file that is wanted."""

from __future__ import annotations

from pathlib import Path

from cxlab.errors import OutOfRange

ENDINGS = (".html", ".pdf")


def write(page: str | Path, out: str | Path) -> None:
    """Write a page of a pack to `out` as a single .html or .pdf file.

    Raises OutOfRange for another ending or a place among the pack's own pages, and what
    `alone` and `printed` raise.
    """
    from cxlab.report.page import alone, printed

    source, target = Path(page), Path(out)
    if target.suffix.lower() not in ENDINGS:
        raise OutOfRange(f"--out must end in .html or .pdf; found `{target.name}`.")
    if target.resolve().parent == source.resolve().parent:
        raise OutOfRange(f"--out must lie outside the pack; found `{target}`, beside the page.")
    if target.suffix.lower() == ".pdf":
        printed.printed(source, target)
        return
    target.write_text(alone.alone(source.parent, source.name), encoding="utf-8", newline="\n")
