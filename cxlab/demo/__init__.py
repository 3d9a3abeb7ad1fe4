"""An invented study: Alder & Finch, homeware, written as the exports of real tools.

`write` makes a whole study folder whose planted effects are written down beside it, so
that anybody can ask whether a report finds what is there, and stays silent where
nothing is. Every person, order and comment is invented.
"""

from cxlab.demo.write import write

__all__ = ["write"]
