"""Whom may we ask, what do we ask, and what came back?

    plan       how short a poll can be, how sure it will be, how many to invite
    rules      who may be asked today, and who is left alone for which reason
    ledger     every contact, written down before and after it, never rewritten
    letters    invitations and one reminder, as .eml files and a list
    sending    mail by mail through SMTP; a crash never asks anybody twice
    replies    answers joined to their invitations; every row accounted for
    definitions  the questions as LimeSurvey (.lss, TSV) and XLSForm read them

Nothing is sent without being told to, with the number of mails said beforehand. Addresses
stay in the exports and in the drafts; the ledger knows them by a keyed digest.

Not here: reading study.toml (contact), scores (metrics), the chapter (chapters).
"""
