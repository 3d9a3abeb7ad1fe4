"""Which screens of a best-worst survey count, and how are exports read?

`choices` is the codebook's table: one row per option shown, with `response_id`, `task`,
`item` and `choice` (best, worst, none). A screen counts where exactly one option is best and
one other is worst; the others are left out, and `whole` says how many.

Not here: what the picks say (maxdiff).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from cxlab.errors import ColumnMissing, OutOfRange, require_columns
from cxlab.tally import Frame

PICKS = ("best", "worst", "none")
SCREEN = ("response_id", "task")
_ORDER = "DO-Q-"


def whole(choices: Frame) -> pl.DataFrame:
    """How many screens there are and count: one row `people`, `screens`, `base`, `left_out`.

    `base` are the screens that count. Raises ColumnMissing, OutOfRange for another pick.
    """
    rows = checked(choices)
    screens = rows.group_by(SCREEN).agg(_counts().alias("counts"))
    return screens.select(
        people=pl.col("response_id").n_unique().cast(pl.Int64),
        screens=pl.len().cast(pl.Int64),
        base=pl.col("counts").sum().cast(pl.Int64),
        left_out=(~pl.col("counts")).sum().cast(pl.Int64),
    )


def counted(choices: Frame, *, columns: Sequence[str] = ()) -> pl.DataFrame:
    """The rows of the screens that count, with the named columns; sorted."""
    rows = checked(choices, columns=columns).filter(_counts().over(SCREEN))
    return rows.sort([*SCREEN, "item"])


def checked(choices: Frame, *, columns: Sequence[str] = ()) -> pl.DataFrame:
    """The columns that count. Raises ColumnMissing, OutOfRange."""
    kept = list(dict.fromkeys([*SCREEN, "item", "choice", *columns]))
    require_columns(choices, kept, what="choices")
    rows = choices.lazy().select(kept).collect()
    odd = int((~rows["choice"].cast(pl.String).is_in(list(PICKS))).fill_null(True).sum())
    if odd:
        raise OutOfRange(f"choices must be best, worst or none; {odd} of {rows.height} are not.")
    return rows.with_columns(pl.col("item", "choice").cast(pl.String))


def from_qualtrics(
    export: Frame, *, items: Mapping[int, str], best: str, worst: str, person: str
) -> pl.DataFrame:
    """Choices from a wide Qualtrics export: columns `Q1_3` (question, option) and `DO-Q-Q1`.

    `items` names the options by number; `best` and `worst` are the codes in the cells, which
    every survey sets for itself; `DO-Q-…` holds the options shown, as in `8|11|4`. A
    question that a person did not meet makes no rows. Raises ColumnMissing, OutOfRange.
    """
    require_columns(export, person, what="export")
    rows = export.lazy().collect()
    tasks = [name.removeprefix(_ORDER) for name in rows.columns if name.startswith(_ORDER)]
    if not tasks:
        raise ColumnMissing("export must have the display order as `DO-Q-…` columns; it has none.")
    parts = [_screen(rows, task, items, best, worst, person) for task in tasks]
    return pl.concat(parts).sort([*SCREEN, "item"])


def _screen(
    rows: pl.DataFrame, task: str, items: Mapping[int, str], best: str, worst: str, person: str
) -> pl.DataFrame:
    shown = rows.select(
        pl.col(person).cast(pl.String).alias("response_id"),
        pl.col(_ORDER + task).cast(pl.String).str.split("|").alias("_option"),
    ).explode("_option", empty_as_null=True)
    shown = shown.filter(pl.col("_option").str.len_chars() > 0)
    unknown = shown.filter(~pl.col("_option").is_in([str(number) for number in items])).height
    if unknown:
        raise OutOfRange(
            f"items must name every option shown in `{_ORDER}{task}`; {unknown} have no name."
        )
    columns = {f"{task}_{number}": str(number) for number in items}
    require_columns(
        rows, [name for name in columns if name in rows.columns] or [*columns][:1], what="export"
    )
    cells = rows.select(
        pl.col(person).cast(pl.String).alias("response_id"),
        *(
            pl.col(name).cast(pl.String).alias(number)
            for name, number in columns.items()
            if name in rows.columns
        ),
    ).unpivot(index="response_id", variable_name="_option", value_name="_code")
    code = pl.col("_code").str.strip_chars()
    choice = pl.when(code == best).then(pl.lit("best")).when(code == worst).then(pl.lit("worst"))
    named = {str(number): name for number, name in items.items()}
    return shown.join(cells, on=["response_id", "_option"], how="left").select(
        "response_id",
        pl.lit(task).alias("task"),
        pl.col("_option").replace_strict(named).alias("item"),
        choice.otherwise(pl.lit("none")).alias("choice"),
    )


def _counts() -> pl.Expr:
    """Whether a screen has one best, one other worst, and no option twice."""
    choice = pl.col("choice")
    once = pl.col("item").n_unique() == pl.len()
    return ((choice == "best").sum() == 1) & ((choice == "worst").sum() == 1) & once
