"""Open comments, a million of them: what each reading costs, beside the tool people use for it.

    python benchmarks/comments.py                    1,000,000 comments, about a quarter of an hour
    python benchmarks/comments.py --rows 100000      a tenth of them
    python benchmarks/comments.py --repeats 1

Comments are new ones, put together from sentences of real comments (../shared/real; without
them, of the demo study), as long as real ones are; three in a hundred hold something private.
Peers read the first --few of them, since most would take an hour for all; figures are texts
per CPU second. The same sentences come again and again, so words are as few as in a real month.

    tokens                        cut once and shared by what follows: its own line
    plain tone, customer tone     tokens included; nltk's VADER; vaderSentiment for comparison
    themes                        200 phrases in 20 themes; one compiled alternation of `re`
    terms                         words and pairs; scikit-learn's CountVectorizer
    near-duplicates               32 permutations, 8 bands; datasketch with as many
    redaction                     every pattern of `re` on every comment, same result
    chapter                       everything the comments chapter reads from a month of comments

Runs take turns, each in a process of its own (turns); medians are printed.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import turns
from turns import Run, aim

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "real"
PRIVATE = (
    "My e-mail is {}@example.com.",
    "Call me on 020 7946 {:04d} after six.",
    "See https://example.com/orders?id={}&key=k{}.",
)
THEMES = (
    "deliver*|courier*|driver*|parcel*|late delivery|next day|tracking|left outside|on its way",
    "price*|expensive|cheap*|value for money|overpriced|worth it|cost*|good price|too dear",
    "staff|rude|helpful|polite|friendly|manner|attitude|assistant*|nobody helped",
    "fit*|size*|too small|too big|true to size|tight|loose|runs large|runs small",
    "fabric*|material*|cotton|quality|soft|itchy|thin|see through|stitching",
    "colour*|color*|pattern*|print|bright|faded|looks like the picture|shade|dark",
    "return*|refund*|exchange*|send it back|sent back|money back|postage|label|drop off",
    "wait*|queue*|hours|weeks|long time|on time|delay*|late|quick*",
    "appointment*|booking*|clinic|referral*|cancel*|slot|reschedul*|letter|phone call",
    "nurse*|doctor*|consultant|gp|midwife|carer*|therapist|surgeon|ward",
    "clean*|dirty|toilet*|hygiene|spotless|smell*|tidy|mess|infection",
    "food|meal*|breakfast|dinner|tea|coffee|drink*|menu|hungry",
    "parking|car park|bus|taxi|ambulance|transport|lift|travel|distance",
    "website|app|online|log in|password|crash*|checkout|page*|sign up",
    "phone*|call*|answer*|ring*|number|voicemail|hold|call back|line",
    "inform*|explain*|told|listen*|understand*|communicat*|kept informed|advice|question*",
    "safe*|secure|privacy|trust*|confident|data|confidential|worried|scared",
    "stock|available|sold out|choice|range|selection|variety|option*|limited",
    "comfortable|comfy|cosy|warm|cold|noise|noisy|quiet|temperature",
    "recommend*|love it|best|favourite|buy again|come back|disappoint*|waste of money|never again",
)
Texts = Any


def texts(rows: Path, count: int) -> Texts:
    import polars as pl

    return pl.scan_parquet(rows).head(count).collect()["text"]


def shared(column: Texts) -> Any:
    """The words of the texts, cut once."""
    from cxlab.text import tokens

    return tokens.words(tokens.split(column))


def tokens_alone(column: Texts) -> float:
    return float(len(shared(column).codes))


# ------------------------------------------------------------------ tone
def tone_of(rules: str) -> Callable[[Texts], float]:
    def read(column: Texts) -> float:
        from cxlab.text import tone

        return float(tone.scores(column, rules=rules)["compound"].sum())

    return read


def nltk_tone(column: Texts) -> float:
    analyser = _nltk()
    return sum(analyser.polarity_scores(text)["compound"] for text in column.to_list())


def _nltk() -> Any:
    from nltk.sentiment.vader import SentimentIntensityAnalyzer, VaderConstants
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer as Other

    analyser = SentimentIntensityAnalyzer.__new__(SentimentIntensityAnalyzer)
    analyser.lexicon = dict(Other().lexicon)
    analyser.constants = VaderConstants()
    return analyser


def vader_tone(column: Texts) -> float:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    return sum(analyser.polarity_scores(text)["compound"] for text in column.to_list())


# ------------------------------------------------------------------ themes
def our_themes(column: Texts, words: Any) -> float:
    from cxlab.text import themes

    return float(themes.coded(column, _codebook(), words=words).list.len().sum())


def _codebook() -> Any:
    from cxlab.text import themes

    lines = ['version = "1"', 'language = "en"']
    for number, phrases in enumerate(THEMES):
        listed = ", ".join(f'"{phrase}"' for phrase in phrases.split("|"))
        lines += [f"[themes.theme_{number}]", f'label = "Theme {number}"', f"phrases = [{listed}]"]
    return themes.codebook.from_text("\n".join(lines))


def re_themes(flags: re.RegexFlag) -> Callable[[Texts], float]:
    """One alternation of all phrases with a group for each theme: the usual form ignores case.

    Without the flag texts are put into small letters first, its fastest form.
    """
    parts = []
    for phrases in THEMES:
        words = sorted(phrases.split("|"), key=lambda phrase: -len(phrase))
        parts.append("|".join(re.escape(word).replace(r"\*", r"\w*") for word in words))
    pattern = re.compile(rf"\b(?:{'|'.join(f'({part})' for part in parts)})\b", flags)

    def read(column: Texts) -> float:
        found = 0
        for text in column.to_list():
            told = text if flags else text.lower()
            found += len({match.lastindex for match in pattern.finditer(told)})
        return float(found)

    return read


# ------------------------------------------------------------------ terms
def our_terms(column: Texts, words: Any) -> float:
    from cxlab.text import terms

    return float(terms.counts(_comments(column), longest=2, stop=(), words=words).height)


def counted_terms(column: Texts) -> float:
    from sklearn.feature_extraction.text import CountVectorizer

    return float(CountVectorizer(ngram_range=(1, 2)).fit_transform(column.to_list()).nnz)


def _comments(column: Texts) -> Any:
    import polars as pl

    return pl.DataFrame({"text": column}).with_row_index("response_id")


# ------------------------------------------------------------------ near-duplicates
def our_duplicates(column: Texts, words: Any) -> float:
    from cxlab.text import clean

    return float(clean.duplicates(column, words=words)["like"].is_not_null().sum())


def sketched_duplicates(column: Texts) -> float:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(num_perm=32, params=(8, 4))
    found = 0
    for number, text in enumerate(column.to_list()):
        words = re.findall(r"[\w'-]+", text.lower())
        shingles = {" ".join(words[at : at + 3]).encode() for at in range(len(words) - 2)}
        if not shingles:
            continue
        sketch = MinHash(num_perm=32)
        sketch.update_batch(shingles)
        found += bool(index.query(sketch))
        index.insert(number, sketch)
    return float(found)


# ------------------------------------------------------------------ redaction
def our_redaction(column: Texts) -> float:
    import polars as pl

    from cxlab.redact import redacted

    made = column.to_frame("text").select(redacted(pl.col("text"))).to_series()
    return float(made.str.len_bytes().sum())


def re_redaction(column: Texts) -> float:
    """The same finders on every text: no glance first, no batches."""
    from cxlab.redact import redact

    return float(sum(len(redact(text).encode()) for text in column.to_list()))


# ------------------------------------------------------------------ the whole chapter
def chapter(column: Texts) -> float:
    """Annotated, its terms, what tells two groups apart, near-duplicates, and needs."""
    import polars as pl

    from cxlab.text import clean, contrasts, needs, terms
    from cxlab.text.annotate import annotate

    frame = _comments(column).with_columns(
        comment_id=pl.col("response_id"), side=pl.col("response_id") % 2
    )
    found = annotate(frame.lazy()).collect(engine="streaming")
    answers = found.filter(pl.col("answer"))
    words = shared(clean.read(answers["text"]))
    counted = terms.counts(answers, by="side", longest=2, words=words)
    contrasts.key_terms(counted, by="side")
    clean.duplicates(answers["text"], words=words)
    needs.stated(answers)
    return float(answers.height)


TASKS: dict[str, Callable[..., float]] = {
    "tokens": tokens_alone,
    "plain tone": tone_of("plain"),
    "customer tone": tone_of("customers"),
    "nltk": nltk_tone,
    "vaderSentiment": vader_tone,
    "themes": our_themes,
    "re, themes": re_themes(re.IGNORECASE),
    "re, lowered": re_themes(re.NOFLAG),
    "terms": our_terms,
    "CountVectorizer": counted_terms,
    "near-duplicates": our_duplicates,
    "datasketch": sketched_duplicates,
    "redaction": our_redaction,
    "re, redaction": re_redaction,
    "chapter": chapter,
}
# What reads the words that were cut before its clock starts.
SHARING = ("themes", "terms", "near-duplicates")
PEERS = (
    *("nltk", "vaderSentiment", "re, themes", "re, lowered"),
    *("CountVectorizer", "datasketch", "re, redaction"),
)
AGAINST = (
    ("plain tone", "nltk", 30),
    ("customer tone", "nltk", 20),
    ("themes", "re, themes", 50),
    ("terms", "CountVectorizer", 8),
    ("near-duplicates", "datasketch", 30),
    ("redaction", "re, redaction", 6),
)
MODULES = (
    *("numpy", "polars", "cxlab.text.annotate", "cxlab.text.clean", "cxlab.text.contrasts"),
    *("cxlab.text.needs", "cxlab.text.terms", "cxlab.text.themes", "cxlab.text.tone"),
)
IMPORTS = {
    "nltk": ("nltk.sentiment.vader", "vaderSentiment.vaderSentiment"),
    "vaderSentiment": ("vaderSentiment.vaderSentiment",),
    "CountVectorizer": ("sklearn.feature_extraction.text",),
    "datasketch": ("datasketch",),
}


def make(rows: Path, count: int) -> None:
    """So many new comments of real sentences and real lengths."""
    import numpy as np
    import polars as pl

    sentences, lengths = _sentences()
    draw = np.random.default_rng(7)
    wanted = draw.choice(lengths, count)
    sizes = np.array([len(sentence.split()) for sentence in sentences])
    picks = draw.integers(0, len(sentences), size=3 * count + 100)
    made, at = [], 0
    for number, words in enumerate(wanted.tolist()):
        parts, have = [], 0
        while have < words:
            at = (at + 1) % len(picks)
            parts.append(sentences[picks[at]])
            have += sizes[picks[at]]
        text = " ".join(" ".join(parts).split()[:words])
        if number % 33 == 0:
            text += " " + PRIVATE[number // 33 % 3].format(number % 10_000, number)
        made.append(text)
    pl.DataFrame({"text": made}).write_parquet(rows)


def _sentences() -> tuple[list[str], Any]:
    """Sentences of comments, and how many words whole comments have."""
    import numpy as np

    whole = list(_real()) or list(_demo())
    lengths = np.array([len(text.split()) for text in whole])
    parts = [part for text in whole for part in re.split(r"(?<=[.!?])\s+", text) if part.strip()]
    return parts, lengths[lengths > 0]


def _real() -> Iterator[str]:
    nhs, clothing = REAL / "nhs/v6framework_230831.csv", REAL / "clothing"
    if nhs.exists():
        with nhs.open(encoding="utf-8-sig", newline="") as file:
            yield from (row["FFT answer"] for row in csv.DictReader(file))
    for path in clothing.glob("*.csv.gz"):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            # As many as there are shorter ones: thirty words on average.
            yield from (row["Review Text"] for row in list(csv.DictReader(file))[:5_000])


def _demo() -> Iterator[str]:
    import cxlab as cx
    from cxlab.text import comments

    yield from comments.of(cx.open(ROOT / "data/demo")).collect()["text"]


def measured(rows: Path, options: argparse.Namespace) -> dict[str, Run]:
    """Every task, ours on all comments and peers on the first few."""

    def once(task: str) -> Run:
        count = options.few if task in PEERS else options.rows
        return turns.run(__file__, ["--task", task, "--texts", rows, "--count", count])

    return turns.in_turns(options.only or TASKS, once, repeats=options.repeats)


def show(found: dict[str, Run], options: argparse.Namespace) -> None:
    print(f"{options.rows:,} comments, peers {options.few:,}: texts per CPU s, CPU s, peak MB")
    for task, one in found.items():
        speed = (options.few if task in PEERS else options.rows) / one.cpu
        print(f"  {task:16} {speed:12,.0f} {one.cpu:8.1f} {one.megabytes:7,.0f}", flush=True)


def aims(found: dict[str, Run], options: argparse.Namespace) -> Iterator[str]:
    for ours, peer, wanted in AGAINST:
        if ours in found and peer in found:
            ratio = (options.rows / found[ours].cpu) / (options.few / found[peer].cpu)
            told = f"{ratio:.0f}×"
            if ours in SHARING and "tokens" in found:
                whole = found[ours].cpu + found["tokens"].cpu
                told += f" ({ratio * found[ours].cpu / whole:.0f}× with its tokens)"
            if ours == "themes" and "re, lowered" in found:
                fastest = ratio * found["re, lowered"].cpu / found[peer].cpu
                told += f"; {fastest:.0f}× its fastest form"
            yield aim(f"{ours} against {peer}", told, f"≥ {wanted}×", ratio >= wanted)
    if "chapter" in found:
        cpu, most = found["chapter"].cpu, found["chapter"].megabytes
        scaled = cpu * 1e6 / options.rows
        yield aim("chapter, a million comments", f"{scaled:.0f} CPU s", "≤ 90 CPU s", scaled <= 90)
        yield aim("chapter, peak memory", f"{most:,.0f} MB", "≤ 2,048 MB", most <= 2048)


def linear(rows: Path, options: argparse.Namespace) -> Iterator[str]:
    """CPU of the chapter for ten times as many comments, over ten times its CPU."""
    sizes = [size for size in (10_000, 100_000, 1_000_000) if size <= options.rows]
    spent = {
        size: turns.run(__file__, ["--task", "chapter", "--texts", rows, "--count", size]).cpu
        for size in sizes
    }
    for size, cpu in spent.items():
        print(f"  chapter of {size:9,}: {cpu:6.1f} CPU s, {cpu / size * 1e6:5.1f} a million")
    if len(sizes) > 1:
        few, most = sizes[-2:]
        ratio = (spent[most] / most) / (spent[few] / few)
        yield aim(f"linear from {few:,} to {most:,}", f"{ratio:.2f}×", "≤ 1.15×", ratio <= 1.15)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--few", type=int, default=20_000, help="comments for the peers")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=TASKS, help="leave the others out")
    parser.add_argument("--task", choices=TASKS, help=argparse.SUPPRESS)
    parser.add_argument("--texts", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        for module in IMPORTS.get(options.task, MODULES):
            __import__(module)
        given = [texts(options.texts, options.count)]
        if options.task in SHARING:
            given.append(shared(given[0]))
        turns.report(lambda: TASKS[options.task](*given))
        return
    options.few = min(options.few, options.rows)
    with tempfile.TemporaryDirectory() as place:
        rows = Path(place) / "comments.parquet"
        make(rows, options.rows)
        found = measured(rows, options)
        show(found, options)
        print(*aims(found, options), *linear(rows, options), sep="\n")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    sys.exit(main())
