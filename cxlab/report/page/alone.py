"""One page of a pack as one file, to send by e-mail.

The script that draws the charts goes into the page, so nothing is asked for from
anywhere. Links to other pages become text, since those pages are not there.

Not here: a page on paper, for readers whose mail runs no scripts (printed).
"""

from __future__ import annotations

import re
from pathlib import Path

from cxlab.errors import FileUnreadable
from cxlab.report.page.pages import digest

# A pack has its own copy, packs of groups share the one of the folder above.
LOADED = re.compile(r'<script src="((?:\.\./)*assets/plotly\.min\.js)" defer></script>')
PAGE = '<meta http-equiv="Content-Security-Policy" content="default-src '
POLICY = re.compile(r'(<meta http-equiv="Content-Security-Policy" content="[^"]*?)&#39;self&#39;')
ELSEWHERE = re.compile(r'<a href="(?!#)[^"]*">(.*?)</a>', re.DOTALL)


def alone(pack: str | Path, page: str) -> str:
    """The page `page` of a pack folder, such as "loyalty.html", as HTML that needs no other file.

    The same pack gives the same text. Raises FileUnreadable for a file that is no page of a
    pack, or a page whose charts have lost the script beside them.
    """
    folder = Path(pack)
    html = ELSEWHERE.sub(r"<span>\1</span>", read(folder / page))
    loaded = LOADED.search(html)
    if loaded is None:
        return html
    script = _library(folder, loaded.group(1))
    html = POLICY.sub(lambda found: found.group(1) + _allowed(script), html, count=1)
    return html.replace(loaded.group(), f"<script>{script}</script>", 1)


def read(page: Path) -> str:
    """The text of a page; raises FileUnreadable unless it is one that a pack has."""
    told = f"must be a page of a pack, such as reports/2026-10/index.html; `{page}`"
    if not page.is_file():
        raise FileUnreadable(f"{told} is not there.")
    try:
        html = page.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        html = ""
    if PAGE not in html:
        raise FileUnreadable(f"{told} is none.")
    return html


def _library(folder: Path, name: str) -> str:
    path = folder / name
    if not path.is_file():
        raise FileUnreadable(f"the pack must have `{name}` beside its pages; it has none.")
    # A script ends at the first `</script`, wherever that stands.
    return path.read_text(encoding="utf-8").replace("</script", "<\\/script")


def _allowed(script: str) -> str:
    """The script's digest as the policy in a page spells it."""
    return digest(script).replace("'", "&#39;")
