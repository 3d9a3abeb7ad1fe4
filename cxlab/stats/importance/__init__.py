"""What goes with the outcome, how much, and how sure is that?

    sheets      which answer sheets count, and what an empty answer does
    moments     answers to correlations, and those of bootstrap samples
    subsets     every set of drivers at once; the mean gain over all orders of entry
    shares      correlations to parts of R²: LMG, Johnson and others
    logistic    the same where the outcome is yes or no
    ranks       intervals, chances of each rank and quadrant, tests
    redundancy  near copies, variance inflation
    asymmetry   penalties of bad answers beside rewards of good ones
    estimate    one model with all of it

Numbers only, in numpy; the outcome is always the last column. "Goes with" is all they can
say: none is proof that the outcome would follow.

Not here: tables for readers (metrics.drivers).
"""
