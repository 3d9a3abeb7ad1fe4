"""What customers are worth who may leave at any time, without saying so.

`buying` (BG/NBD) says how often they will buy, `spending` (Gamma-Gamma) how much each
time, `renewal` (shifted beta-geometric) who renews a contract. All are fitted by maximum
likelihood with scipy, and their intervals drawn from the likelihood's own curvature: the
package that once did this is archived, and its successor brings a sampler of 280 MB for
three or four numbers.

Not here: making the customer table from orders (metrics.linkage).
"""

from __future__ import annotations

from cxlab.stats.lifetime import buying, renewal, spending

__all__ = ["buying", "renewal", "spending"]
