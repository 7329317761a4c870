"""Heads that a shop learns from its own catalogue: what they are, how they are learned, where they are kept."""
