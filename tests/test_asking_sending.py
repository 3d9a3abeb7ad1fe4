"""The ledger and what is sent: once each, whatever breaks in between, by a real server."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from packs import ROOT
from polls import NOW, TODAY, Box, a_study, serving
from tiny import taken_in

from cxlab.asking import answered, drafts, known, leaving, ledger, polls, replies, sending, tokens
from cxlab.asking.smtp import Lost, Refused, Smtp
from cxlab.contact import Server
from cxlab.errors import (
    ColumnMissing,
    LedgerBusy,
    LedgerDamaged,
    NotSent,
    StudyInvalid,
    StudyNotFound,
    UnknownName,
)
from cxlab.metrics import turnout
from cxlab.study import Study


class Pile:
    """Takes every letter, but for some addresses what it is told to raise."""

    def __init__(self, **wrong: Exception) -> None:
        self.taken: list[str] = []
        self.wrong = wrong

    def deliver(self, letter: bytes, *, sender: str, to: str) -> None:
        error = self.wrong.get(to.partition("@")[0])
        if error is not None:
            raise error
        self.taken.append(to)


def poll(study: Study, name: str = "p1", *, days: int = 0, **how: Any) -> polls.Poll:
    return polls.poll(study, name, today=TODAY + timedelta(days=days), **how)


def send(of: polls.Poll, post: Any, *, count: int, kind: str = "invitation") -> sending.Sent:
    at = NOW + (of.today - TODAY)
    return polls.send(of, post=post, clock=lambda: at, kind=kind, count=count)


def states(study: Study) -> dict[str, str]:
    last = ledger.latest(ledger.read(study.folder / "asking"))
    return dict(last.select("customer_id", "state").iter_rows())


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return a_study(tmp_path / "study")


def test_a_draft_sends_nothing_and_can_be_made_again(study: Study) -> None:
    first = drafts.draft(poll(study), most=4)
    folder = poll(study).drafts("invitation")
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert first.height == 4
    assert drafts.draft(poll(study), most=4).equals(first)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == files
    assert ledger.read(study.folder / "asking").is_empty()
    assert (study.folder / "asking").stat().st_mode & 0o077 == 0


def test_the_list_of_a_draft_runs_no_formula(tmp_path: Path) -> None:
    study = a_study(tmp_path / "study", people=2)
    file = study.folder / "customers.csv"
    said = file.read_text().replace("Person 1", "=1+1").replace("p0@", "=p0@")
    file.write_text(said)
    drafts.draft(poll(study))
    with (poll(study).drafts("invitation") / drafts.LIST).open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["to"] for row in rows] == ["'=p0@example.com", "p1@example.com"]
    # The name keeps no sign that begins a formula; what else could is quoted.
    assert rows[1]["name"] == "1 1"
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_everybody_gets_one_letter_in_their_language_by_a_real_server(tmp_path: Path) -> None:
    box = Box()
    with serving(box) as port:
        study = a_study(tmp_path / "study", port=port)
        drafts.draft(poll(study))
        server = study.settings.asking.server
        with Smtp(server) as post:
            done = send(poll(study), post, count=6)
            again = send(poll(study), post, count=0)
    assert (done.counts["sent"], again.tried) == (6, 0)
    assert sorted(to for to, _ in box.taken) == [f"p{n}@example.com" for n in range(6)]
    letters = dict(box.taken)
    assert b"Guten Tag Person 0" in letters["p0@example.com"]
    assert b"Hello Person 1" in letters["p1@example.com"]
    assert letters["p1@example.com"].startswith(b"Date: Mon, 02 Nov 2026 09:00:00 +0000\r\n")
    assert set(states(study).values()) == {"sent"}


def test_what_the_server_says_decides(tmp_path: Path) -> None:
    box = Box()
    box.answers = {
        "p1@example.com": "550 nobody here",
        "p2@example.com": "451 later",
        "data:p3@example.com": "554 no spam",
        "data:p4@example.com": "drop",
    }
    with serving(box) as port:
        study = a_study(tmp_path / "study", port=port)
        drafts.draft(poll(study))
        with Smtp(study.settings.asking.server) as post:
            done = send(poll(study), post, count=6)
        box.answers.clear()
        with Smtp(study.settings.asking.server) as post:
            # Only what was put off is tried again.
            again = send(poll(study), post, count=1)
    assert done.counts == {"sent": 2, "refused": 2, "deferred": 1, "unclear": 1}
    assert again.counts["sent"] == 1
    assert states(study) == {
        **dict.fromkeys(["c0", "c2", "c5"], "sent"),
        **dict.fromkeys(["c1", "c3"], "refused"),
        "c4": "unclear",
    }


def test_a_wrong_count_and_no_server_send_nothing(study: Study) -> None:
    with pytest.raises(StudyNotFound, match="has no invitation drafted"):
        send(poll(study), Pile(), count=1)
    drafts.draft(poll(study))
    pile = Pile()
    with pytest.raises(StudyInvalid, match=r"to leave: 6; found 5\. Nothing was sent\."):
        send(poll(study), pile, count=5)
    with (
        pytest.raises(NotSent, match=r"no SMTP server answers at `127\.0\.0\.1` port 9 "),
        Smtp(Server(host="127.0.0.1", port=9, starttls=False)),
    ):
        pass
    assert pile.taken == []
    assert states(study) == {}


def test_a_password_goes_through_tls_only_and_stands_in_no_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(StudyInvalid, match="environment variable CXLAB_SMTP_PASSWORD"):
        Smtp(Server(host="mail.example", user="me"))
    monkeypatch.setenv("CXLAB_SMTP_PASSWORD", "secret")
    with pytest.raises(StudyInvalid, match="`starttls` must be true"):
        Smtp(Server(host="mail.example", user="me", starttls=False))
    with pytest.raises(StudyInvalid, match="must have `host`"):
        Smtp(Server())


def test_two_polls_ask_different_people_and_the_second_draft_knows_what_left_since(
    study: Study,
) -> None:
    for name in ("p1", "p2"):
        drafts.draft(poll(study, name), most=4)
    pile = Pile()
    send(poll(study, "p1"), pile, count=4)
    both = polls.waiting(poll(study, "p2"), ledger.read(study.folder / "asking"))
    assert both.height < 4
    send(poll(study, "p2"), pile, count=both.height)
    assert len(set(pile.taken)) == len(pile.taken)
    late = poll(study, "p3", days=89)
    assert drafts.draft(late).height == 6 - len(pile.taken)
    assert drafts.draft(poll(study, "p3", days=90)).height == 6


def test_a_letter_handed_over_to_another_tool_counts_as_sent(study: Study) -> None:
    drafts.draft(poll(study, "p1", channel="post"))
    assert polls.handed_over(poll(study, "p1", channel="post"), clock=lambda: NOW, count=6) == 6
    assert drafts.draft(poll(study, "p2")).is_empty()


def test_one_reminder_after_a_week_to_the_silent_only(study: Study) -> None:
    drafts.draft(poll(study))
    send(poll(study), Pile(), count=6)
    key = poll(study).key
    token = tokens.tokens(["c2"], poll="p1", key=key)[0]
    back = study.folder / "back.csv"
    back.write_text(f"id,token,submitdate\n1,{token},2026-11-03 10:00:00\n")
    replies.taken(poll(study, days=3), back, now=NOW)
    leaving.leave(study, ["c3"], now=NOW)
    pile = Pile()
    assert drafts.draft(poll(study, days=6), kind="reminder").is_empty()
    assert drafts.draft(poll(study, days=21), kind="reminder").is_empty()
    due = poll(study, days=7)
    assert drafts.draft(due, kind="reminder").height == 4
    # An answer that comes between the draft and the sending is the last word.
    late = tokens.tokens(["c5"], poll="p1", key=key)[0]
    back.write_text(f"id,token,submitdate\n2,{late},2026-11-09 08:00:00\n")
    replies.taken(due, back, now=NOW)
    send(due, pile, count=3, kind="reminder")
    assert sorted(pile.taken) == [f"p{n}@example.com" for n in (0, 1, 4)]
    assert drafts.draft(poll(study, days=15), kind="reminder").is_empty()
    assert send(poll(study, days=8), pile, count=0, kind="reminder").tried == 0


def test_so_many_refusals_in_a_row_stop_the_run(tmp_path: Path) -> None:
    study = a_study(tmp_path / "study", people=30)
    drafts.draft(poll(study))
    wrong = {f"p{n}": Refused(554, later=False) for n in range(30)}
    done = send(poll(study), Pile(**wrong), count=30)
    assert (done.counts["refused"], done.left) == (sending.IN_A_ROW, 10)
    assert done.stopped == "20 letters in a row were not taken"


def test_what_broke_off_while_sending_is_unclear_and_not_sent_again(study: Study) -> None:
    drafts.draft(poll(study))
    pile = Pile(p3=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        send(poll(study), pile, count=6)
    assert states(study)["c3"] == "sending"
    pile.wrong.clear()
    done = send(poll(study), pile, count=2)
    assert (done.resolved, done.counts["sent"]) == (1, 2)
    assert states(study)["c3"] == "unclear"
    assert pile.taken == [f"p{n}@example.com" for n in (0, 1, 2, 4, 5)]


def test_the_ledger_says_on_the_disk_what_is_about_to_leave(study: Study) -> None:
    drafts.draft(poll(study))

    class Watched(Pile):
        def deliver(self, letter: bytes, *, sender: str, to: str) -> None:
            super().deliver(letter, sender=sender, to=to)
            last = ledger.read(study.folder / "asking").tail(1)
            assert last.select("state", "customer_id").row(0) == ("sending", f"c{to[1]}")

    assert send(poll(study), Watched(), count=6).counts["sent"] == 6


def test_a_server_that_is_gone_leaves_the_rest_for_later(study: Study) -> None:
    drafts.draft(poll(study))
    pile = Pile(p1=Lost(), p2=NotSent("no SMTP server answers"))
    done = send(poll(study), pile, count=6)
    assert (done.counts["sent"], done.counts["unclear"], done.left) == (1, 1, 4)
    assert done.stopped == "no SMTP server answers"
    pile.wrong.clear()
    assert send(poll(study), pile, count=4).counts["sent"] == 4


KILLED = """
import sys
from datetime import UTC, date, datetime
from cxlab.asking import ledger, polls
from cxlab.study import open as open_study
of = polls.poll(open_study(sys.argv[1]), "p1", today=date(2026, 11, 2))
due = polls.waiting(of, ledger.read(of.folder))
done = polls.sent_by_server(
    of, clock=lambda: datetime.now(UTC), kind="invitation", count=int(sys.argv[2]) or due.height
)
"""


@pytest.mark.slow
def test_a_run_killed_at_any_moment_is_taken_up_without_a_second_mail(tmp_path: Path) -> None:
    box, dice, people, kills = Box(), random.Random(5), 60, 3
    with serving(box) as port:
        study = a_study(tmp_path / "study", people=people, port=port)
        drafts.draft(poll(study))
        command = [sys.executable, "-c", KILLED, str(study.folder)]
        left = [*sorted(dice.sample(range(1, people), kills)), None]
        for stop in left:
            process = subprocess.Popen([*command, "0"], cwd=ROOT, stderr=subprocess.PIPE)
            while stop is not None and len(box.taken) < stop and process.poll() is None:
                time.sleep(0.0002)
            if stop is not None:
                time.sleep(dice.random() * 0.004)
                process.kill()
            process.communicate()
            took = [to for to, _ in box.taken]
            assert len(took) == len(set(took))
    assert process.returncode == 0
    told = states(study)
    unclear = sum(state == "unclear" for state in told.values())
    assert len(told) == people
    assert unclear <= kills
    assert set(told.values()) <= {"sent", "unclear"}
    # A letter is missing only where nobody can know whether it left.
    assert people - unclear <= len(took) <= people


def test_a_last_line_broken_off_is_dropped_and_the_ledger_goes_on(study: Study) -> None:
    folder = study.folder / "asking"
    drafts.draft(poll(study))
    send(poll(study), Pile(), count=6)
    file = folder / ledger.FILE
    whole = file.read_bytes()
    for cut in (1, 5, len(whole.splitlines()[-1])):
        file.write_bytes(whole[:-cut])
        assert ledger.read(folder).height == 11
        with ledger.opened(folder) as book:
            book.append([ledger.record("opted_out", at=NOW, contact={"customer_id": "c9"})])
        assert ledger.read(folder)["state"].to_list()[-1] == "opted_out"
    file.write_bytes(whole[:-3] + b"x\n")
    assert ledger.read(folder).height == 11


def test_a_ledger_changed_by_hand_stops_everything(study: Study) -> None:
    drafts.draft(poll(study))
    send(poll(study), Pile(), count=6)
    file = study.folder / "asking" / ledger.FILE
    file.write_bytes(file.read_bytes().replace(b'"c1"', b'"c7"', 1))
    with pytest.raises(LedgerDamaged, match=r"line \d of 12 is not. Restore it from a backup"):
        drafts.draft(poll(study, "p2"))


def test_one_run_at_a_time_writes_the_ledger(study: Study) -> None:
    with (
        ledger.opened(study.folder / "asking"),
        pytest.raises(LedgerBusy, match="another run is writing the ledger"),
    ):
        drafts.draft(poll(study))


def test_the_ledger_holds_no_address_and_no_name(study: Study) -> None:
    drafts.draft(poll(study))
    send(poll(study), Pile(), count=6)
    text = (study.folder / "asking" / ledger.FILE).read_text()
    assert "example.com" not in text
    assert "Person" not in text
    assert (study.folder / "asking" / ledger.FILE).stat().st_mode & 0o077 == 0


def test_a_second_account_of_a_mailbox_is_left_alone_by_later_polls(tmp_path: Path) -> None:
    study = a_study(tmp_path / "study", people=2)
    drafts.draft(poll(study))
    send(poll(study), Pile(), count=2)
    file = study.folder / "customers.csv"
    file.write_text(file.read_text() + "new,customer,a,true,Else,P1@Example.com\n")
    again = taken_in(study.folder)
    assert drafts.draft(poll(again, "p2", days=30)).is_empty()


def test_whoever_leaves_by_a_token_or_an_id_is_never_asked_again(study: Study) -> None:
    drafts.draft(poll(study))
    send(poll(study), Pile(), count=6)
    token = tokens.tokens(["c1"], poll="p1", key=poll(study).key)[0]
    assert leaving.leave(study, [token.upper(), "c2", "c2"], now=NOW) == 2
    assert leaving.leave(study, ["c2"], now=NOW) == 0
    with pytest.raises(UnknownName, match="one of those given is neither"):
        leaving.leave(study, ["c3", "nobody"], now=NOW)
    assert drafts.draft(poll(study, "p2", days=400))["customer_id"].to_list() == [
        *("c0", "c3", "c4", "c5")
    ]


def test_every_reply_is_accounted_for(study: Study) -> None:
    drafts.draft(poll(study), most=5)
    send(poll(study), Pile(), count=5)
    asked = ledger.latest(ledger.read(study.folder / "asking"))["customer_id"].to_list()
    silent = next(f"c{n}" for n in range(6) if f"c{n}" not in asked)
    made = tokens.tokens([*asked, silent], poll="p1", key=poll(study).key).to_list()
    other = tokens.tokens(["c1"], poll="p1", key=b"another secret of another study.")[0]
    rows = [
        (made[0], "2026-11-02 19:00:00"),
        (made[0], "2026-11-04 09:00:00"),
        (made[1], ""),
        (f" {made[1].upper()} ", "2026-11-03 09:00:00"),
        (made[2], "2026-11-23 09:00:01"),
        (made[3], "2026-11-23T08:59:59Z"),
        (made[5], "2026-11-03 09:00:00"),
        (other, "2026-11-03 09:00:00"),
        (made[0][:-1] + "x", "2026-11-03 09:00:00"),
        ("", "2026-11-03 09:00:00"),
    ]
    lines = [f"{n},{token},{ended}" for n, (token, ended) in enumerate(rows)]
    back = study.folder / "back.csv"
    back.write_text("\n".join(["id,token,submitdate", *lines]) + "\n")
    found = replies.taken(poll(study), back, now=NOW)
    assert found["state"].to_list() == [
        *("joined", "duplicate", "duplicate", "joined", "late", "joined"),
        *("not_sent", "stranger", "stranger", "empty"),
    ]
    assert sum(replies.counts(found).values()) == found.height
    assert found["hours"][0] == pytest.approx(10.0)
    before = ledger.read(study.folder / "asking")
    assert replies.taken(poll(study), back, now=NOW).equals(found)
    assert ledger.read(study.folder / "asking").equals(before)
    with pytest.raises(ColumnMissing, match="replies must have `tokken`"):
        replies.read(back, token="tokken")


def test_response_rates_and_the_reminder_by_hand(study: Study) -> None:
    """Six invited; one bounces, one answers at once, five reminded of whom two answer."""
    line = {"poll": "p1", "channel": "email"}
    rows = [("c0", "refused", "invitation", 0, "550")]
    rows += [(f"c{n}", "sent", "invitation", 0, "") for n in range(1, 6)]
    rows += [("c1", "answered", "invitation", 5, "complete")]
    rows += [(f"c{n}", "sent", "reminder", 168, "") for n in range(2, 6)]
    rows += [("c2", "answered", "invitation", 170, "complete")]
    rows += [("c3", "answered", "invitation", 180, "partial")]
    rows += [("c4", "opted_out", "invitation", 181, "")]
    told = pl.DataFrame(
        [
            {**line, "customer_id": who, "state": state, "kind": kind, "note": note}
            | {"at": (NOW + timedelta(hours=hours)).isoformat()}
            for who, state, kind, hours, note in rows
        ]
    )
    with ledger.opened(study.folder / "asking") as book:
        book.append_many(told)
    until = NOW + timedelta(hours=240)
    records = ledger.read(study.folder / "asking")
    found = answered.invitations(records, poll="p1", until=until, zone="Europe/London")
    assert found["outcome"].to_list() == [
        *("not_reached", "complete", "complete", "partial", "refused", "unknown")
    ]
    assert found["hours"].to_list() == [240, 5, 170, 180, 240, 240]
    rates = dict(turnout.rates(found).select("rate", "share").iter_rows())
    assert rates["RR2"] == pytest.approx(3 / 6)
    around = answered.around_reminder(found)
    assert around.select("part", "base", "count").rows() == [
        ("before it", 6, 1),
        ("after it", 4, 2),
        ("in all", 6, 3),
    ]
    curve = answered.waits(found)
    assert curve["share"].to_list()[-1] == pytest.approx(0.4)


def test_a_studys_own_invitations_count_as_contacts(tmp_path: Path) -> None:
    more = """
[[files]]
path = "invited.csv"
table = "events"
[files.columns]
event_id = "id"
customer_id = "who"
at = "at"
[files.constants]
asset = "invitation"
channel = "email"
[fieldwork.invitations]
table = "events"
where = { asset = "invitation" }
"""
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "invited.csv").write_text("id,who,at\n1,c1,2026-10-30 10:00:00\n")
    study = a_study(tmp_path / "study", more=more)
    past = known.past(study, pl.DataFrame(schema=ledger.SCHEMA), today=TODAY)
    assert past.contacts["customer_id"].to_list() == ["c1"]
    assert "c1" not in drafts.draft(poll(study))["customer_id"].to_list()


def test_a_name_of_a_poll_is_no_path(study: Study) -> None:
    for name in ("../x", "A", "", "a/b"):
        with pytest.raises(UnknownName, match="must be small letters"):
            poll(study, name)


def test_a_secret_that_was_lost_is_not_made_up(study: Study) -> None:
    key = poll(study).key
    assert poll(study).key == key
    file = study.folder / "asking" / tokens.FILE
    assert file.stat().st_mode & 0o077 == 0
    file.write_text("short")
    with pytest.raises(StudyInvalid, match=r"it is too short\. Restore it"):
        _ = replace(poll(study)).key
