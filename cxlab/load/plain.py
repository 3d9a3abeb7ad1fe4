"""The text a reader of a formatted wording sees: no tags, no entities, single blanks."""

from __future__ import annotations

from html.parser import HTMLParser

_UNSEEN = ("script", "style")
_BREAKS = ("br", "p", "div", "li", "tr", "td", "h1", "h2", "h3")


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unseen += tag in _UNSEEN
        if tag in _BREAKS:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN and self.unseen:
            self.unseen -= 1
        if tag in _BREAKS:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(data)


def plain(text: str) -> str:
    """The text without its HTML; line breaks and runs of blanks become one blank."""
    if "<" in text or "&" in text:
        seen = _Seen()
        seen.feed(text)
        seen.close()
        text = "".join(seen.parts)
    return " ".join(text.split())
