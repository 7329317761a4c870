"""Weights: where they come from and how their files are read. `compact.npz` beside this file is the bundled network's."""
