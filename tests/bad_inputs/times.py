"""Dates that are none, that can be read two ways, and that fall in another month elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bad_inputs.case import Case


def moments(
    name: str,
    good: Sequence[tuple[str, str | None]],
    bad: Sequence[str] = (),
    *,
    zone: str = "UTC",
    column: str = "finished_at",
    **source: object,
) -> Case:
    """A file of times; those to be read come first, each with its day in the study's zone."""
    cells = [cell for cell, _ in good] + list(bad)
    lines = ["id\tat", *[f"{number}\t{cell}" for number, cell in enumerate(cells)]]
    return Case(
        name,
        ("\n".join(lines) + "\n").encode(),
        {"date": [day and date.fromisoformat(day) for _, day in good]},
        rejected={len(good) + 2 + at: "not a" for at in range(len(bad))},
        columns={column: {"column": "at", **source}},
        plain=False,
        zone=zone,
    )


OCTOBER = "2026-10-31 23:30:00Z"
CASES = (
    Case(
        "zone-of-the-tool.csv",
        b"id,at\n1,2026-10-31 18:30:00\n2,2026-10-31 17:59:00\n",
        {"date": [date(2026, 11, 1), date(2026, 10, 31)]},
        columns={"finished_at": {"column": "at", "zone": "America/Denver"}},
        plain=False,
        zone="Europe/London",
    ),
    moments("serial-dates.csv", [("2026-10-31 12:00:00", "2026-10-31")], ["46326", "46326.5"]),
    moments(
        "day-first-undeclared.csv",
        [("2026-10-03", "2026-10-03")],
        ["31/10/2026", "03.10.2026", "10/11/2026 14:00", "3 Oct 2026"],
    ),
    moments(
        "day-first.csv",
        [("03/10/2026", "2026-10-03"), ("31/10/2026", "2026-10-31")],
        ["10/31/2026", "31/02/2026", "2026-10-03", "31/10/26", "31/10/26x"],
        format="%d/%m/%Y",
        column="date",
    ),
    moments(
        "day-first-times.csv",
        [("31/10/2026 23:30", "2026-10-31")],
        ["31/10/2026", "31/10/2026 24:30"],
        format="%d/%m/%Y %H:%M",
    ),
    moments(
        "no-such-day.csv",
        [("2024-02-29 10:00:00", "2024-02-29")],
        [
            "2026-02-31 10:00:00",
            "2025-02-29 10:00:00",
            "2026-13-01 10:00:00",
            "2026-00-10 10:00:00",
            "2026-10-00 10:00:00",
            "0000-00-00 00:00:00",
        ],
    ),
    moments(
        "no-such-date.csv",
        [("2024-02-29", "2024-02-29"), ("", None)],
        [
            "2026-02-31",
            "2025-02-29",
            "1900-02-29",
            "2026-13-01",
            "0000-00-00",
            "26-10-03",
            "2026-10-3x",
            "20261003",
        ],
        column="date",
    ),
    moments(
        "no-such-time.csv",
        [("2026-10-31 23:59:59", "2026-10-31")],
        [
            "2026-10-31 24:00:00",
            "2026-10-31 25:10:00",
            "2026-10-31 23:60:00",
            "2026-10-31 23:59:61",
            "2026-10-31 -1:00:00",
        ],
    ),
    moments(
        "leap-second.csv",
        [("2016-12-31 23:59:59", "2016-12-31")],
        ["2016-12-31 23:59:60", "2016-12-31T23:59:60Z"],
    ),
    moments(
        "far-years.csv",
        [("1970-01-01 00:00:00", "1970-01-01"), ("+2026-10-03 10:00:00", "2026-10-03")],
        ["12026-10-03 10:00:00", "-026-10-03 10:00:00"],
    ),
    moments(
        "other-digits-in-dates.csv",
        [("2026-10-31 10:00:00", "2026-10-31")],
        ["２０２６-10-31 10:00:00", "٢٠٢٦-١٠-٣١"],
    ),
    moments(
        "words-for-dates.csv",
        [("", None), ("2026-10-31T10:00", "2026-10-31")],
        ["yesterday", "NA", "null", "n/a", "-", "2026-10", "2026", "2026-W44-6"],
    ),
    moments(
        "london.csv",
        [(OCTOBER, "2026-10-31"), ("2026-10-24 23:30:00Z", "2026-10-25")],
        zone="Europe/London",
    ),
    moments(
        "auckland.csv",
        [
            (OCTOBER, "2026-11-01"),
            ("2026-10-31 10:59:59Z", "2026-10-31"),
            ("2026-10-31 11:00:00Z", "2026-11-01"),
        ],
        zone="Pacific/Auckland",
    ),
    moments(
        "honolulu.csv",
        [("2026-11-01 09:59:59Z", "2026-10-31"), ("2026-11-01T10:00:00Z", "2026-11-01")],
        zone="Pacific/Honolulu",
    ),
    moments(
        "offsets.csv",
        [
            ("2026-10-31T23:30:00-05:00", "2026-11-01"),
            ("2026-11-01T00:30:00+13:00", "2026-10-31"),
            ("2026-11-01 00:30:00+0530", "2026-10-31"),
            ("2026-10-31T23:30Z", "2026-10-31"),
            ("2026-10-31T23:59:59.999999Z", "2026-10-31"),
            ("2026-10-31 23:30:00", "2026-10-31"),
        ],
        ["2026-10-31T23:30:00+25:00", "2026-10-31T23:30:00 EST"],
    ),
    moments(
        "offsets-declared.csv",
        [("2026-10-31 23:30:00 -0500", "2026-11-01")],
        ["2026-10-31 23:30:00"],
        format="%Y-%m-%d %H:%M:%S %z",
    ),
    moments(
        "date-with-offset.csv",
        [("2026-10-31T23:30:00Z", "2026-11-01"), ("2026-10-31", "2026-10-31")],
        zone="Pacific/Auckland",
        column="date",
    ),
    moments(
        "spring-gap.csv",
        [("2026-03-29 00:59:59", "2026-03-29"), ("2026-03-29 02:00:00", "2026-03-29")],
        ["2026-03-29 01:00:00", "2026-03-29 01:30:00"],
        zone="Europe/London",
    ),
    moments(
        "autumn-overlap.csv",
        [
            ("2026-10-25 01:30:00", "2026-10-25"),
            ("2026-10-25 00:30:00Z", "2026-10-25"),
            ("2026-10-25 01:30:00Z", "2026-10-25"),
        ],
        zone="Europe/London",
    ),
    moments(
        "half-hour-overlap.csv", [("2026-04-05 01:45:00", "2026-04-05")], zone="Australia/Lord_Howe"
    ),
    moments(
        "midnight-gap.csv",
        [("2026-09-06 01:00:00", "2026-09-06")],
        ["2026-09-06 00:30:00"],
        zone="America/Santiago",
    ),
    moments(
        "skipped-day.csv",
        [("2011-12-31 00:30:00", "2011-12-31")],
        ["2011-12-30 12:00:00"],
        zone="Pacific/Apia",
    ),
    moments(
        "seconds-since.csv",
        [("1793489400", "2026-10-31")],
        ["1793489400x", "1e30", "nan"],
        format="epoch",
    ),
    moments(
        "two-formats.csv",
        [("31.10.2026", "2026-10-31"), ("2026-10-31", "2026-10-31")],
        ["10/31/2026"],
        format=["%d.%m.%Y", "%Y-%m-%d"],
        column="date",
    ),
)
