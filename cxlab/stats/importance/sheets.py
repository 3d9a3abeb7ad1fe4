"""Which answer sheets does importance rest on?

One row per sheet, drivers first and the outcome last, NaN where empty. Empty answers are
dealt with by a choice that is always stated:
    pairwise  each correlation from the sheets that have both answers
    complete  only sheets with every answer
    mean      an empty driver counts as the mean of the driver

Sheets without the outcome never count. Codes 1 to 5 are taken as distances.

Not here: what the sheets add up to (moments).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxlab.errors import OutOfRange, require_known

Floats = NDArray[np.float64]
MISSING = ("pairwise", "complete", "mean")


@dataclass(frozen=True)
class Answers:
    """Answer sheets: `values` with NaN where empty and the outcome last, `weights`.

    `beside` holds more columns (no NaN) whose sums each sample is to have, too.
    """

    values: Floats
    weights: Floats
    missing: str
    beside: Floats

    @property
    def used(self) -> NDArray[np.bool_]:
        """The sheets that count towards correlations."""
        empty = np.isnan(self.values)
        return np.asarray(~(empty.any(axis=1) if self.missing == "complete" else empty[:, -1]))

    @property
    def whole(self) -> bool:
        """Whether no answer is empty on the sheets that count."""
        empty = np.isnan(self.values)
        return not empty.any() or not empty[self.used].any()

    def only(self, chosen: NDArray[np.bool_]) -> Answers:
        """Some of the sheets."""
        return Answers(self.values[chosen], self.weights[chosen], self.missing, self.beside[chosen])

    def bases(self) -> NDArray[np.int64]:
        """Sheets with both answers, for every pair; on the diagonal those with the one."""
        known = (~np.isnan(self.values[self.used])).astype(np.float64)
        return np.rint(known.T @ known).astype(np.int64)


def answers(
    values: Floats,
    *,
    weights: Floats | None = None,
    missing: str = "pairwise",
    beside: Floats | None = None,
) -> Answers:
    """Answer sheets ready to be summed. Raises UnknownName for `missing`."""
    require_known(missing, MISSING, what="missing")
    count = len(values)
    return Answers(
        np.asarray(values, dtype=np.float64),
        np.ones(count) if weights is None else np.asarray(weights, dtype=np.float64),
        missing,
        np.empty((count, 0)) if beside is None else np.asarray(beside, dtype=np.float64),
    )


def require_enough(answers: Answers, names: list[str]) -> None:
    """Raise OutOfRange where too few sheets carry the model, or a column does not vary."""
    bases, least = answers.bases(), len(names) + 1
    if bases.min() < least:
        scarce = names[int(bases.min(axis=1)[: len(names)].argmin())]
        advice = "" if answers.missing != "complete" else ' Try missing="pairwise".'
        raise OutOfRange(
            f"{len(names) - 1} drivers must be answered together with each other and the outcome "
            f"on at least {least} sheets; `{scarce}` is on {bases.min()}.{advice}"
        )
    flat = [
        name
        for name, column in zip(names, answers.values[answers.used].T, strict=True)
        if np.nanmin(column) == np.nanmax(column)
    ]
    if flat:
        raise OutOfRange(
            f"`{flat[0]}` must have more than one answer; everybody gave the same. Leave it out."
        )
