"""What are the themes, and which phrases count as mentioning one?

    version = "1"                       # raise it when a theme comes to mean something else
    language = "en"

    [themes.delivery]
    label = "Delivery"                  # what readers see
    about = "Bringing it to the door."  # what belongs here, and what does not
    parent = "fulfilment"               # a comment on delivery is one on fulfilment too
    phrases = ["deliver*", "courier", "late ~3 parcel"]
    not = ["deliver* a talk"]           # a hit that shares a word with one of these is none

    [themes.praise]
    general = true                      # says how it was and not why: "all good"

A codebook is a TOML file that a researcher reads and edits; `phrases` says how phrases are
written. Coded with the same version, a comment gets the same themes in every month.

Not here: finding them in comments (matching), making a codebook grow (growing).
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from cxlab.blocks import Block
from cxlab.errors import StudyInvalid, StudyNotFound, listed, near, require_known
from cxlab.text.themes.phrases import Phrase, parsed

STARTER = "starter.toml"
# A theme's name is a key of result tables and of anchors in pages.
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Theme:
    """One theme: what it is called, what mentions it, and the `excluded` phrases that veto."""

    name: str
    label: str
    parent: str | None
    phrases: tuple[Phrase, ...]
    excluded: tuple[Phrase, ...] = ()
    about: str = ""
    general: bool = False


@dataclass(frozen=True)
class Codebook:
    """Themes, sorted by name, with the version and the language they are for."""

    declared: str
    language: str
    themes: tuple[Theme, ...]

    @cached_property
    def version(self) -> str:
        """The declared version and a mark of what decides a coding, like `1 (3f9a01cc)`."""
        says = [
            (theme.name, theme.parent, *map(_texts, (theme.phrases, theme.excluded)))
            for theme in self.themes
        ]
        mark = hashlib.sha256(repr([self.language, says]).encode()).hexdigest()
        return f"{self.declared} ({mark[:8]})"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the themes, sorted."""
        return tuple(theme.name for theme in self.themes)

    @property
    def leaves(self) -> tuple[str, ...]:
        """The names of the themes that are no other's parent."""
        parents = {theme.parent for theme in self.themes}
        return tuple(name for name in self.names if name not in parents)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The leaves that say why something was as it was, and not only how."""
        return tuple(name for name in self.leaves if not self.theme(name).general)

    def theme(self, name: str) -> Theme:
        """The theme of that name. Raises UnknownName."""
        require_known(name, self.names, what="theme")
        return next(theme for theme in self.themes if theme.name == name)

    def above(self, name: str) -> tuple[str, ...]:
        """The parents of a theme, nearest first."""
        parents = {theme.name: theme.parent for theme in self.themes}
        found: list[str] = []
        parent = parents[name]
        while parent is not None:
            found.append(parent)
            parent = parents[parent]
        return tuple(found)

    def shared(self) -> dict[str, tuple[str, ...]]:
        """Phrases that several themes have, with those themes: allowed, but worth a look."""
        owners: dict[str, list[str]] = {}
        for theme in self.themes:
            for text in dict.fromkeys(map(_plain, theme.phrases)):
                owners.setdefault(text, []).append(theme.name)
        return {text: tuple(names) for text, names in sorted(owners.items()) if len(names) > 1}


def read(path: Path | None = None) -> Codebook:
    """The codebook of a TOML file; without a path the one shipped for customer experience.

    Raises StudyNotFound where there is no such file, StudyInvalid and UnknownName for what
    cannot be, with the place and the near matches.
    """
    if path is None:
        return from_text(files(__package__).joinpath(STARTER).read_text("utf-8"), where=STARTER)
    if not path.is_file():
        raise StudyNotFound(f"A theme codebook is a TOML file; `{path}` is not there.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise StudyInvalid(f"`{path.name}` must be a UTF-8 file.") from None
    return from_text(text, where=path.name)


# A chapter asks for it again with every question, and 0.1 s go into each reading.
@lru_cache(maxsize=8)
def from_text(text: str, *, where: str = "themes.toml") -> Codebook:
    """The codebook a TOML text says; errors name `where` it stands."""
    try:
        says = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudyInvalid(f"`{where}` is not valid TOML: {error}.") from None
    top = Block(says, where=where)
    declared, language = top.text("version"), top.text("language", "en")
    tables = top.table("themes")
    top.done()
    if not tables:
        raise StudyInvalid(f"{where} must have at least one [themes.…] block.")
    themes = tuple(_theme(name, tables[name], where) for name in sorted(tables))
    for theme in themes:
        _require_parents(theme, {each.name: each for each in themes}, where)
    return Codebook(declared, language, themes)


def _theme(name: str, says: Any, file: str) -> Theme:
    where = f"{file} [themes.{name}]"
    if not _NAME.fullmatch(name):
        raise StudyInvalid(
            f"{where} must be named in small letters, digits and _, and begin with a letter; "
            "`label` is what readers see."
        )
    block = Block(says, where=where)
    theme = Theme(
        name=name,
        label=block.text("label", name.replace("_", " ").capitalize()),
        parent=block.text("parent", None),
        about=block.text("about", ""),
        general=block.flag("general"),
        phrases=_phrases(block, "phrases"),
        excluded=_phrases(block, "not"),
    )
    block.done()
    return theme


def _phrases(block: Block, key: str) -> tuple[Phrase, ...]:
    texts = block.texts(key)
    if any(not text.strip() for text in texts):
        raise StudyInvalid(f"{block.where} `{key}` must not have an empty phrase.")
    phrases = tuple(parsed(text, where=f"{block.where} {key}") for text in texts)
    plain = [_plain(phrase) for phrase in phrases]
    twice = sorted({text for text in plain if plain.count(text) > 1})
    if twice:
        raise StudyInvalid(
            f"{block.where} `{key}` must name a phrase once; twice: {listed(twice)}."
        )
    return phrases


def _require_parents(theme: Theme, themes: Mapping[str, Theme], where: str) -> None:
    """Every parent is a theme, no theme is its own ancestor, and none is without a phrase."""
    place = f"{where} [themes.{theme.name}]"
    if theme.parent is not None and theme.parent not in themes:
        raise StudyInvalid(
            f"{place} `parent` must be a theme of this file; `{theme.parent}` is not. "
            f"{near(theme.parent, themes)}".strip()
        )
    if not theme.phrases and all(other.parent != theme.name for other in themes.values()):
        raise StudyInvalid(f"{place} must have `phrases`, or be the parent of another theme.")
    seen, parent = [theme.name], theme.parent
    while parent is not None and parent in themes and parent not in seen:
        seen.append(parent)
        parent = themes[parent].parent
    if parent == theme.name:
        raise StudyInvalid(f"{place} must not be its own parent: {' → '.join([*seen, parent])}.")


def _plain(phrase: Phrase) -> str:
    return " ".join(phrase.text.lower().replace("’", "'").split())


def _texts(phrases: tuple[Phrase, ...]) -> list[str]:
    return sorted(map(_plain, phrases))
