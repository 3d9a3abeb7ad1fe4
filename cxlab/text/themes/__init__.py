"""What do customers write about?

    codebook = themes.read()                        the shipped one, or a study's own
    themes.coded(texts, codebook)                   the themes of each text

`phrases` says how phrases are written, `codebook` how the file is; `matching` finds them,
`shares` counts them per respondent, `coding` compares with hand codes, `new` looks for what
the codebook does not cover, and `growing` helps a researcher to make it cover more.
"""

from cxlab.text.themes.codebook import Codebook, Theme, read
from cxlab.text.themes.matching import coded, matches

__all__ = ["Codebook", "Theme", "coded", "matches", "read"]
