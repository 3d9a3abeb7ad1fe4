"""Who asked not to be asked again? Written down once, and kept for good.

Not here: what follows from it (rules).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl

from cxlab.asking import addresses, ledger, tokens
from cxlab.asking.ledger import record
from cxlab.asking.polls import FOLDER
from cxlab.errors import UnknownName


def leave(study: Any, who: Sequence[str], *, now: datetime) -> int:
    """Write down that these do not want to be asked: ids of customers, or tokens of letters.

    Their addresses are kept out too, whoever else has them. Gives how many are new; raises
    UnknownName for one that is neither, and then writes nothing.
    """
    folder = study.folder / FOLDER
    key = tokens.secret(folder)
    with ledger.opened(folder) as book:
        people = study.customers.select("customer_id").collect().to_series()
        of_token = dict(
            book.records.drop_nulls(["token", "customer_id"])
            .unique("token", keep="first")
            .select("token", "customer_id")
            .iter_rows()
        )
        found = [_known(one, people, of_token) for one in who]
        gone = set(ledger.opted_out(book.records)["customer_id"].drop_nulls())
        new = [one for one in dict.fromkeys(found) if one not in gone]
        reach = addresses.known(study.settings, channel="email").filter(
            pl.col("customer_id").is_in(new)
        )
        digest = dict(zip(reach["customer_id"], tokens.digests(reach["to"], key=key), strict=True))
        told = [{"customer_id": one, "address": digest.get(one)} for one in new]
        book.append([record("opted_out", at=now, contact=contact) for contact in told])
    return len(new)


def _known(one: str, people: pl.Series, of_token: dict[str, str]) -> str:
    found = of_token.get(tokens.tidy(one))
    if found is not None:
        return found
    if one not in people:
        raise UnknownName(
            "whoever leaves must be a customer of the study, or have a token of a letter; one of "
            "those given is neither. Nothing was written down."
        )
    return one
