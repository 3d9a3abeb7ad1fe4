"""What in a review should a person read, and why? The span of text is the reason.

Two things together make a mark on a buyer's side: a demand beyond what is owed, and a threat
to one's name that hangs on it, within three sentences (as marketplaces define what they
forbid: eBay, feedback extortion; Amazon, seller code of conduct). Late goods and a warning
are none: what was paid for, promised or is the law may be asked for in any tone. On the
seller's side: a refund, part or reward that hangs on a review, and gates before the bad ones.

What is only hinted at ("my silence costs fifty pounds") is not found: that would mark honest
reviews, too. A mark is a reason to read, never a verdict.

Not here: what is made of marks (reputation).
"""

from __future__ import annotations

import polars as pl

from cxlab.errors import require_columns
from cxlab.tally import Frame
from cxlab.text.clean import sentences, shown
from cxlab.text.integrity import cues

SIDES = {"demand": "buyer", "withholding": "seller", "gating": "seller"}
MARKS = {"mark": pl.String, "reason": pl.String, "asked_for": pl.Boolean}
WINDOW = 3
# What is read of a text, and quoted: longer ones are read as far as this.
READ, QUOTED = 4000, 320
_STRUCK = " ^ "


def marked(posts: Frame, *, text: str = "text") -> pl.DataFrame:
    """The posts with `mark`, `reason` and `asked_for`; no row is added or left out.

    `mark` is "demand", "withholding", "gating" or null; `reason` the sentences it rests on,
    as written, null where there is no mark; `asked_for` whether the text says that the
    review was asked for or rewarded. Null texts have neither. Raises ColumnMissing.
    """
    require_columns(posts, text, what="posts")
    rows = posts.lazy().collect().with_row_index("_row")
    found = _judged(_sentences(rows, text))
    joined = rows.join(found, on="_row", how="left", maintain_order="left")
    filled = pl.col("asked_for").fill_null(False)
    return joined.with_columns(filled).drop("_row")


def _sentences(rows: pl.DataFrame, text: str) -> pl.DataFrame:
    """One row per sentence of the texts that may hold anything: `said`, `plain`, its place."""
    known = rows.select("_row", said=shown(rows[text].cast(pl.String)).str.head(READ))
    patterns = cues.read().patterns
    # Letters are found many times as fast as words in a row.
    letters = pl.concat_str(pl.col("said").str.to_lowercase(), pl.lit(" "))
    plain = cues.laid_out(pl.col("said"))
    glance = pl.any_horizontal(
        plain.str.contains(patterns[kind]) for kind in ("lever", "act", "gate", "asked")
    )
    some = known.drop_nulls("said").filter(letters.str.contains_any([*cues.read().glance]))
    some = some.filter(glance)
    each = some.with_columns(sentences(some["said"]).alias("said")).explode("said")
    each = each.drop_nulls("said")
    struck = cues.laid_out(pl.col("said")).str.replace_all(patterns["void"], _STRUCK)
    return each.with_columns(struck.alias("plain"), at=pl.int_range(pl.len()).over("_row"))


def _judged(each: pl.DataFrame) -> pl.DataFrame:
    """One row per text with a mark or that was asked for."""
    patterns = cues.read().patterns
    has = {kind: pl.col("plain").str.contains(of) for kind, of in patterns.items()}
    flags = each.with_columns(has[kind].alias(kind) for kind in has if kind != "void")
    seller = pl.col("act") & pl.col("price")
    told = flags.with_columns(
        pl.when(seller)
        .then(pl.lit("withholding"))
        .when(pl.col("gate"))
        .then(pl.lit("gating"))
        .alias("seller"),
        # A firm's offer is not the writer's demand.
        *((pl.col(kind) & ~seller).alias(kind) for kind in ("gain", "more", "lever", "asked")),
    )
    demand = _demands(told).select("_row", pl.lit("demand").alias("mark"), "reason")
    firm = told.drop_nulls("seller").unique("_row", keep="first", maintain_order=True)
    firm = firm.select("_row", pl.col("seller").alias("mark"), _quoted(pl.col("said")))
    marks = pl.concat([firm, demand]).unique("_row", keep="first", maintain_order=True)
    asked = told.group_by("_row").agg(pl.col("asked").any().alias("asked_for"))
    return asked.join(marks, on="_row", how="left").select("_row", *MARKS)


def _demands(told: pl.DataFrame) -> pl.DataFrame:
    """The texts with a demand beyond what is owed that hangs on a threat, and the sentences."""
    kinds = ("gain", "more", "lever", "link", "owed")
    near = [pl.col("at").shift(-step).over("_row") for step in range(WINDOW)]
    windows = told.with_columns(
        *(
            pl.any_horizontal(
                pl.col(kind).shift(-step).over("_row").fill_null(False) for step in range(WINDOW)
            ).alias(f"_{kind}")
            for kind in kinds
        ),
        pl.max_horizontal(near).alias("_last"),
    )
    beyond = pl.col("_more") | (pl.col("_gain") & ~pl.col("_owed"))
    hits = windows.filter(beyond & pl.col("_lever") & pl.col("_link"))
    first = hits.group_by("_row").agg(pl.col("at").max(), pl.col("_last").first())
    # The last window that still holds everything begins where the matter does.
    inside = told.join(first.rename({"at": "_first"}), on="_row").filter(
        pl.col("at").is_between("_first", pl.col("_first") + WINDOW - 1)
        & pl.any_horizontal("gain", "more", "lever")
    )
    said = inside.sort("_row", "at").group_by("_row", maintain_order=True).agg("said")
    return said.select("_row", _quoted(pl.col("said").list.join(" ")))


def _quoted(said: pl.Expr) -> pl.Expr:
    return said.str.head(QUOTED).alias("reason")
