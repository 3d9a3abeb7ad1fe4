"""A published pack as it lies there: its files, what its manifest says, its pages.

Nothing is followed, fetched or run; what cannot be read is kept as unreadable.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from cxlab.report.pack import manifest

Attributes = list[tuple[str, str]]
RAW = ("script", "style")
UNREADABLE = "cannot be read as a page"


@dataclass(frozen=True)
class Element:
    """One start tag: its name, every attribute as written, and the ids and raw text it has."""

    tag: str
    attributes: Attributes
    text: list[str] = field(default_factory=list)

    def has(self, name: str, value: str) -> bool:
        """Whether an attribute has this value, whatever the case."""
        return any(key == name and told.strip().lower() == value for key, told in self.attributes)

    def value(self, name: str) -> str:
        """The value a browser takes, which is the first; "" where there is none."""
        return next((told for key, told in self.attributes if key == name), "")

    @property
    def raw(self) -> str:
        """What stands inside a script or a style."""
        return "".join(self.text)


class Page(HTMLParser):
    """A page taken apart: elements in order, visible texts, and what is neither."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.texts: list[str] = []
        self.odd: list[str] = []
        self.doctype = ""
        self._inside: Element | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the element with all its attributes, also those written twice."""
        element = Element(tag, [(name, value or "") for name, value in attrs])
        self.elements.append(element)
        # Our templates escape it; where they did not, browsers may see other tags than we.
        if "<" in str(self.get_starttag_text())[1:]:
            self.odd.append("a tag inside a tag")
        self._inside = element if tag in RAW else None

    def handle_endtag(self, tag: str) -> None:
        """Text that follows is visible again."""
        self._inside = None

    def handle_data(self, data: str) -> None:
        """Text inside a script or style belongs to it, other text to the reader."""
        if self._inside is not None:
            self._inside.text.append(data)
        elif data.strip():
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        """Comments, which browsers and parsers end at different places."""
        self.odd.append("a comment")

    def handle_decl(self, decl: str) -> None:
        """The doctype."""
        self.doctype += decl.lower()

    def handle_pi(self, data: str) -> None:
        """A processing instruction."""
        self.odd.append("a processing instruction")

    def unknown_decl(self, data: str) -> None:
        """A marked section."""
        self.odd.append("a marked section")

    @cached_property
    def ids(self) -> set[str]:
        """What a fragment of a link may name."""
        return {value for each in self.elements for name, value in each.attributes if name == "id"}

    @cached_property
    def drawings(self) -> list[Element]:
        """The data of the charts."""
        return [each for each in self.elements if each.tag == "script" and is_data(each)]


def is_data(script: Element) -> bool:
    """Whether a browser keeps a script as data and never runs it."""
    return script.value("type") == "application/json" and not script.value("src")


class Opened:
    """A pack opened for checking, or a set of packs: a page that leads to one for each group.

    Of a set, the pages and findings are those of its own folder; `packs` names the others.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.says: dict[str, Any] = manifest.read(folder)
        self.files: dict[str, Path] = {}
        self.strange: list[str] = []
        for path in sorted(_everything(folder)):
            name, kind = path.relative_to(folder).as_posix(), path.lstat().st_mode
            if stat.S_ISREG(kind):
                self.files[name] = path
            elif not stat.S_ISDIR(kind):
                self.strange.append(name)
            elif not os.listdir(path):
                self.strange.append(f"{name}/")
        inside = [name.split("/") for name in self.files]
        self.packs = [parts[0] for parts in inside if parts[1:] == [manifest.NAME]]

    @cached_property
    def pages(self) -> dict[str, Page]:
        """Each page that can be read, by the name of its file."""
        read = {name: _page(self.files[name]) for name in self.page_names}
        return {name: page for name, page in read.items() if page is not None}

    @property
    def page_names(self) -> list[str]:
        """The names of the pages, readable or not."""
        return [name for name in self.files if name.endswith(".html") and "/" not in name]

    @property
    def shares_assets(self) -> bool:
        """Whether the pack is one of several under a page that has the assets for all."""
        return not any(name.startswith("assets/") for name in self.files)


def _everything(folder: Path) -> list[Path]:
    """All that lies below a folder; links are named and not followed."""
    return [
        Path(top, name)
        for top, folders, files in os.walk(folder, followlinks=False)
        for name in (*folders, *files)
    ]


def _page(path: Path) -> Page | None:
    try:
        return Page(path.read_bytes().decode("utf-8").replace("\r\n", "\n"))
    except (OSError, ValueError, AssertionError):
        return None
