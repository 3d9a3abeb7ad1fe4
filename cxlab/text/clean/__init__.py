"""What did they write, did they answer at all, and in which language?

    shown, read     the text for people, and for machines
    is_answer       whether it says anything ("n/a", "-" and "nothing to add" do not)
    language        which language, or "unknown"
    sentences       where one sentence ends and the next begins
    duplicates      which texts were sent twice, or nearly

Each takes a column of texts and gives one value per text; nothing is downloaded, and except for
duplicates the value depends on that text alone.

Not here: who is named in a text (redact), its words (tokens), what it means (tone, themes).
"""

from cxlab.text.clean.answers import is_answer
from cxlab.text.clean.duplicates import duplicates
from cxlab.text.clean.language import UNKNOWN, language
from cxlab.text.clean.normal import read, shown
from cxlab.text.clean.sentences import sentences

__all__ = ["UNKNOWN", "duplicates", "is_answer", "language", "read", "sentences", "shown"]
