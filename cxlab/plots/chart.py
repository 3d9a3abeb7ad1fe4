"""A plotly figure that carries its title, its numbers and its text alternative.

This is the only module that imports plotly, and it is imported only when something is
drawn. The figure is an ordinary `plotly.graph_objects.Figure` to its user.
"""

from __future__ import annotations

import json
from typing import Any

import plotly.graph_objects as go

from cxlab.plots.shown import MIME
from cxlab.plots.texts import sentence_case, wrapped
from cxlab.plots.theme import MUTED, template

PLOTLY_MIME = "application/vnd.plotly.v1+json"
CONFIG = {"displayModeBar": False, "responsive": True}


class Chart(go.Figure):
    """A figure and, beside it, what a page prints around it (`shown`)."""

    # plotly's own display asks nbformat for its version, which costs 2 s in a fresh kernel.
    _ipython_display_ = None
    # Its HTML form has another name in it each time, and fetches a script from the network.
    _repr_html_ = None

    def _repr_mimebundle_(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        drawn = json.loads(self.to_json(engine="json"))
        shown = getattr(self, "_shown", {})
        bundle = {PLOTLY_MIME: {**drawn, "config": CONFIG}, "text/plain": shown.get("alt", "chart")}
        return {**bundle, MIME: shown} if shown else bundle


def chart(
    traces: list[dict[str, Any]],
    layout: dict[str, Any],
    *,
    title: str,
    subtitle: str,
    alt: str,
    numbers: dict[str, Any],
) -> Chart:
    """The figure of `traces`, titled with its finding, with its numbers table beside it."""
    subtitle = sentence_case(subtitle)
    figure = Chart(data=traces, layout={"template": template(), **layout})
    small = f"<span style='font-size:13px;color:{MUTED}'>{wrapped(subtitle, width=96)}</span>"
    figure.update_layout(title_text=f"{wrapped(title, width=72)}<br>{small}")
    figure._shown = {
        "kind": "figure",
        "title": title,
        "subtitle": subtitle,
        "alt": alt,
        "table": numbers,
    }
    return figure
