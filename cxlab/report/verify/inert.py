"""Can a page run, load or submit anything that is not the pack's own?

Not here: links from page to page (links), the data of the charts (charts).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from cxlab.report.page.pages import digest
from cxlab.report.verify.opened import UNREADABLE, Element, Opened, Page, is_data

NONE, SELF, INLINE = "'none'", "'self'", "'unsafe-inline'"
NEEDED = ("default-src", "script-src", "style-src", "base-uri", "form-action")
# What may stand in a directive beside the digests of what is inline.
ALLOWED = {"script-src": {NONE, SELF}, "style-src": {NONE}, "img-src": {NONE, "data:"}}
FORBIDDEN = (
    *("iframe", "frame", "frameset", "fencedframe", "object", "embed", "applet", "portal", "base"),
    *("form", "input", "textarea", "select", "audio", "video", "source", "track", "img", "image"),
    *("template", "slot", "foreignobject", "use", "animate", "animatemotion", "set"),
    *("animatetransform", "mpath", "math", "annotation-xml", "marquee", "isindex", "xml"),
)
# (element, attribute) that may name a file; anywhere else an address has no business.
NAMING = {("a", "href"), ("link", "href"), ("script", "src")}
ADDRESSES = (
    *(
        "href",
        "src",
        "srcset",
        "xlink:href",
        "action",
        "formaction",
        "poster",
        "background",
        "data",
    ),
    *("cite", "longdesc", "ping", "manifest", "srcdoc", "code", "codebase", "archive", "usemap"),
    *("profile", "classid", "dynsrc", "lowsrc", "icon", "imagesrcset", "attributionsrc"),
)
ABOVE = ("../index.html", "../assets/plotly.min.js")
ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", re.DOTALL)
FETCHING = ("url(", "@import", "image(", "image-set(", "src(", "element(", "expression(", "binding")


def policies(pack: Opened) -> Iterator[str]:
    """Pages whose Content-Security-Policy is missing, loose, late, or not about this page."""
    for name in pack.page_names:
        page = pack.pages.get(name)
        told = [UNREADABLE] if page is None else list(_policy(page))
        yield from (f"{name}: {each}" for each in told)


def _policy(page: Page) -> Iterator[str]:
    at = [n for n, each in enumerate(page.elements) if _equals_header(each)]
    if len(at) != 1 or not page.elements[at[0]].has("http-equiv", "content-security-policy"):
        yield "it must have one policy, and no other header of its own"
        return
    early = {each.tag for each in page.elements[: at[0]]} - {"html", "head", "meta"}
    if early:
        yield f"the policy comes after <{min(early)}>"
    rules: dict[str, list[str]] = {}
    for directive in page.elements[at[0]].value("content").split(";"):
        words = directive.split()
        if words and words[0].lower() in rules:
            yield f"the policy says {words[0]} twice"
        elif words:
            rules[words[0].lower()] = words[1:]
    yield from (f"the policy lacks {name}" for name in NEEDED if name not in rules)
    yield from _loose(rules, page)


def _equals_header(element: Element) -> bool:
    return element.tag == "meta" and any(name == "http-equiv" for name, _ in element.attributes)


def _loose(rules: dict[str, list[str]], page: Page) -> Iterator[str]:
    inline = {
        "script-src": [each for each in page.elements if _runs(each) and not each.value("src")],
        "style-src": [each for each in page.elements if each.tag == "style"],
    }
    for name, sources in rules.items():
        digests = {digest(each.raw) for each in inline.get(name, [])}
        # plotly styles what it draws; such a page may style itself, with nothing to fetch.
        if name == "style-src" and sources == [INLINE] and page.drawings:
            continue
        if extra := set(sources) - ALLOWED.get(name, {NONE}) - digests:
            yield f"{name} of the policy allows {min(extra)}"
        if digests - set(sources):
            yield f"{name} of the policy has not the digest of what is inline"


def _runs(element: Element) -> bool:
    return element.tag == "script" and not is_data(element)


def elements(pack: Opened) -> Iterator[str]:
    """Elements and attributes that could run or submit something, wherever they came from."""
    for name, page in pack.pages.items():
        if page.doctype != "doctype html":
            yield f"{name}: it does not begin as HTML 5"
        yield from (f"{name}: it has {each}" for each in sorted(set(page.odd)))
        for element in page.elements:
            yield from (f"{name}: {each}" for each in _active(element))


def _active(element: Element) -> Iterator[str]:
    if element.tag in FORBIDDEN or ":" in element.tag or "-" in element.tag:
        yield f"it has <{element.tag}>"
    if element.tag == "script" and element.value("type") not in ("", "application/json"):
        yield "it has a script of another kind"
    for name, value in element.attributes:
        if name.startswith("on"):
            yield f"<{element.tag}> has {name}"
        if _plain(value).startswith(("javascript:", "vbscript:")):
            yield f"<{element.tag}> has a script in {name}"


def _plain(value: str) -> str:
    """A value as browsers read addresses: without blanks and control characters."""
    return re.sub(r"[\x00-\x20]", "", value).lower()


def sources(pack: Opened) -> Iterator[str]:
    """Addresses of anything but the pack's own files, in elements and in styles."""
    for name, page in pack.pages.items():
        for element in page.elements:
            for key, value in element.attributes:
                if key in ADDRESSES and not _is_own(element, key, value, pack):
                    yield f"{name}: <{element.tag}> leads out of the pack by {key}"
                if key == "style" and fetches(value):
                    yield f"{name}: the style of <{element.tag}> fetches something"
            if element.tag == "style" and fetches(element.raw):
                yield f"{name}: a style fetches something"


def fetches(style: str) -> bool:
    """Whether a style could load anything; escapes are read as a browser reads them."""
    told = ESCAPE.sub(lambda found: _letter(found[1]) if found[1] else found[2], style)
    bare = re.sub(r"/\*.*?\*/", "", told, flags=re.DOTALL).lower()
    return any(word in text for word in FETCHING for text in (told.lower(), bare))


def _letter(code: str) -> str:
    return chr(min(int(code, 16), 0x10FFFF))


def _is_own(element: Element, key: str, value: str, pack: Opened) -> bool:
    if (element.tag, key) not in NAMING:
        return False
    if element.tag == "link":
        return element.has("rel", "icon") and value == "data:,"
    if value in ABOVE and pack.shares_assets:
        return (element.tag == "a") == value.endswith(".html")
    return is_local(value) and (element.tag == "a" or value.endswith(".js"))


def is_local(address: str) -> bool:
    """Whether an address is a fragment, or a file in the pack by its plain name."""
    if re.search(r"[\x00-\x20\\?]", address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    steps = unquote(parts.path).split("/")
    return not (parts.scheme or parts.netloc or address.startswith("/") or ".." in steps)


def links(pack: Opened) -> Iterator[str]:
    """Links inside the pack that lead nowhere."""
    for name, page in pack.pages.items():
        for element in page.elements:
            for key, value in element.attributes:
                if (
                    (element.tag, key) in NAMING
                    and is_local(value)
                    and _is_broken(value, name, pack)
                ):
                    yield f"{name}: {value[:60]} leads nowhere"


def _is_broken(address: str, here: str, pack: Opened) -> bool:
    path, _, fragment = address.partition("#")
    target = unquote(path) or here
    if target not in pack.files:
        return True
    page = pack.pages.get(target)
    return bool(fragment) and (page is None or unquote(fragment) not in page.ids)
