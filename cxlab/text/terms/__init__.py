"""Which words and phrases do people use, and how many people?"""
from cxlab.text.terms.tallies import counts as counts
