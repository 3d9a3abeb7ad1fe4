"""The look of every figure: one template, one accent, colours everybody can tell apart.

The categorical colours are Okabe and Ito's (2008), readable with any kind of colour
blindness. The page swaps these exact colours for their dark twins (pack.js).
"""

from __future__ import annotations

from typing import Any

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
# One size of text in every figure, that of the small print of the page around it.
SIZE = 14
INK, MUTED, GRID = "#1b1f24", "#5c6670", "#e3e7eb"
ACCENT, PLAIN, PAPER = "#0072b2", "#707b86", "#ffffff"
BAND = "rgba(0,114,178,0.16)"
# Okabe–Ito without black; yellow last, it is faint on white.
CATEGORIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442")
# From worst to best; orange against blue stays apart for every eye, grey is the middle.
DIVERGING = {
    2: ("#d55e00", "#0072b2"),
    3: ("#d55e00", "#c3c9cf", "#0072b2"),
    4: ("#d55e00", "#eda877", "#80b9d9", "#0072b2"),
    5: ("#d55e00", "#eda877", "#c3c9cf", "#80b9d9", "#0072b2"),
    6: ("#d55e00", "#e88a4d", "#f3c6a5", "#a8cfe5", "#5aa5cf", "#0072b2"),
    7: ("#d55e00", "#e88a4d", "#f3c6a5", "#c3c9cf", "#a8cfe5", "#5aa5cf", "#0072b2"),
}
# White text on all others; with these it would fall below a contrast of 4.5.
DARK_TEXT_ON = (
    *("#d55e00", "#c3c9cf", "#eda877", "#80b9d9", "#f3c6a5", "#a8cfe5", "#e88a4d", "#5aa5cf"),
)


def template() -> Any:
    """The plotly template of the lab, as a dictionary plotly accepts."""
    axis = {
        "gridcolor": GRID,
        "linecolor": GRID,
        "zeroline": False,
        "automargin": True,
        "ticks": "",
    }
    return {
        "layout": {
            "font": {"family": FONT, "size": SIZE, "color": INK},
            "title": {"x": 0, "xref": "paper", "xanchor": "left", "font": {"size": 18}},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(CATEGORIES),
            "margin": {"l": 8, "r": 8, "t": 84, "b": 8},
            "xaxis": {
                **axis,
                "fixedrange": True,
                "tickfont": {"color": MUTED, "size": SIZE},
                "tickangle": 0,
                "ticklabeloverflow": "allow",
            },
            "yaxis": {
                **axis,
                "fixedrange": True,
                "tickfont": {"color": INK, "size": SIZE},
                "ticklabelstandoff": 6,
            },
            "hoverlabel": {"font": {"family": FONT, "size": SIZE}, "align": "left"},
            "showlegend": False,
            "hovermode": "closest",
            "dragmode": False,
        }
    }
