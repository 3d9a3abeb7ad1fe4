"""Google Forms and Microsoft Forms: grids, check-boxes, rankings and their times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from surveys_read import column, read
from tiny import responses

from cxlab.codebook import Scale
from cxlab.load import ticks
from cxlab.load.loaded import Loaded

GOOGLE = (
    '"Timestamp","Email Address","How was it?","Which did you use?","Rate us [Speed]",'
    '"Rate us [Price]","Anything else?"\n'
    '"2026/10/31 11:50:00 PM GMT+1","a@example.org","5","Web, Shop","Good","Fair","fine, thanks"\n'
    '"2026/10/03 2:05:06 PM GMT+2","","4","Shop","Good","Good","slow, dear, and far"\n'
    '"2026/10/03 12:00:00 AM GMT+2","","5","Phone, Shop","Poor","Fair",""\n'
    '"2026/10/04 9:00:00 AM GMT+2","","3","Web, Phone, by post","Good","Poor","a, b"\n'
)


def google(folder: Path, content: str = GOOGLE) -> Loaded:
    (folder / "a.csv").write_text(content, encoding="utf-8")
    return read(folder / "a.csv")


def test_check_boxes_are_spread_and_the_cell_stays(tmp_path: Path) -> None:
    loaded = google(tmp_path)
    assert (loaded.format, loaded.rows) == ("google-forms", 4)
    name = "Which did you use?"
    assert column(loaded, name)[0] == "Web, Shop"
    assert column(loaded, f"{name} [Web]") == ["1", "0", "0", "1"]
    assert column(loaded, f"{name} [Shop]") == ["1", "1", "1", "0"]
    assert column(loaded, f"{name} [other answers]") == [None, None, None, "by post"]
    assert loaded.items[f"{name} [Web]"].kind == "multi-select"


def test_rows_of_a_grid_know_their_question(tmp_path: Path) -> None:
    loaded = google(tmp_path)
    speed = loaded.items["Rate us [Speed]"]
    assert (speed.group, speed.option, speed.wording) == ("Rate us", "Speed", "Rate us - Speed")
    assert speed.choices == ("Fair", "Good", "Poor")


def test_prose_is_no_list(tmp_path: Path) -> None:
    loaded = google(tmp_path)
    assert loaded.items["Anything else?"].kind == "text"
    assert not [name for name in loaded.columns if name.startswith("Anything else? [")]


def test_the_offset_of_a_timestamp_is_kept(tmp_path: Path) -> None:
    loaded = google(tmp_path)
    assert column(loaded, "Timestamp") == [
        "2026-10-31T23:50:00+01:00",
        "2026-10-03T14:05:06+02:00",
        "2026-10-03T00:00:00+02:00",
        "2026-10-04T09:00:00+02:00",
    ]
    assert loaded.personal == ("Email Address",)


def test_timestamps_become_times_in_the_study(tmp_path: Path) -> None:
    toml = """zone = "America/New_York"
[[files]]
path = "a.csv"
table = "responses"
columns = { response_id = { row = true }, finished_at = "Timestamp" }
items = { used = "Which did you use? [Web]" }
[items.used]
construct = "touchpoint"
"""
    frame = responses(tmp_path, toml, a_csv=GOOGLE)
    assert [str(day) for day in frame["date"]] == [
        *("2026-10-31", "2026-10-03", "2026-10-02", "2026-10-04"),
    ]
    assert frame["used"].to_list() == [1, 0, 0, 1]


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (("13/10/2026 14:05:06", "3/10/2026 9:00:00"), "2026-10-13T14:05:06"),
        (("10/13/2026 14:05:06", "10/3/2026 9:00:00"), "2026-10-13T14:05:06"),
        (("03/10/2026 14:05:06", "04/10/2026 9:00:00"), "03/10/2026 14:05:06"),
        (("2026/10/03 14:05:06", "2026/10/04 9:00:00"), "2026-10-03T14:05:06"),
        (("13/10/2026 14:05:06", "10/13/2026 9:00:00"), "13/10/2026 14:05:06"),
        (("3 Oct 2026", "4 Oct 2026"), "3 Oct 2026"),
    ],
)
def test_the_day_and_the_month_are_never_guessed(
    tmp_path: Path, cells: tuple[str, str], found: str
) -> None:
    content = "Timestamp,How was it?\n" + "".join(f"{cell},5\n" for cell in cells)
    loaded = google(tmp_path, content)
    assert column(loaded, "Timestamp")[0] == found
    unsure = "`Timestamp` may begin with the day or the month: declare its format"
    assert loaded.notes == ((unsure,) if "/2026" in found else ())


@pytest.mark.parametrize(
    ("offset", "iso"), [("GMT", "+00:00"), ("GMT-3", "-03:00"), ("GMT+5:30", "+05:30")]
)
def test_every_offset_google_writes_is_read(tmp_path: Path, offset: str, iso: str) -> None:
    loaded = google(tmp_path, f"Timestamp,How was it?\n2026/10/03 2:05:06 PM {offset},5\n")
    assert column(loaded, "Timestamp") == [f"2026-10-03T14:05:06{iso}"]


def test_a_log_with_a_timestamp_is_no_form(tmp_path: Path) -> None:
    assert google(tmp_path, "Timestamp,level,message\n2026-10-03,info,x\n").format == "csv"


HEADER = ["ID", "Start time", "Completion time", "Email", "Name"]
ASKED = ["How likely are you to recommend us?", "Which did you use?", "Rank these", "Speed"]


def microsoft(folder: Path, rows: list[list[Any]], *, since_1904: bool = False) -> Loaded:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    book = xlsxwriter.Workbook(folder / "a.xlsx", {"date_1904": since_1904})
    sheet = book.add_worksheet("Form1")
    for at, row in enumerate([[*HEADER, *ASKED], *rows]):
        sheet.write_row(at, 0, row)
    book.close()
    return read(folder / "a.xlsx")


def answer(id: int, *cells: Any, start: float = 46298.5, end: float = 46298.5625) -> list[Any]:
    return [id, start, end, "anonymous", "", *cells]


ROWS = [
    answer(1, 9, "Web;Shop;", "Price;Speed;Range;", "Good"),
    answer(2, 3, "Shop;", "Speed;Price;Range;", "Poor"),
    answer(3, 10, "", "", "Good"),
    answer(4, 10, "Phone;Web, mobile;", "Range;Price;Speed;", "Good"),
]


def test_microsoft_s_lists_are_spread(tmp_path: Path) -> None:
    loaded = microsoft(tmp_path, ROWS)
    assert (loaded.format, loaded.rows) == ("microsoft-forms", 4)
    used = {name: column(loaded, name) for name in loaded.columns if "use? [" in name}
    assert used == {
        "Which did you use? [Phone]": ["0", "0", None, "1"],
        "Which did you use? [Shop]": ["1", "1", None, "0"],
        "Which did you use? [Web]": ["1", "0", None, "0"],
        "Which did you use? [Web, mobile]": ["0", "0", None, "1"],
        "Which did you use? [other answers]": [None] * 4,
    }
    assert loaded.personal == ("Email", "Name")
    assert loaded.items["Speed"].choices == ("Good", "Poor")


def test_a_ranking_gives_each_option_its_place(tmp_path: Path) -> None:
    loaded = microsoft(tmp_path, ROWS)
    places = {name: column(loaded, name) for name in loaded.columns if name.startswith("Rank")}
    assert places["Rank these [Price]"] == ["1", "2", None, "2"]
    assert places["Rank these [Range]"] == ["3", "3", None, "1"]
    assert loaded.items["Rank these [Price]"].scale == Scale(1, 3, "down")


def test_serial_dates_are_times(tmp_path: Path) -> None:
    loaded = microsoft(tmp_path, ROWS)
    assert column(loaded, "Completion time")[0] == "2026-10-03T13:30:00"
    assert loaded.items["Start time"].kind == "time"


def test_serial_dates_of_a_workbook_that_counts_from_1904(tmp_path: Path) -> None:
    rows = [answer(1, 9, "Web;", "", "Good", start=44836.5, end=44836.5625)]
    loaded = microsoft(tmp_path, rows, since_1904=True)
    assert column(loaded, "Completion time")[0] == "2026-10-03T13:30:00"


def test_a_sheet_s_own_times_stay(tmp_path: Path) -> None:
    rows = [answer(1, 9, "Web;", "", "Good")]
    rows[0][1:3] = ["2026-10-03 12:00:00", "2026-10-03 12:05:00"]
    assert column(microsoft(tmp_path, rows), "Start time") == ["2026-10-03 12:00:00"]


@pytest.mark.parametrize(
    ("cells", "options"),
    [
        (["A, B", "A", "B, C", "C"], ("A", "B", "C")),
        (["Yes, often", "No, never", "Yes, often"], ()),
        (["A, B, C", "A, B, C", "C, D", "D, A, B"], ("A, B", "C", "D")),
        (["slow, dear", "kind, quick", "far, ugly"], ()),
        (["A, B"], ()),
        (["A, B", "A, B"], ()),
        ([], ()),
    ],
)
def test_a_list_is_told_from_prose(cells: list[str], options: tuple[str, ...]) -> None:
    assert ticks.options_in(cells, separator=", ") == options
