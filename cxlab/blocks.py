"""A table of study.toml read key by key, so that what nobody asked for is found out.

Not here: which keys there are (settings, design).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cxlab.errors import StudyInvalid, require_known

REQUIRED = object()


class Block:
    """A TOML table read key by key, so that what is left over is unknown."""

    def __init__(self, says: Any, *, where: str) -> None:
        if not isinstance(says, Mapping):
            raise StudyInvalid(f"{where} must be a table of keys; found {kind_of(says)}.")
        self.says, self.where = says, where
        self.known: list[str] = []

    def value(self, key: str, default: Any, fits: Callable[[Any], bool], *, must: str) -> Any:
        """The value of a key, or its default; StudyInvalid unless it fits."""
        self.known.append(key)
        if key not in self.says:
            if default is REQUIRED:
                raise StudyInvalid(f"{self.where} must have `{key}`.")
            return default
        value = self.says[key]
        if not fits(value):
            raise StudyInvalid(f"{self.where} `{key}` must be {must}; found {kind_of(value)}.")
        return value

    def text(self, key: str, default: Any = REQUIRED, *, among: tuple[str, ...] = ()) -> Any:
        """A text; UnknownName when it is not one of `among`."""
        value = self.value(key, default, lambda value: isinstance(value, str), must="a text")
        if among and value is not None:
            require_known(value, among, what=f"{self.where} {key}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when it is not there."""
        return tuple(self.value(key, (), _is_texts, must="a list of texts"))

    def one_or_more(self, key: str) -> tuple[str, ...]:
        """A text, or a list of texts to be tried in order."""
        must = "a text or a list of texts"
        value = self.value(key, (), lambda v: isinstance(v, str) or _is_texts(v), must=must)
        return (value,) if isinstance(value, str) else tuple(value)

    def count(self, key: str, default: int | None, *, least: int) -> Any:
        """A whole number of at least `least`."""
        return self.value(
            key,
            default,
            lambda value: type(value) is int and value >= least,
            must=f"a whole number of at least {least}",
        )

    def flag(self, key: str) -> bool:
        """True or false; false when it is not there."""
        return bool(self.value(key, False, lambda value: type(value) is bool, must="true or false"))

    def pairs(self, key: str) -> Any:
        """Texts by text: codes and what they mean; None when it is not there."""
        return self.value(key, None, _is_pairs, must='texts by text, like { "1" = "web" }')

    def table(self, key: str) -> Mapping[str, Any]:
        """A table of keys; empty when it is not there."""
        return dict(
            self.value(key, {}, lambda value: isinstance(value, Mapping), must="a table of keys")
        )

    def done(self) -> None:
        """Raise UnknownName for the first key nobody asked for."""
        require_keys(self.says, self.known, where=self.where)


def require_keys(says: Mapping[str, Any], known: Any, *, where: str) -> None:
    """Raise UnknownName for the first key that is none of the known ones."""
    for key in says:
        require_known(key, known, what=f"{where}: key")


def kind_of(value: Any) -> str:
    """What a value of TOML is, as a person says it."""
    names = {str: "a text", bool: "true or false", list: "a list", dict: "a table of keys"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else "a date")


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _is_pairs(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(entry, str) for entry in value.values())
