"""Peers' answers on control charts, breaks and trends, read from ../shared/cases.

Left out, with the reason: 08a the R chart and limits by ranges, 08c the spread by standard
deviations (other estimators than the package's own), 08d binary segmentation (no exact
search), 08e the variance of Hamed and Rao (months are taken as independent).
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from peers import NEEDED, data, expected

from cxlab.stats import breaks, control, trends

pytestmark = NEEDED
# The peer takes d2 of two from a printed table of three decimals.
PRINTED = 1e-3


def near(value: Any, *, to: float = 1e-9) -> Any:
    return pytest.approx(value, rel=to, abs=to)


def ends(found: pl.DataFrame) -> tuple[float, float]:
    return found.select("lower", "upper").row(-1)


@pytest.fixture(scope="module")
def rings() -> pl.DataFrame:
    y = pl.col("y")
    found = data("08a-xbar-s-piston").group_by("sample")
    return found.agg(base=pl.len(), mean=y.mean(), sd=y.std()).sort("sample")


def test_08a_means_of_samples(rings):
    want, found = expected("08a-xbar-s-piston")["xbar_by_sd"], control.xbar_chart(rings)
    assert control.within_deviation(rings) == near(want["std_dev"])
    assert found["centre"][0] == near(want["center"])
    assert ends(found) == near(tuple(want["limits"][0]))
    assert found.filter("out")["sample"].to_list() == want["beyond"]


def test_08a_spread_of_samples(rings):
    want, found = expected("08a-xbar-s-piston")["s_chart"], control.s_chart(rings)
    assert found["centre"][0] == near(want["center"])
    assert ends(found) == near(tuple(want["limits"][0]))
    assert found.filter("out")["sample"].to_list() == want["beyond"]


def test_08a_means_as_single_numbers(rings):
    want = expected("08a-xbar-s-piston")["individuals_of_means"]
    found = control.individuals(rings, value="mean")
    assert found["centre"][0] == near(want["center"])
    assert ends(found) == pytest.approx(tuple(want["limits"][0]), abs=1e-5)
    assert found.filter("out")["sample"].to_list() == want["beyond"]


@pytest.mark.parametrize(("chart", "name"), [("u_chart", "u"), ("np_chart", "np")])
def test_08b_counts(chart, name):
    want = expected("08b-pchart-orangejuice")[name]
    found = getattr(control, chart)(data("08b-pchart-orangejuice"), count="x", base="n")
    assert found["centre"][0] == near(want["center"])
    assert ends(found) == near(tuple(want["limits"][0]))


def test_08c_single_months():
    want, months = expected("08c-imr-ewma-cusum"), data("08c-imr-ewma-cusum")
    found = control.runs(control.individuals(months, value="y"), value="y")
    assert found["centre"][0] == near(want["i_center"])
    assert ends(found) == near(tuple(want["i_limits"]), to=PRINTED)
    assert found.filter("out")["month"].to_list() == want["beyond"]
    assert found.filter("long")["month"].to_list() == want["runs"]
    ranges = control.moving_range(months, value="y")
    assert ranges["centre"][0] == near(want["mr_center"])
    assert ends(ranges) == near(tuple(want["mr_limits"]), to=PRINTED)


def test_08c_charts_that_remember():
    want, months = expected("08c-imr-ewma-cusum"), data("08c-imr-ewma-cusum")
    smooth = control.ewma(months, value="y")
    assert smooth["smooth"][-1] == near(want["ewma_last"])
    assert ends(smooth) == near(tuple(want["ewma_limits_last"]), to=PRINTED)
    wandered = control.cusum(months, value="y").select("above", "below").row(-1)
    assert wandered == near((want["cusum_pos_last"], want["cusum_neg_last"]), to=PRINTED)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_08d_the_best_breaks(count):
    want = expected("08d-changepoints")[f"dynp_{count}"]
    # The peer looks at stretches of two months or more.
    found = breaks.breaks(data("08d-changepoints")["y"], count=count, shortest=2)
    assert found["last"].to_list() == want["breaks"]
    assert found["cost"][0] == near(want["cost"])


def test_08d_as_many_breaks_as_pay():
    want = expected("08d-changepoints")
    values, price = data("08d-changepoints")["y"], want["pelt_penalty"]
    found = breaks.breaks_worth(values, price=price, shortest=2)
    assert found["last"].to_list() == want["pelt"]


def test_08e_rise_and_fall():
    want, found = expected("08e-mann-kendall"), trends.trend(data("08e-mann-kendall")["y"])
    told = {"S": "s", "var_S": "variance", **{name: name for name in ("z", "p", "tau")}}
    told |= {name: name for name in ("slope", "intercept")}
    row = found.row(0, named=True)
    assert {name: row[ours] for name, ours in told.items()} == near(
        {name: want[name] for name in told}
    )


def test_08e_month_beside_the_same_month():
    want = expected("08e-mann-kendall")
    found = trends.seasonal_trend(data("08e-mann-kendall")["y"]).row(0, named=True)
    assert (found["z"], found["p"], found["slope"]) == near(
        (want["seasonal_z"], want["seasonal_p"], want["seasonal_slope"])
    )
