"""Answer sheets as Qualtrics exports them: names, wordings, import ids, then numeric codes."""

from datetime import timedelta

from cxlab.demo.dice import Dice
from cxlab.demo.exports import csv_bytes
from cxlab.demo.needs import FEATURES
from cxlab.demo.places import ABOUT, EXPORT_NAMES, TOUCHPOINTS
from cxlab.demo.sheet import Sheet
from cxlab.demo.survey import Answers

CLOCK = "%Y-%m-%d %H:%M:%S"
STANDARD = {
    "StartDate": ("Start Date", "startDate"),
    "EndDate": ("End Date", "endDate"),
    "Status": ("Response Type", "status"),
    "IPAddress": ("IP Address", "ipAddress"),
    "Progress": ("Progress", "progress"),
    "Duration (in seconds)": ("Duration (in seconds)", "duration"),
    "Finished": ("Finished", "finished"),
    "RecordedDate": ("Recorded Date", "recordedDate"),
    "ResponseId": ("Response ID", "_recordId"),
    "RecipientLastName": ("Recipient Last Name", "recipientLastName"),
    "RecipientFirstName": ("Recipient First Name", "recipientFirstName"),
    "RecipientEmail": ("Recipient Email", "recipientEmail"),
    "ExternalReference": ("External Data Reference", "externalDataReference"),
    "LocationLatitude": ("Location Latitude", "locationLatitude"),
    "LocationLongitude": ("Location Longitude", "locationLongitude"),
    "DistributionChannel": ("Distribution Channel", "distributionChannel"),
    "UserLanguage": ("User Language", "userLanguage"),
}
LEAD = "Thinking of your latest contact with us, how would you rate … - "
QUESTIONS = {
    "Q1": "How likely are you to recommend Alder & Finch to a friend or colleague?",
    "Q2": "Overall, how satisfied are you with Alder & Finch?",
    "Q3": "Alder & Finch made it easy for me to do what I wanted to do.",
    "Q4": "How likely are you to buy from Alder & Finch again?",
    **{f"Q5_{at}": LEAD + ABOUT[name] for at, name in enumerate(TOUCHPOINTS, 1)},
    "Q6": "Compared with what you expected, was it …",
    "Q7_1": "How far do you agree? - I trust Alder & Finch",
    "Q7_2": "How far do you agree? - Alder & Finch keeps its promises",
    "Q7_3": "How far do you agree? - Alder & Finch is honest with its customers",
    **{
        f"Q8_{at}": f"How important to you is … - {ABOUT[name]}"
        for at, name in enumerate(TOUCHPOINTS, 1)
    },
    **{
        f"Q9_{at}{side}": f"How would you feel if we {verb} … - {feature.replace('_', ' ')}"
        for at, feature in enumerate(FEATURES, 1)
        for side, verb in (("a", "had"), ("b", "did not have"))
    },
    "Q10": "What is the main reason for your answer?",
    "Q11": "What should we do better?",
}
EMBEDDED = ("wave", "sent", "channel", "unit", "help_used")


def export(sheets: list[Answers], *, seed: int, year: str) -> bytes:
    """One year's export, with previews, a test and a few rows that cannot be right."""
    dice = Dice(seed, f"qualtrics/{year}")
    columns = [*STANDARD, *QUESTIONS, *EMBEDDED]
    rows = [_row(dice, sheet) for sheet in sheets]
    _blur(dice, rows, columns)
    rows = [*_trials(dice, rows, columns), *rows]
    _break(rows, columns)
    wordings = [*(wording for wording, _ in STANDARD.values()), *QUESTIONS.values(), *EMBEDDED]
    ids = [*(code for _, code in STANDARD.values()), *map(_import_id, QUESTIONS), *EMBEDDED]
    under = [wordings, [f'{{"ImportId":"{code}"}}' for code in ids]]
    return csv_bytes(Sheet(columns, rows), encoding="utf-8-sig", under_header=under)


def _import_id(question: str) -> str:
    number, _, part = question[1:].partition("_")
    return f"QID{number}{'_' + part if part else ''}" + ("_TEXT" if number in ("10", "11") else "")


def _row(dice: Dice, sheet: Answers) -> list[str]:
    done, asked = sheet.reached == 100, sheet.asked
    ended = (sheet.started + timedelta(seconds=sheet.seconds)).strftime(CLOCK)
    return [
        sheet.started.strftime(CLOCK),
        ended,
        "0",
        # 192.0.2.0/24 is kept for documentation.
        "" if dice.chance(0.85) else f"192.0.2.{dice.between(1, 254)}",
        str(sheet.reached),
        str(sheet.seconds),
        "1" if done else "0",
        ended,
        sheet.id,
        *("", "", ""),
        asked.person.id if asked.person else "",
        *("", ""),
        "email" if asked.person else "anonymous",
        sheet.language,
        *_asked(sheet),
        sheet.visit.month,
        asked.sent.strftime(CLOCK) if asked.person else "",
        EXPORT_NAMES[sheet.visit.channel],
        sheet.visit.unit,
        sheet.visit.helped,
    ]


def _asked(sheet: Answers) -> list[str]:
    """The answers in the order of QUESTIONS; those behind the point of leaving are blank."""
    marks = sheet.opinion
    answers = [
        *map(str, (marks.recommend, marks.satisfaction, marks.effort, marks.repurchase)),
        *(str(marks.touchpoints[name]) for name in TOUCHPOINTS),
        *map(str, (marks.expectation, *marks.trust)),
        *(str(sheet.importance.get(name, "")) for name in TOUCHPOINTS),
        *(str(code) for code in sheet.kano or [""] * 2 * len(FEATURES)),
        sheet.why,
        sheet.better,
    ]
    seen = len(answers) * sheet.reached // 100
    return [answer if at < seen else "" for at, answer in enumerate(answers)]


def _blur(dice: Dice, rows: list[list[str]], columns: list[str]) -> None:
    """Questions left out, and the 11 this tool stores for "don't know"."""
    first, last = columns.index("Q1"), columns.index("Q7_3")
    for row in rows:
        for at in range(first, last + 1):
            if row[at] and dice.chance(0.015):
                row[at] = "11" if at == first else ""


def _trials(dice: Dice, rows: list[list[str]], columns: list[str]) -> list[list[str]]:
    """The researcher's own previews (1) and test run (2), before the field work began."""
    trials = [list(row) for row in rows[:4]]
    for number, row in enumerate(trials):
        row[columns.index("Status")] = "2" if number == 3 else "1"
        row[columns.index("ResponseId")] = f"R_preview{dice.between(100000, 999999)}{number}"
        row[columns.index("Q10")] = "test test"
    return trials


def _break(rows: list[list[str]], columns: list[str]) -> None:
    """About one row in five hundred is wrong in one of six ways, and one came twice."""
    wrong = (
        ("Q1", "12"),
        ("EndDate", "2026-02-31 10:00:00"),
        ("Q2", "7"),
        ("ResponseId", ""),
        ("Q5_5", "9"),
        ("Q3", "very easy"),
    )
    for number, row in enumerate(rows[300::500]):
        column, value = wrong[number % len(wrong)]
        row[columns.index(column)] = value
    rows.extend(list(row) for row in rows[450::2500])
