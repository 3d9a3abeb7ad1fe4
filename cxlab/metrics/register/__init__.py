"""Which needs do we work on, what do they rest on, and how do they stand now?

    read         the register of a study: requirements.toml, or its table `requirements`
    references   every reference of it, and whether the study has what it points at
    live         each need with its measure now and before, and its evidence now
    moved        which needs are new, persisting or vanishing between two periods
    checked      whether a sentence is a need, or a solution, a wish, a complaint, empty

Not here: finding needs in comments (text.needs), what goes with loyalty (drivers).
"""

from cxlab.metrics.register.entries import (
    REGISTER,
    from_file,
    from_mapping,
    from_table,
    read,
)
from cxlab.metrics.register.evidence import references
from cxlab.metrics.register.moving import moved
from cxlab.metrics.register.standing import live
from cxlab.metrics.register.wording import checked

__all__ = [
    "REGISTER",
    "checked",
    "from_file",
    "from_mapping",
    "from_table",
    "live",
    "moved",
    "read",
    "references",
]
