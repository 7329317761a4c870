"""How fast, beside what else there is: every claim is a ratio of two medians taken in one run on one machine."""
