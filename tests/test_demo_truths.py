"""Are the planted truths in the exports, and is the empty study empty?

Every truth has a twin here that reads the raw files with the standard library alone and
gives an estimate (positive as planted) and its standard error.
"""

import csv
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from statistics import fmean, variance

import pytest

from cxlab import demo

SHIPPED = Path(__file__).parents[1] / "data" / "demo"
TOUCH = [
    "range",
    "price",
    "site",
    "checkout",
    "delivery",
    "packaging",
    "staff",
    "returns",
    "support",
]
Row = dict[str, str]
Estimate = tuple[float, float]


class Raw:
    """The exports of one study, as rows of text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def table(self, name: str, *, encoding: str = "utf-8", delimiter: str = ",") -> list[Row]:
        text = (self.folder / "raw" / name).read_text(encoding=encoding)
        return list(csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter))

    def lines(self, name: str) -> list[dict]:
        return [json.loads(line) for line in (self.folder / "raw" / name).open(encoding="utf-8")]

    @cached_property
    def accounts(self) -> dict[str, Row]:
        rows = self.table("crm_accounts.csv", encoding="windows-1252", delimiter=";")
        return {row["Account ID"]: row for row in reversed(rows)}

    @cached_property
    def sheets(self) -> list[Row]:
        rows = []
        for path in sorted((self.folder / "raw").glob("survey_*.csv")):
            rows += self.table(path.name, encoding="utf-8-sig")[2:]
        kept = {row["ResponseId"]: row for row in rows if row["Status"] == "0"}
        for row in kept.values():
            account = self.accounts.get(row["ExternalReference"], {})
            row["segment"], row["region"] = account.get("Segment", ""), account.get("Region", "")
        return list(kept.values())

    @cached_property
    def tickets(self) -> list[dict]:
        text = (self.folder / "raw" / "helpdesk_tickets.json").read_text(encoding="utf-8")
        return [ticket for ticket in json.loads(text)["tickets"] if ticket["created_at"]]

    @cached_property
    def orders(self) -> list[Row]:
        return self.table("shop_orders.csv")

    @cached_property
    def units(self) -> dict[tuple[str, str, str], float]:
        return {
            (row["unit"], row["month"], row["metric"]): float(row["value"])
            for row in self.table("operations.csv")
        }

    @cached_property
    def comments(self) -> list[tuple[str, str]]:
        pairs = [(row["wave"], row[question]) for row in self.sheets for question in ("Q10", "Q11")]
        return [pair for pair in pairs if pair[1]]


def codes(rows: Iterable[Row], column: str, *, top: int) -> list[float]:
    """Scored codes only: the declared not-applicable code and the broken rows are left out."""
    cells = [row[column] for row in rows]
    return [float(cell) for cell in cells if cell.isdigit() and int(cell) <= top]


def touch(rows: Iterable[Row], name: str) -> list[float]:
    return codes(rows, f"Q5_{TOUCH.index(name) + 1}", top=5)


def points(rows: Iterable[Row]) -> list[float]:
    return [100 * ((mark > 8) - (mark < 7)) for mark in codes(rows, "Q1", top=10)]


def gap(high: list[float], low: list[float]) -> Estimate:
    se = math.sqrt(variance(high) / len(high) + variance(low) / len(low))
    return fmean(high) - fmean(low), se


def together(*signed: tuple[int, Estimate]) -> Estimate:
    return sum(sign * one[0] for sign, one in signed), math.hypot(*(one[1] for _, one in signed))


def flags(rows: Iterable, holds: Callable) -> list[float]:
    return [float(bool(holds(row))) for row in rows]


def correlation(pairs: list[tuple[float, float]]) -> Estimate:
    xs, ys = zip(*pairs, strict=True)
    mx, my = fmean(xs), fmean(ys)
    top = sum((x - mx) * (y - my) for x, y in pairs)
    return top / math.sqrt(
        sum((x - mx) ** 2 for x in xs) * sum((y - my) ** 2 for y in ys)
    ), 1 / math.sqrt(len(pairs))


def split(rows: Iterable[Row], **conditions: str) -> tuple[list[Row], list[Row]]:
    inside, outside = [], []
    for row in rows:
        fits = all(row[column] == value for column, value in conditions.items())
        (inside if fits else outside).append(row)
    return inside, outside


def hours(ticket: dict) -> float:
    from datetime import datetime

    opened, answered = ticket["created_at"], ticket["metrics"]["first_reply_at"]
    return (datetime.fromisoformat(answered) - datetime.fromisoformat(opened)).seconds / 3600 + (
        24 * (datetime.fromisoformat(answered) - datetime.fromisoformat(opened)).days
    )


LAST, TRAINING, REDESIGN, FIX, LEAVING = "2026-10", "2026-03", "2026-02", "2026-05", "2026-04"
TRAINED = {f"shop-{town}" for town in ["leeds", "camden", "bristol", "derby", "glasgow", "cardiff"]}
MEASURES: dict[str, Callable[[Raw], Estimate]] = {}


def measure(function: Callable[[Raw], Estimate]) -> Callable[[Raw], Estimate]:
    MEASURES[function.__name__] = function
    return function


@measure
def mobile_trails(raw: Raw) -> Estimate:
    mobile, others = split(raw.sheets, channel="Mobile app")
    return gap(points(others), points(mobile))


@measure
def delivery_matters_most(raw: Raw) -> Estimate:
    found = {}
    for at, name in enumerate(TOUCH, 1):
        cells = [(row[f"Q5_{at}"], row["Q2"]) for row in raw.sheets]
        pairs = [
            (float(a), float(b)) for a, b in cells if a in "12345" and b in "12345" and a and b
        ]
        found[name] = correlation(pairs)
    delivery = found.pop("delivery")
    return delivery[0] - fmean(one[0] for one in found.values()), delivery[1]


@measure
def october_delivery_north(raw: Raw) -> Estimate:
    north = [row for row in raw.sheets if row["region"] == "North"]
    now, before = split(north, wave=LAST)
    return gap(points(before), points(now))


@measure
def october_courier_comments(raw: Raw) -> Estimate:
    return theme(raw, r"courier|northern depot|sat in the depot", LAST)


@measure
def sign_in_theme(raw: Raw) -> Estimate:
    words = r"passkey|sign.?in|signing in|log ?in\b|locked out"
    return theme(raw, words, LAST)


@measure
def january_returns(raw: Raw) -> Estimate:
    return theme(raw, r"christmas|gift receipt|a present from", "2026-01")


def theme(raw: Raw, words: str, month: str) -> Estimate:
    pattern = re.compile(words, re.IGNORECASE)
    inside = flags((text for wave, text in raw.comments if wave == month), pattern.search)
    outside = flags((text for wave, text in raw.comments if wave != month), pattern.search)
    return fmean(inside) - fmean(outside), math.sqrt(fmean(inside + outside) / len(inside) + 1e-9)


@measure
def october_cases(raw: Raw) -> Estimate:
    found = Counter(
        ticket["created_at"][:7]
        for ticket in raw.tickets
        if ticket["issue"] == "delivery"
        and raw.accounts[ticket["requester"]["external_id"]]["Region"] == "North"
    )
    now = found.pop(LAST)
    usual = fmean(found.values())
    return math.log(now / usual), 1 / math.sqrt(usual)


@measure
def january_cases(raw: Raw) -> Estimate:
    now = [t["issue"] == "returns" for t in raw.tickets if t["created_at"][:7] == "2026-01"]
    rest = [t["issue"] == "returns" for t in raw.tickets if t["created_at"][:7] != "2026-01"]
    return gap([float(x) for x in now], [float(x) for x in rest])


@measure
def punctuality_chain(raw: Raw) -> Estimate:
    cells = defaultdict(list)
    for row in raw.sheets:
        if row["unit"].startswith("depot") and row["wave"] != LAST:
            cells[row["unit"], row["wave"]].append(row)
    pairs = [
        (raw.units[unit, month, "on_time_share"], fmean(touch(rows, "delivery")))
        for (unit, month), rows in cells.items()
    ]
    return correlation(pairs)


@measure
def staff_before_customers(raw: Raw) -> Estimate:
    staff = _pulse(raw)
    cells = defaultdict(list)
    for row in raw.sheets:
        if row["unit"].startswith("shop"):
            cells[row["unit"], row["wave"]].append(row)
    pairs = [
        (staff[unit, earlier], fmean(codes(rows, "Q2", top=5)))
        for (unit, month), rows in cells.items()
        if (unit, earlier := _before(month)) in staff and len(rows) > 3
    ]
    return correlation(pairs)


def _before(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year - (number == 1)}-{number - 1 or 12:02d}"


def _pulse(raw: Raw) -> dict[tuple[str, str], float]:
    import fastexcel

    book = fastexcel.read_excel(raw.folder / "raw" / "staff_pulse.xlsx")
    rows = book.load_sheet("Pulse").to_polars().iter_rows()
    return {(unit, month): value for unit, month, metric, value in rows if metric == "engagement"}


@measure
def training_works(raw: Raw) -> Estimate:
    cells: dict[tuple[bool, bool], list[Row]] = defaultdict(list)
    for row in raw.sheets:
        if row["unit"].startswith("shop"):
            cells[row["unit"] in TRAINED, row["wave"] >= TRAINING].append(row)
    rated = {key: touch(rows, "staff") for key, rows in cells.items()}
    return together(
        (1, gap(rated[True, True], rated[True, False])),
        (-1, gap(rated[False, True], rated[False, False])),
    )


@measure
def weak_shop(raw: Raw) -> Estimate:
    shops = [row for row in raw.sheets if row["unit"].startswith("shop")]
    hull, others = split(shops, unit="shop-hull")
    return gap(points(others), points(hull))


@measure
def redesign_lifts_effort(raw: Raw) -> Estimate:
    web, others = split(raw.sheets, channel="Website")
    changes = []
    for rows in (web, others):
        after = codes((row for row in rows if row["wave"] >= REDESIGN), "Q3", top=7)
        changes.append(gap(after, codes((r for r in rows if r["wave"] < REDESIGN), "Q3", top=7)))
    return together((1, changes[0]), (-1, changes[1]))


@measure
def returns_fix_moves_its_moment(raw: Raw) -> Estimate:
    rows = [row for row in raw.sheets if row["wave"] != "2026-01"]
    after, before = (
        [row for row in rows if row["wave"] >= FIX],
        [r for r in rows if r["wave"] < FIX],
    )
    return gap(touch(after, "returns"), touch(before, "returns"))


@measure
def hybrid_help(raw: Raw) -> Estimate:
    hybrid, _ = split(raw.sheets, help_used="hybrid")
    technical, _ = split(raw.sheets, help_used="technical")
    return gap(points(hybrid), points(technical))


@measure
def trade_range(raw: Raw) -> Estimate:
    trade, others = split(raw.sheets, segment="Trade")
    return gap(touch(others, "range"), touch(trade, "range"))


@measure
def occasional_less_happy(raw: Raw) -> Estimate:
    occasional, others = split((row for row in raw.sheets if row["segment"]), segment="Occasional")
    return gap(points(others), points(occasional))


@measure
def occasional_answer_less(raw: Raw) -> Estimate:
    asked = [row["contact"] for row in raw.table("invitations.csv")]
    segments = Counter(raw.accounts[contact]["Segment"] for contact in asked)
    answered = Counter(row["segment"] for row in raw.sheets if row["segment"])
    low = answered["Occasional"] / segments["Occasional"]
    rest, base = (
        answered.total() - answered["Occasional"],
        segments.total() - segments["Occasional"],
    )
    return rest / base - low, math.sqrt(0.25 / base + 0.25 / segments["Occasional"])


@measure
def value_gap(raw: Raw) -> Estimate:
    rows = raw.table("management_beliefs.csv")
    guesses = [float(row["answer"]) for row in rows if row["question"] == "price"]
    return gap(guesses, touch(raw.sheets, "price"))


@measure
def loyal_buy_more(raw: Raw) -> Estimate:
    bought = Counter(row["Customer"] for row in raw.orders)
    known = [
        row
        for row in raw.sheets
        if raw.accounts.get(row["ExternalReference"], {}).get("Account Type") == "Customer"
    ]
    often = [row for row in known if bought[row["ExternalReference"]] >= 4]
    seldom = [row for row in known if bought[row["ExternalReference"]] <= 1]
    return gap(points(often), points(seldom))


@measure
def trade_buys_more(raw: Raw) -> Estimate:
    bought = Counter(row["Customer"] for row in raw.orders)
    accounts = [row for row in raw.accounts.values() if row["Account Type"] == "Customer"]
    trade, others = split(accounts, Segment="Trade")
    counts = [[float(bought[row["Account ID"]]) for row in rows] for rows in (trade, others)]
    return gap(*counts)


@measure
def christmas_season(raw: Raw) -> Estimate:
    months = Counter(row["Created at"][:7] for row in raw.orders)
    season = fmean(months[month] for month in ("2025-11", "2025-12"))
    rest = fmean(count for month, count in months.items() if month[5:] not in ("11", "12"))
    return math.log(season / rest), 1 / math.sqrt(2 * rest) + 0.02


@measure
def families_leaving(raw: Raw) -> Estimate:
    rows = [row for row in raw.accounts.values() if row["Account Type"] != "Prospect"]
    families, others = split(rows, Segment="Families")
    return gap(flags(families, _left_lately), flags(others, _left_lately))


def _left_lately(row: Row) -> bool:
    closed = row["Closed On"]
    return bool(closed) and f"{closed[6:]}-{closed[3:5]}" >= LEAVING


@measure
def unhappy_leave(raw: Raw) -> Estimate:
    left, stayed = [], []
    for row in raw.sheets:
        account = raw.accounts.get(row["ExternalReference"])
        # In the last month everybody is less happy, and leavers are no longer asked.
        if account and account["Account Type"] != "Prospect" and row["wave"] != LAST:
            (left if account["Closed On"] else stayed).append(row)
    return gap(points(stayed), points(left))


@measure
def vips_sooner(raw: Raw) -> Estimate:
    waits: dict[bool, list[float]] = {True: [], False: []}
    for ticket in raw.tickets:
        if ticket["metrics"]["first_reply_at"]:
            promised = PROMISED[ticket["via"]["channel"]]
            waits[ticket["requester"]["influence"] >= 0.8].append(
                math.log(hours(ticket) / promised)
            )
    return gap(waits[False], waits[True])


PROMISED = {"walk_in": 0.25, "web": 24, "mobile_sdk": 4, "voice": 0.1, "chat": 0.2, "email": 24}


@measure
def chat_promise_broken(raw: Raw) -> Estimate:
    def kept(ticket: dict) -> bool:
        if not ticket["metrics"]["first_reply_at"]:
            return False
        return hours(ticket) <= PROMISED[ticket["via"]["channel"]]

    chat = [ticket for ticket in raw.tickets if ticket["via"]["channel"] == "chat"]
    rest = [ticket for ticket in raw.tickets if ticket["via"]["channel"] != "chat"]
    return gap(flags(rest, kept), flags(chat, kept))


@measure
def broken_handoff(raw: Raw) -> Estimate:
    def handed_on(ticket: dict) -> bool:
        return ticket["metrics"]["group_changes"] > 0

    spot = [t for t in raw.tickets if (t["via"]["channel"], t["issue"]) == ("walk_in", "delivery")]
    rest = [t for t in raw.tickets if (t["via"]["channel"], t["issue"]) != ("walk_in", "delivery")]
    return gap(flags(spot, handed_on), flags(rest, handed_on))


@measure
def handing_on_costs(raw: Raw) -> Estimate:
    rated = [ticket for ticket in raw.tickets if ticket["rating"]]
    moved = [float(t["rating"]) for t in rated if t["metrics"]["group_changes"]]
    return gap([float(t["rating"]) for t in rated if not t["metrics"]["group_changes"]], moved)


@measure
def review_burst(raw: Raw) -> Estimate:
    months = Counter(post["posted"][:7] for post in raw.lines("reviews.jsonl"))
    burst = months.pop(FIX)
    return math.log(burst / fmean(months.values())), 1 / math.sqrt(45)


@measure
def october_reviews(raw: Raw) -> Estimate:
    posts = [post for post in raw.lines("reviews.jsonl") if post["posted"][:7] != FIX]
    now = [float(post["stars"]) for post in posts if post["posted"][:7] == LAST]
    return gap([float(post["stars"]) for post in posts if post["posted"][:7] != LAST], now)


@measure
def extortion(raw: Raw) -> Estimate:
    demands = r"free plus|no cost|AND i keep|five stars\. Your choice"
    return float(
        sum(bool(re.search(demands, post["text"])) for post in raw.lines("reviews.jsonl"))
    ), 1.0


@measure
def banner_works(raw: Raw) -> Estimate:
    return _conversion(raw, "free-returns-banner")


def _conversion(raw: Raw, test: str) -> Estimate:
    rows = [row for row in raw.table("experiments.csv") if row["test"] == test]
    arms = split(rows, variant="variant")
    return gap(*(flags(arm, lambda row: row["converted"] == "true") for arm in arms))


@measure
def reminder_lopsided(raw: Raw) -> Estimate:
    rows = [row for row in raw.table("experiments.csv") if row["test"] == "push-reminder"]
    share = fmean(flags(rows, lambda row: row["variant"] == "variant"))
    return share - 0.5, math.sqrt(0.25 / len(rows))


@measure
def delivery_wanted_most(raw: Raw) -> Estimate:
    marks = {"best": 1.0, "none": 0.0, "worst": -1.0}
    found = defaultdict(list)
    for row in raw.table("best_worst.csv"):
        found[row["offer"]].append(marks[row["picked"]])
    return gap(found["Delivery on the day promised"], found["Gift wrapping"])


@measure
def tracking_must_be(raw: Raw) -> Estimate:
    def must(at: int) -> list[float]:
        rows = [row for row in raw.sheets if row[f"Q9_{at}a"] and row[f"Q9_{at}b"]]
        return flags(rows, lambda row: row[f"Q9_{at}a"] in "234" and row[f"Q9_{at}b"] == "5")

    return gap(must(1), must(4))


@measure
def stated_importance(raw: Raw) -> Estimate:
    return gap(codes(raw.sheets, "Q8_5", top=5), codes(raw.sheets, "Q8_6", top=5))


@measure
def assets_differ(raw: Raw) -> Estimate:
    journeys = defaultdict(set)
    for event in raw.lines("web_events.jsonl"):
        journeys[event["journey"]].add(event["asset"])
    bought = {
        asset: flags((j for j in journeys.values() if asset in j), lambda seen: "basket" in seen)
        for asset in ("lookbook-video", "style-quiz")
    }
    return gap(bought["lookbook-video"], bought["style-quiz"])


@measure
def one_idea_leads(raw: Raw) -> Estimate:
    rows = raw.table("ideas.csv")
    parts = [float(row["up"]) for row in rows if "Spare parts" in row["title"]]
    return gap(parts, [float(row["up"]) for row in rows if "Spare parts" not in row["title"]])


@measure
def stale_directory(raw: Raw) -> Estimate:
    dates = {row["channel"]: row["updated"] for row in raw.table("channel_directory.csv")}
    return float(dates["email"] < dates["chat"]), 0.01


@pytest.fixture(scope="module")
def shipped() -> Raw:
    return Raw(SHIPPED)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    folder = tmp_path_factory.mktemp("null")
    demo.write(folder, null=True)
    return Raw(folder)


TRUTHS = json.loads((SHIPPED / "truths.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth["id"])
def test_each_planted_truth_is_in_the_exports(truth: dict, shipped: Raw) -> None:
    estimate, se = MEASURES[truth["id"]](shipped)

    assert estimate >= truth["at_least"]
    assert estimate > 2.5 * se


@pytest.mark.parametrize("name", MEASURES)
def test_the_empty_study_has_none_of_them(name: str, empty: Raw) -> None:
    estimate, se = MEASURES[name](empty)

    assert abs(estimate) < 3.5 * se


def test_every_truth_has_a_twin_and_every_twin_a_truth() -> None:
    assert {truth["id"] for truth in TRUTHS} == set(MEASURES)
    assert len(TRUTHS) >= 18


def test_mobile_is_twenty_points_below_each_other_channel_in_the_last_month(shipped: Raw) -> None:
    last, _ = split(shipped.sheets, wave=LAST)
    scores = {
        channel: fmean(points(row for row in last if row["channel"] == channel))
        for channel in {row["channel"] for row in last}
    }
    mobile = scores.pop("Mobile app")

    assert min(scores.values()) - mobile >= 20


def test_the_last_month_is_clearly_worse_than_the_one_before(shipped: Raw) -> None:
    now, _ = split(shipped.sheets, wave=LAST)
    before, _ = split(shipped.sheets, wave="2026-09")
    fall, se = gap(points(before), points(now))

    assert fall > 3.3 * se


def test_the_colour_of_a_button_does_nothing(shipped: Raw) -> None:
    estimate, se = _conversion(shipped, "button-colour")

    assert abs(estimate) < 2 * se


def test_the_returns_portal_did_not_move_satisfaction(shipped: Raw) -> None:
    rows = [row for row in shipped.sheets if row["wave"] != LAST]
    after = codes((row for row in rows if row["wave"] >= FIX), "Q2", top=5)
    estimate, _ = gap(after, codes((row for row in rows if row["wave"] < FIX), "Q2", top=5))

    assert abs(estimate) < 0.08
