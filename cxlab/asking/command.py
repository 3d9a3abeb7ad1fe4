"""`cxlab ask STUDY plan | draft | send | replies | leave | export`: what each takes and does.

Everything is a dry run until `send` is told to send, with the number of mails that are to
leave. Heavy imports wait until an action runs.

Not here: what is done (polls, plan, replies), the lines printed (said).
"""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cxlab.errors import NotSent


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `cxlab ask` takes."""
    parser.add_argument("study", metavar="STUDY", help="folder with study.toml")
    actions = parser.add_subparsers(required=True, metavar="ACTION", dest="action")

    def action(name: str, text: str, *, poll: bool = True) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=text, description=text, allow_abbrev=False)
        if poll:
            made.add_argument("--poll", required=True, metavar="NAME", help="such as 2026-11")
        made.add_argument("--channel", default="email", help="email, sms, phone or post")
        made.add_argument("--today", type=date.fromisoformat, help="default: today")
        return made

    plan = action("plan", "Say who may be asked, how short, how many; writes nothing.", poll=False)
    plan.add_argument("--by", default="segment", metavar="COLUMN", help="of customers")
    plan.add_argument("--half-width", type=float, default=0.05, metavar="W", help="of a share")
    plan.add_argument("--items", default="", metavar="A,B,C", help="to be asked; default: all")
    draft = action("draft", "Write letters and a list of them into the study; sends nothing.")
    draft.add_argument("--reminder", action="store_true", help="the one reminder, to the silent")
    draft.add_argument("--most", type=int, metavar="N", help="invite N people at most, drawn")
    draft.add_argument("--seed", type=int, default=0, metavar="S", help="another seed, other draws")
    draft.add_argument(
        "--items", default="", metavar="A,B,C", help="how long it takes; default: all"
    )
    send = action("send", "Say what would be sent; with --send and --count N, send it.")
    send.add_argument("--reminder", action="store_true", help="send the reminders drafted")
    send.add_argument("--send", action="store_true", help="really send, by the server of [asking]")
    send.add_argument("--handed-over", action="store_true", help="another tool sends the list")
    send.add_argument("--count", type=int, metavar="N", help="the number that is to leave")
    back = action("replies", "Join an export of answers to the invitations of a poll.")
    back.add_argument("file", metavar="FILE", help="an export of the survey tool")
    back.add_argument("--token", metavar="COLUMN", help="default: token, …")
    back.add_argument(
        "--ended", metavar="COLUMN", help="when it was finished; default: submitdate, …"
    )
    leave = action("leave", "Write down who asked not to be asked.", poll=False)
    leave.add_argument("who", nargs="+", metavar="ID", help="customer ids, or tokens of letters")
    export = action("export", "Write the questions for a survey tool.")
    export.add_argument("--to", default="all", help="lss, tsv, xlsform or all")
    export.add_argument("--items", default="", metavar="A,B,C", help="default: all")
    export.add_argument("--out", required=True, metavar="DIR", help="folder for the files")


def run(chosen: argparse.Namespace) -> list[str]:
    """Do what was asked; gives the lines to print."""
    from cxlab.study import open as open_study

    study = open_study(chosen.study)
    done: list[str] = {
        "plan": _plan,
        "draft": _draft,
        "send": _send,
        "replies": _replies,
        "leave": _leave,
        "export": _export,
    }[chosen.action](study, chosen)
    return done


def _plan(study: Any, chosen: argparse.Namespace) -> list[str]:
    from cxlab.asking import burden, plan, rules, said, selection

    found = plan.people(study, today=_today(study, chosen), channel=chosen.channel)
    inside = selection.inside(found)
    apart = selection.apart(found, columns=plan.compared(study))
    score, shifted = _shifted(study, found)
    items = _items(chosen)
    whole, few = plan.minutes(study, items or list(study.items["item"]))
    asked = [study.item(name) for name in items or study.items["item"]]
    lines = said.standing(inside, rules.counts(found))
    lines += said.selected(apart, shifted, measure=score)
    if chosen.by in found.columns:
        half = chosen.half_width
        lines += said.groups(plan.groups(study, found, by=chosen.by, half_width=half))
    lines += said.forms(plan.forms(study))
    return [*lines, *said.burden(whole, few, burden.items(asked, language=study.settings.language))]


def _shifted(study: Any, found: Any) -> tuple[str, Any]:
    from cxlab import scoreboard
    from cxlab.asking import plan, selection

    rated = [one for one in scoreboard.measures(study) if one.scale is not None]
    has = study.responses.collect_schema()
    if not rated or not {"customer_id", "date"} <= set(has):
        return "", None
    item = rated[0].item
    answers = study.responses.select("customer_id", "date", item).collect()
    within = next(iter(plan.compared(study)), None)
    return item, selection.shifted(found, answers, value=item, within=within)


def _draft(study: Any, chosen: argparse.Namespace) -> list[str]:
    from cxlab.asking import drafts, plan
    from cxlab.asking.ledger import INVITATION, REMINDER

    _, minutes = plan.minutes(study, _items(chosen) or list(study.items["item"]))
    of = _poll(study, chosen, seed=chosen.seed, minutes=minutes)
    kind = REMINDER if chosen.reminder else INVITATION
    made = drafts.draft(of, kind=kind, most=chosen.most)
    where = of.drafts(kind)
    return [f"{made.height:,} drafted; nothing was sent. Look at them, then: send.", str(where)]


def _send(study: Any, chosen: argparse.Namespace) -> list[str]:
    from cxlab.asking import plan, polls, said
    from cxlab.asking.ledger import INVITATION, REMINDER

    of = _poll(study, chosen)
    kind = REMINDER if chosen.reminder else INVITATION
    if not (chosen.send or chosen.handed_over):
        due = polls.waiting(of, plan.records(study), kind=kind)
        told = f"{due.height:,} would leave; nothing was sent."
        return [told, f"To send them: add --send --count {due.height}."]
    count = -1 if chosen.count is None else chosen.count
    if chosen.handed_over:
        done = polls.handed_over(of, clock=_now, kind=kind, count=count)
        return [f"{done:,} written down as sent by another tool."]
    gone = polls.sent_by_server(of, clock=_now, kind=kind, count=count)
    if gone.stopped:
        raise NotSent(" ".join(said.sent(gone)))
    return said.sent(gone)


def _replies(study: Any, chosen: argparse.Namespace) -> list[str]:
    from cxlab.asking import answered, plan, replies, said
    from cxlab.metrics import turnout

    of, now = _poll(study, chosen), _now()
    found = replies.taken(of, Path(chosen.file), now=now, token=chosen.token, ended=chosen.ended)
    lines = said.replies(found)
    asked = answered.invitations(plan.records(study), poll=of.name, until=now, zone=study.zone)
    if asked.is_empty():
        return lines
    rates = turnout.rates(asked, eligible=study.settings.fieldwork.eligible)
    return lines + said.answered(rates, answered.around_reminder(asked))


def _leave(study: Any, chosen: argparse.Namespace) -> list[str]:
    from cxlab.asking import leaving

    done = leaving.leave(study, chosen.who, now=_now())
    return [f"{done:,} will not be asked again."]


def _export(study: Any, chosen: argparse.Namespace) -> list[str]:
    from cxlab.asking import definitions

    form = definitions.of_study(study, name=chosen.poll, items=_items(chosen))
    return [str(path) for path in definitions.written(form, Path(chosen.out), to=chosen.to)]


def _poll(study: Any, chosen: argparse.Namespace, **how: Any) -> Any:
    from cxlab.asking import polls

    today = _today(study, chosen)
    return polls.poll(study, chosen.poll, today=today, channel=chosen.channel, **how)


def _items(chosen: argparse.Namespace) -> list[str]:
    return [name.strip() for name in chosen.items.split(",") if name.strip()]


def _today(study: Any, chosen: argparse.Namespace) -> date:
    from zoneinfo import ZoneInfo

    given: date | None = chosen.today
    return given or _now().astimezone(ZoneInfo(study.zone)).date()


def _now() -> datetime:
    return datetime.now(UTC)
