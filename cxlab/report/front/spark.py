"""A small trend line for a tile: the path of an inline drawing, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

WIDTH, HEIGHT, EDGE = 132.0, 36.0, 4.0


def spark(values: Sequence[float | None]) -> dict[str, Any] | None:
    """Path and end point of a line through the values, broken at None; None for fewer than 3."""
    seen = [value for value in values if value is not None]
    if len(seen) < 3:
        return None
    low, high = min(seen), max(seen)
    step = (WIDTH - 2 * EDGE) / (len(values) - 1)
    across = [EDGE + step * place for place in range(len(values))]
    room = HEIGHT - 2 * EDGE
    points = [
        (x, HEIGHT - EDGE - room * ((value - low) / ((high - low) or 1.0)))
        for x, value in zip(across, values, strict=True)
        if value is not None
    ]
    known = [value is not None for value in values]
    starts = [there and not known[place - 1] for place, there in enumerate(known) if there]
    # The first value of a run starts a new stroke.
    starts[0] = True
    path = " ".join(
        f"{'M' if start else 'L'}{x:.1f} {y:.1f}"
        for start, (x, y) in zip(starts, points, strict=True)
    )
    x, y = points[-1]
    return {"path": path, "x": f"{x:.1f}", "y": f"{y:.1f}"}
