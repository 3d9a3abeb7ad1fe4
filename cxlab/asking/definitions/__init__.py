"""Which questions does a survey tool have to ask? The study's items, as tools read them.

`questions` puts items into groups (what everybody is asked, then each module) under codes
that every tool takes; `written` writes them for LimeSurvey (.lss and TSV) and for tools
that read XLSForm (.xlsx), with a first [files.items] block that reads the answers back.

Not here: reading the answers (load).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cxlab.asking.definitions import lss, tsv, xlsform
from cxlab.asking.definitions.questions import Form, of_study
from cxlab.errors import require_known

__all__ = ["FORMS", "Form", "of_study", "written"]

FORMS: Mapping[str, tuple[str, Callable[[Form], bytes]]] = {
    "lss": ("survey.lss", lss.content),
    "tsv": ("survey.txt", tsv.content),
    "xlsform": ("survey.xlsx", xlsform.content),
}


def written(form: Form, out: Path, *, to: str = "all") -> list[Path]:
    """Write a form for one tool or for all of them; gives the files, names of items last.

    Raises UnknownName for a tool nobody writes for.
    """
    require_known(to, [*FORMS, "all"], what="--to")
    out.mkdir(parents=True, exist_ok=True)
    made = []
    for name, (file, content) in FORMS.items():
        if to in (name, "all"):
            made.append(out / file)
            made[-1].write_bytes(content(form))
    made.append(out / "items.toml")
    made[-1].write_text(_block(form), encoding="utf-8")
    return made


def _block(form: Form) -> str:
    """The columns of the answers, for study.toml: LimeSurvey's codes."""
    lines: list[Any] = [
        "# What a LimeSurvey export of these answers calls each item; for [[files]] in study.toml.",
        "[files.items]",
        *(f'{question.item.name} = "{question.code}"' for question in form.questions),
    ]
    return "\n".join(lines) + "\n"
