"""What goes with what people say: do they stay, buy, and bring money?

Attitude and behaviour of the same people in one picture. Each question is one file:
`table` makes one customer table of purchase, service, values and feedback, the other
files read it or the tables it was made from.

Time order is always stated: what people do counts from after their answer, never
before. Nothing here is causal: an attitude goes with what people do, it is not shown
to bring it about.

Not here: the statistics themselves (stats), small bases and personal data (guard).
"""

from __future__ import annotations
