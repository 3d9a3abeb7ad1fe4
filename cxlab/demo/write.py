"""One call: a study folder with exports, settings and the list of what is planted."""

import json
import re
from pathlib import Path

from cxlab.demo import cases, directory, journeys, management, needs, qualtrics, reviews, units
from cxlab.demo.exports import csv_bytes, json_bytes, json_lines, save, xlsx_bytes
from cxlab.demo.orders import orders, shop_export
from cxlab.demo.people import accounts
from cxlab.demo.settings_text import study_text
from cxlab.demo.sheet import Sheet
from cxlab.demo.survey import Answers, Invitation, answer_sheets, by_export, invitations
from cxlab.demo.truths import as_records, as_text, truths
from cxlab.demo.world import World, world
from cxlab.errors import OutOfRange


def write(
    folder: str | Path,
    *,
    customers: int = 6000,
    months: int = 18,
    last_month: str = "2026-10",
    seed: int = 7,
    null: bool = False,
) -> None:
    """Write the study into `folder`: study.toml, raw/, TRUTHS.md and truths.json.

    The same arguments give the same bytes. With `null` nothing is planted: channels,
    segments, units and months are exchangeable, and TRUTHS.md says so.

    Raises OutOfRange for fewer than 50 customers or 2 months, or a month not like 2026-10.
    """
    _require(customers, months, last_month)
    made = world(customers, months=months, last_month=last_month, seed=seed, null=null)
    planted = [] if null else truths(made)
    files = {f"raw/{name}": content for name, content in exports(made).items()}
    files["study.toml"] = study_text(made).encode()
    files["TRUTHS.md"] = as_text(planted).encode()
    files["truths.json"] = (json.dumps(as_records(planted), indent=1) + "\n").encode()
    save(Path(folder), files)


def _require(customers: int, months: int, last_month: str) -> None:
    if customers < 50:
        raise OutOfRange(f"customers must be at least 50; found {customers}.")
    if months < 2:
        raise OutOfRange(f"months must be at least 2; found {months}.")
    if not re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", last_month):
        raise OutOfRange(f"last_month must be a month like 2026-10; found `{last_month}`.")


def exports(made: World) -> dict[str, bytes]:
    """Every raw file by its name."""
    weather = units.climate(made)
    bought, asked = orders(made), invitations(made)
    sheets = answer_sheets(made, asked, weather)
    return {
        **_crm(made),
        **_surveys(made, asked, sheets),
        **_desk(made),
        **_public(made),
        **_company(made),
        "shop_orders.csv": csv_bytes(shop_export(bought)),
        "web_events.jsonl": json_lines(journeys.web_events(made)),
        "staff_pulse.xlsx": xlsx_bytes(units.staff_survey(made, weather), name="Pulse"),
        "operations.csv": csv_bytes(units.operations(made, weather, bought)),
    }


def _crm(made: World) -> dict[str, bytes]:
    sheet = accounts(made.people, seed=made.seed)
    content = csv_bytes(sheet, delimiter=";", encoding="windows-1252", newline="\r\n")
    return {"crm_accounts.csv": content}


def _surveys(made: World, asked: list[Invitation], sheets: list[Answers]) -> dict[str, bytes]:
    files = {
        f"survey_{year}.csv": qualtrics.export(part, seed=made.seed, year=year)
        for year, part in by_export(made, sheets)
    }
    sent = [
        [one.id, one.person.id, one.sent.strftime("%Y-%m-%d %H:%M")] for one in asked if one.person
    ]
    files["invitations.csv"] = csv_bytes(Sheet(["invitation", "contact", "sent"], sent))
    chosen = [sheet.id for sheet in sheets if sheet.asked.person and sheet.reached == 100][-180:]
    files["best_worst.csv"] = csv_bytes(needs.best_worst(made, chosen))
    return files


def _desk(made: World) -> dict[str, bytes]:
    found = cases.cases(made)
    return {
        "helpdesk_tickets.json": json_bytes(cases.desk_export(found, world=made)),
        "call_notes.csv": csv_bytes(cases.call_notes(found, world=made)),
        "channel_directory.csv": csv_bytes(directory.directory(made)),
    }


def _public(made: World) -> dict[str, bytes]:
    return {
        "reviews.jsonl": json_lines(reviews.reviews(made)),
        "forum.jsonl": json_lines(reviews.forum(made)),
        "ideas.csv": csv_bytes(management.ideas(made)),
    }


def _company(made: World) -> dict[str, bytes]:
    return {
        "management_beliefs.csv": csv_bytes(management.beliefs(made)),
        "experiments.csv": csv_bytes(management.experiments(made)),
        "requirements.csv": csv_bytes(management.requirements(made)),
    }
