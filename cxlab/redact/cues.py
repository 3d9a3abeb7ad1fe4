"""After which words does somebody's name come?

Cues in English, German and French, by how much they say. After a sure cue ("my name is",
"Mrs") nearly any word is a name; after a weak one ("thanks to", "spoke to") only what looks
like a name and is no other word known; after a told one ("it's", "I'm") something more must
say so: a known first name, or "from", "here", "speaking" behind it. German writes nouns like
names, so that after a German cue a single word must be a known first name.

Not here: what looks like a name (names), the words known (words.toml).
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Cue(NamedTuple):
    """How much the words before a name say; `small`: how many words of it need no capital."""

    words: str
    sure: bool = False
    small: int = 0
    told: bool = False
    noun: bool = False


_WITH = r"(?: to| with)"
_KIN = (
    "husband|wife|partner|son|daughter|mum|mom|mother|dad|father|brother|sister|nan|gran|"
    "grandmother|grandad|friend|neighbou?r|colleague|boss|driver|nurse|doctor|dentist|consultant|"
    "midwife|carer|therapist|manager|advis[eo]r|engineer|fitter|boyfriend|girlfriend|niece|nephew|"
    "cousin|aunt|uncle|grandson|granddaughter|assistant|agent|waiter|waitress|technician"
)
_STAFF = (
    "lady|man|woman|guy|girl|gentleman|person|someone|somebody|chap|lad|member|staff|employee|rep|"
    "representative|operator|one|nurse|doctor|driver|manager|assistant|advis[eo]r|agent|colleague|"
    "engineer|technician"
)
_BY = (
    "served|helped|assisted|seen|treated|told|advised|greeted|dealt with|looked after|contacted|"
    "called|phoned|rung|signed(?: for)?|handled|fitted|delivered|installed|informed|met|visited"
)
_VERWANDT = (
    "mann|frau|sohn|tochter|mutter|vater|bruder|schwester|freund(?:in)?|nachbar(?:in|n)?|"
    "kolleg(?:e|in|en)|partner(?:in)?|chef(?:in)?|oma|opa|berater(?:in)?|enkel(?:in)?"
)
_ROLLE = "mitarbeiter(?:in)?|verkäufer(?:in)?|berater(?:in)?|techniker(?:in)?|fahrer(?:in)?"
_PROCHE = (
    "mari|femme|fils|fille|mère|père|frère|s(?:oe|œ)ur|amie?|voisine?|collègue|conseill(?:er|ère)|"
    "compagn(?:on|e)|copine?|neveu|nièce|livreur"
)
_PAR = "servi|conseillé|accueilli|aidé|reçu|renseigné|contacté|livré|appelé|informé|soigné"

CUES = (
    Cue(
        "my name(?: is|['’]s| was)|mein name (?:ist|war)|ich hei(?:ß|ss)e|je m['’]appelle"
        "|mon nom est|me llamo",
        sure=True,
        small=2,
    ),
    Cue(r"(?:mr|mrs)\.?", sure=True, small=1),
    Cue(
        r"(?:ms|mx|dr|prof|messrs)\.?|miss|doctor|professor|sir|nurse|herrn?|frau|fräulein"
        r"|familie|mme|mmes|mlle|madame|mademoiselle|monsieur|docteur|ma[iî]tre|señora?"
        r"|(?:à|a|par|avec|de|et|que|pour|chez) m\.",
        sure=True,
    ),
    Cue("i['’]?m|i am|it['’]?s|it is|this is|je suis|c['’]est|ici|ich bin|hier ist", told=True),
    Cue(
        "(?:call|calls|called|calling) me|known as|names? (?:is|was|are)|name['’]s|name of|"
        r"(?:sur|pré)?name|contacts?|contacted|nom|prénom|care of|c/o|according to|"
        "pass (?:this |it )?on to|dear"
    ),
    Cue(
        rf"asks?(?: for)?|asked for|spoken?{_WITH}|speak(?:ing)?{_WITH}|"
        rf"talk(?:ed|ing)?{_WITH}|chatt?(?:ed|ing)?{_WITH}|(?:{_BY}) by|(?:{_STAFF}) (?:called"
        rf"|named)"
    ),
    Cue(
        "(?:thanks|thank you|thank-you|kudos|props|credit|shout ?out|compliments|grateful|hats off)"
        "(?: (?:so|very) much| again)? to|(?:thanks|thank you|thank-you)(?: (?:so|very) much"
        "| again)?|"
        "thx|cheers|well done|regards|wishes|sincerely|faithfully|truly|yours|all the best|signed|"
        "respectfully"
    ),
    Cue(rf"(?:my|our|his|her|their|the) (?:{_KIN})"),
    Cue(
        "gesprochen mit|(?:sprach|sprechen|spreche|telefonierte|telefoniert|telefonat|kontakt"
        "|habe) "
        "mit|(?:bedient|beraten|betreut|empfangen|informiert|begrüßt|behandelt) von|von|dank an"
        "|dank|"
        "danke(?:schön)? an|danke|lob an|(?:fragen sie|frag|fragt) nach|verlangen sie|liebe[rs]?|"
        rf"(?:(?:mein|unser|ihr|sein|dein)(?:e[mnrs]?)?) (?:{_VERWANDT})|(?:{_ROLLE})",
        noun=True,
    ),
    Cue(
        r"gr(?:ü|ue?)(?:ß|ss)(?:en?)?|mfg|lg|vg|hochachtungsvoll|herzlichst|gez\.?|spricht|namens"
        r"|genannt|"
        "nenn(?:en sie|t)? mich|ansprechpartner(?:in)?"
    ),
    Cue(
        r"(?:parlé|discuté|échangé|parler) (?:à|avec)(?: m\.)?|eu affaire à|"
        rf"(?:{_PAR})e?s? par|(?:grand )?merci(?: beaucoup)? à|merci|remercie|grâce à|bravo à|"
        "demande[zr](?: à)?|contacte[zr]|(?:appelez|appelle)[ -]moi|cordialement|salutations|"
        "bien à vous|sincèrement|amicalement|signée?|(?:pré)?nommée?|une? certaine?|dénommée?|"
        rf"(?:mon|ma|mes|notre|nos) (?:{_PROCHE})"
    ),
)

# "Don't miss Harry" announces nobody.
WITH_A_CAPITAL = frozenset({"miss"})
# Herr von der Heide, Monsieur d'Arc.
LED = r"(?:(?:v[ao]n|zu|de)[ \u00a0](?:(?:de[rmn]|la)[ \u00a0])?|d['’])"
# What may stand between a cue and a name: "Regards,\nJane", "Nom : Doe".
GAP = r"[ \u00a0]?[,:]?[ \u00a0\t\r\n]{1,4}"
# Behind a name that a told cue announces.
TOLD = re.compile(
    r"[ \u00a0]?,?[ \u00a0]?(?:from|here|again|speaking|calling|writing|de|du|d['’]|aus|von|vom"
    r"|am apparat|à l['’]appareil)(?!\w)|[ \u00a0]?\(",
    re.IGNORECASE,
)
# Behind a name that has no cue before: "Jane from customer services", "Jane in the Leeds shop".
_WHERE = (
    "customer (?:services?|care|support|relations|experience)|support|stores?|shop|branch|"
    "reception|front desk|help ?desk|desk|tills?|checkout|office|call cent(?:re|er)|"
    "kundenservice|kundendienst|filiale|empfang|kasse|hotline|zentrale|"
    "service (?:client|après[- ]vente)|sav|boutique|magasin|accueil|caisse|agence"
)
PLACE = (
    "(?:from|in|at|on|of|vom|von der|aus|im|am|du|de la|de l['’]|au|à la|à l['’])[ \u00a0]?"
    "(?:[^\\s.,;:!?]{1,20}[ \u00a0]){0,3}?"
    f"(?:{_WHERE})"
)

# What a text with a name cannot do without, in the syntax that polars knows too: first a
# quick look at all texts, then a closer one at the few that have it.
_START = rf"{LED}?" r"\p{Lu}(?:[\pL'’.]|[ \u00a0]\p{Lu})"
_BEFORE = "|".join(cue.words for cue in CUES)
_SMALL = "|".join(cue.words for cue in CUES if cue.small)
_PLACED = "from|in|at|on|of|vom|von|aus|im|am|du|de|au|à"
_SMALL_HINT = rf"(?:^|\W)(?i:{_SMALL}){GAP}\pL"
GLANCE = (
    rf"(?:[^.!?\s]|[A-Za-z]{{2}}\.|\Wm\.)[ \u00a0]?[,:]?[ \u00a0\t\r\n]{{1,4}}{_START}"
    rf"|{_SMALL_HINT}|\Wd['’]\p{{Lu}}"
    rf"|\p{{Lu}}[\pL'’-]*[ \u00a0](?i:{_PLACED})[ \u00a0'’]"
)
HINTS = (
    rf"(?:^|\W)(?i:{_BEFORE}){GAP}{_START}",
    _SMALL_HINT,
    rf"\p{{Lu}}[\pL'’-]*[ \u00a0](?i:{PLACE})",
)
