"""What goes with what customers say: whether they stay and buy, and what units do before."""
