"""One period of one study as pages that anybody can open.

`running` executes the notebooks, `page` turns each into HTML, `front` writes the front page
from the findings of all, `pack` binds and publishes them, `verify` checks what was published.

The only door to papermill and nbconvert; both are loaded when a report is rendered.
"""

from __future__ import annotations

from cxlab.report.pack.render import Pack, render

__all__ = ["Pack", "render"]
