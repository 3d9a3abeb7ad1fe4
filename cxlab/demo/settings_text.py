"""The study.toml of the invented study: a worked example that people copy and change."""

from collections.abc import Iterable

from cxlab.demo.needs import FEATURES
from cxlab.demo.places import ABOUT, SHOPS, TOUCHPOINTS, TRAINED
from cxlab.demo.world import World

TECHNOLOGY, PEOPLE = ("site", "checkout"), ("staff", "support")

HEAD = """\
# Alder & Finch: an invented homeware retailer, and a worked example of a study.
#
# A study is this file plus a folder of exports. The exports stay as the tools wrote them;
# this file says which file is which table, what its columns are called here, and what the
# codes mean. To start your own: copy this file, delete the blocks you have no export for
# (only responses are needed), and run `cxlab check` on the folder.

[study]
name = "Alder & Finch"            # shown in titles
language = "en"                   # language of the pages
zone = "Europe/London"            # where midnight is: decides which month an answer is in
currency = "GBP"
minimum_base = 10                 # groups with fewer answers are hidden
groups = ["channel", "segment"]   # scores are broken down by these
# weight = "weight"               # a column of responses, if every score is to be weighted

# ---------------------------------------------------------------- who: the CRM's list
# Semicolons, windows-1252 and decimal commas: declared, never guessed.
[[files]]
path = "raw/crm_accounts.csv"
table = "customers"
encoding = "windows-1252"
delimiter = ";"
decimal = ","

[files.columns]                   # name here = "name in the export"
customer_id = "Account ID"
segment = "Segment"               # responses borrow segment, region and kind by customer_id
region = "Region"
unit_id = "Home Shop"
value = "Annual Value"
influence = "Influence"
joined = { column = "Customer Since", format = "%d/%m/%Y" }
left = { column = "Closed On", format = "%d/%m/%Y" }
consent = "Marketing Consent"
name = "Contact Name"             # personal columns are checked, then left in raw/
email = "E-mail"
phone = "Phone"

[files.columns.kind]              # a recode: codes not listed are turned away and counted
column = "Account Type"
values = { "Prospect" = "prospect", "Customer" = "customer", "Former customer" = "former" }

# ---------------------------------------------------------------- what they say: the survey
# Qualtrics' three header rows are recognised; previews, tests and spam are turned away and
# counted. One block serves all years (a glob).
[[files]]
path = "raw/survey_*.csv"
table = "responses"
format = "qualtrics"
repeats = "first"                 # an answer sheet exported twice counts once

[files.columns]
response_id = "ResponseId"
customer_id = "ExternalReference"
wave = "wave"
sent_at = "sent"                  # times without an offset are read in the study's zone
started_at = "StartDate"
finished_at = "EndDate"
status = { column = "Finished", values = { "1" = "complete", "0" = "partial" } }
unit_id = "unit"
language = "UserLanguage"

[files.columns.channel]           # the survey says "E-mail", every other table "email"
column = "channel"

[files.columns.channel.values]
"Store" = "store"
"Website" = "web"
"Mobile app" = "mobile"
"Phone" = "phone"
"Live chat" = "chat"
"E-mail" = "email"

[files.constants]                 # columns the export does not have
survey = "relationship"

[files.attributes]                # more columns to group by; the names are free
help_used = "help_used"           # technical, human, hybrid or none

[files.items]                     # what this export calls each item
recommend = "Q1"
satisfaction = "Q2"
effort = "Q3"
repurchase = "Q4"
"""

TAIL = """
# ---------------------------------------------------------------- what they do: shop and web
[[files]]
path = "raw/shop_orders.csv"
table = "orders"

[files.columns]
order_id = "Name"
customer_id = "Customer"
at = "Created at"
amount = "Total"
currency = "Currency"
unit_id = "Location"
status = "Financial Status"

[files.columns.channel]
column = "Source"
values = { "Store" = "store", "Website" = "web", "Mobile app" = "mobile", "Phone" = "phone" }

[[files]]
path = "raw/web_events.jsonl"
table = "events"

[files.columns]
event_id = "id"
customer_id = "visitor"
at = "at"
kind = "type"
subject = "about"
channel = "channel"
mode = "mode"
stage = "stage"
journey = "journey"
asset = "asset"

# Being asked is an exposure, too: with these rows response rates can be computed.
[[files]]
path = "raw/invitations.csv"
table = "events"

[files.columns]
event_id = "invitation"
customer_id = "contact"
at = "sent"

[files.constants]
kind = "exposure"
subject = "company"
channel = "email"
mode = "technical"
stage = "feedback"
asset = "survey-invitation"

[fieldwork]                       # who was asked: response rates, and who did not answer
compare = ["segment", "region", "kind"]   # columns of customers, known of everybody asked

[fieldwork.invitations]
table = "events"
where = { asset = "survey-invitation" }

# ---------------------------------------------------------------- what we do: help desk, promises
# A JSON document: `records` names the list in it, dots lead into nested fields.
[[files]]
path = "raw/helpdesk_tickets.json"
table = "cases"
records = "tickets"

[files.columns]
case_id = "id"
customer_id = "requester.external_id"
influence = "requester.influence"
opened_at = "created_at"
first_answer_at = "metrics.first_reply_at"   # empty while the customer is waiting
resolved_at = "metrics.solved_at"
transfers = "metrics.group_changes"
reopened = "metrics.reopened"
issue = "issue"
priority = "priority"
unit_id = "group"
satisfaction = "rating"

[files.columns.channel]
column = "via.channel"

[files.columns.channel.values]
"walk_in" = "store"
"web" = "web"
"mobile_sdk" = "mobile"
"voice" = "phone"
"chat" = "chat"
"email" = "email"

[[files]]
path = "raw/call_notes.csv"
table = "comments"

[files.columns]
comment_id = "note"
question = "kind"
text = "text"
date = "day"

[[files]]
path = "raw/channel_directory.csv"
table = "channels"

[files.columns]
channel = "channel"
name = "name"
mode = "mode"
promised_first_answer_hours = "first_answer_h"
promised_resolution_hours = "resolved_h"
opens = "opens"
closes = "closes"
updated = "updated"

# ---------------------------------------------------------------- what others read: reviews, forum
[[files]]
path = "raw/reviews.jsonl"
table = "posts"

[files.columns]
post_id = "id"
at = "posted"
author = "author"
customer_id = "customer"
source = "source"
rating = "stars"
text = "text"
reach = "reach"
shares = "shares"
replied_at = "answered"

[[files]]
path = "raw/forum.jsonl"
table = "posts"

[files.columns]
post_id = "id"
at = "posted"
author = "author"
source = "source"
text = "text"
thread_id = "thread"
reply_to = "reply_to"

# ---------------------------------------------------------------- causes: units, staff, management
[[files]]
path = "raw/operations.csv"
table = "units"

[files.columns]
unit_id = "unit"
month = "month"
domain = "domain"
metric = "metric"
value = "value"

[[files]]
path = "raw/staff_pulse.xlsx"
table = "units"
sheet = "Pulse"

[files.columns]
unit_id = "Team"
month = "Month"
metric = "Question"
value = "Mean"

[files.constants]
domain = "staff"

[[files]]
path = "raw/management_beliefs.csv"
table = "beliefs"

[files.columns]
manager_id = "manager"
function = "function"
item = "question"
value = "answer"
date = "asked_on"

# ---------------------------------------------------------------- needs, experiments, ideas
[[files]]
path = "raw/best_worst.csv"
table = "choices"

[files.columns]
response_id = "respondent"
task = "task"
item = "offer"
choice = "picked"

[[files]]
path = "raw/experiments.csv"
table = "assignments"

[files.columns]
experiment = "test"
customer_id = "account"
arm = "variant"
assigned_at = "assigned"
exposed = "seen"
converted = "converted"
value = "revenue"

[[files]]
path = "raw/ideas.csv"
table = "ideas"

[files.columns]
idea_id = "id"
author = "author"
at = "created"
title = "title"
text = "body"
status = "state"
votes_up = "up"
votes_down = "down"

[[files]]
path = "raw/requirements.csv"
table = "requirements"

[files.columns]
requirement_id = "id"
need = "need"
evidence = "evidence"
requirement = "requirement"
design = "design"
measure = "measure"
owner = "owner"
who_can_act = "who_can_act"
status = "status"
date = "date"

# ---------------------------------------------------------------- journeys, and what we changed
[journeys]
stages = ["discover", "compare", "buy", "use"]   # their order; others come last
gap_days = 30                     # so long without an event ends a journey without a name

{changes}
# ---------------------------------------------------------------- what the questions mean
# Once per study: how each item is scored, which end is good, which codes are no answer.
# `not_applicable` codes are never scored; codes neither in the scale nor declared are
# turned away with their row. Wordings not given here are taken from the export.
[items.recommend]
construct = "recommend"           # 0 to 10 and nothing else: it becomes the Net Promoter Score
kind = "rating"
scale = [0, 10]
better = "up"
not_applicable = { "11" = "don't know" }   # how this tool stores it
labels = { "0" = "Not at all likely", "10" = "Extremely likely" }

[items.satisfaction]
construct = "satisfaction"
kind = "rating"
scale = [1, 5]
better = "up"
labels = { "1" = "Very dissatisfied", "5" = "Very satisfied" }

[items.effort]
construct = "effort"
kind = "rating"
scale = [1, 7]
better = "up"                     # "made it easy": 7 is good
labels = { "1" = "Strongly disagree", "7" = "Strongly agree" }

[items.repurchase]
construct = "repurchase"
kind = "rating"
scale = [1, 5]
better = "up"
labels = { "1" = "Very unlikely", "5" = "Very likely" }

[items.expectation]
construct = "expectation"
kind = "rating"
scale = [1, 5]
better = "up"
labels = { "1" = "Much worse than expected", "5" = "Much better than expected" }
"""

TRUST = {"trust": "Q7_1", "keeps_promises": "Q7_2", "honest": "Q7_3"}
RATING = 'kind = "rating"\nscale = [1, 5]\nbetter = "up"\n'


CHANGES = """\
# A local change: the moment it is for, who got it (`where`; the others are the comparison,
# or those named by `against`), and the score of the whole journey. Without `where` everybody
# got it, and the report can only say what was before and after.
[[changes]]
name = "Website redesign"
from = {redesign}-01
moment = "effort"
journey = "satisfaction"
where = {{ column = "channel", value = "web" }}

[[changes]]
name = "Staff training"
from = {training}-01
moment = "staff"
journey = "satisfaction"

[changes.where]
column = "unit_id"
value = [{trained}]
against = [{others}]

[[changes]]
name = "Returns portal"
from = {returns_fix}-01
moment = "returns"
journey = "satisfaction"
"""


def study_text(made: World) -> str:
    """The whole file; the long runs of alike items are made from their lists."""
    whole = HEAD + _columns() + TAIL.replace("{changes}", _changes(made))
    return whole + "".join(_items())


def _changes(made: World) -> str:
    return CHANGES.format(
        redesign=made.redesign,
        training=made.training,
        returns_fix=made.returns_fix,
        trained=_listed(shop for shop in SHOPS if shop in TRAINED),
        others=_listed(shop for shop in SHOPS if shop not in TRAINED),
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _columns() -> str:
    lines = [f'{name} = "Q5_{at}"' for at, name in enumerate(TOUCHPOINTS, 1)]
    lines += ['expectation = "Q6"', *(f'{name} = "{code}"' for name, code in TRUST.items())]
    lines += [f'importance_{name} = "Q8_{at}"' for at, name in enumerate(TOUCHPOINTS, 1)]
    for at, feature in enumerate(FEATURES, 1):
        lines += [f'kano_{feature}_with = "Q9_{at}a"', f'kano_{feature}_without = "Q9_{at}b"']
    return "\n".join([*lines, 'why = "Q10"', 'improve = "Q11"', ""])


def _who_can_act(name: str) -> str:
    return "technology" if name in TECHNOLOGY else "people" if name in PEOPLE else "process"


def _items() -> list[str]:
    trust = [f'\n[items.{name}]\nconstruct = "trust"\n{RATING}' for name in TRUST]
    touch, importance = "", ""
    for name in TOUCHPOINTS:
        wording, actor = ABOUT[name], _who_can_act(name)
        touch += (
            f'\n[items.{name}]\nwording = "{wording}"\nconstruct = "touchpoint"\n{RATING}'
            f'not_applicable = {{ "6" = "not applicable" }}\nwho_can_act = "{actor}"\n'
        )
        importance += f'\n[items.importance_{name}]\nconstruct = "importance"\n{RATING}'
    kano = [
        f'\n[items.kano_{feature}_{side}]\nconstruct = "other"\nkind = "choice"\n'
        'labels = { "1" = "I like it", "2" = "It must be so", "3" = "I do not mind", '
        '"4" = "I can live with it", "5" = "I dislike it" }\n'
        for feature in FEATURES
        for side in ("with", "without")
    ]
    comments = [
        f'\n[items.{name}]\nconstruct = "comment"\nkind = "comment"\n'
        for name in ("why", "improve")
    ]
    return [*trust, touch, importance, *kano, *comments]
