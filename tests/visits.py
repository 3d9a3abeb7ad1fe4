"""A reader opens one page of a pack in Chromium, and everything the page does is written down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Where the script of a page draws a figure, and where it has drawn one.
FIGURES = "[data-drawing]"
PATIENCE = 120_000
DRAWN = "[data-drawing]:has(svg.main-svg)"


@dataclass
class Visit:
    """One opened page: what it asked for, what it complained about, and the page itself."""

    page: Any
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def ask(self, javascript: str) -> Any:
        return self.page.evaluate(javascript)

    def count(self, selector: str) -> int:
        return int(self.page.locator(selector).count())


def inside(address: str, pack: Path) -> bool:
    return address.startswith((pack.resolve().as_uri() + "/", "data:", "blob:null/"))


@contextmanager
def visit(
    browser: Any, path: Path, *, pack: Path, width: int = 1280, **settings: Any
) -> Iterator[Visit]:
    """Opens the file as a double click would; whatever is not a file of the pack is refused.

    `settings` are those of a browser context, such as color_scheme="dark".
    """
    context = browser.new_context(viewport={"width": width, "height": 900}, **settings)
    context.set_offline(True)
    context.route(lambda address: not inside(address, pack), lambda route: route.abort())
    seen = Visit(context.new_page())
    seen.page.on("request", lambda request: seen.requested.append(request.url))
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on("dialog", lambda dialog: seen.complaints.append(f"dialog: {dialog.message}"))
    seen.page.on("console", lambda m: m.type == "error" and seen.complaints.append(m.text))
    try:
        seen.page.goto(path.resolve().as_uri(), wait_until="load", timeout=PATIENCE)
        seen.page.wait_for_timeout(300)
        yield seen
    finally:
        context.close()
