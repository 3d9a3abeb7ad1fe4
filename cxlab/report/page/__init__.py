"""One chapter as one page: everything escaped, nothing from the network."""
