"""Heads on the frozen EfficientNet-Lite0: where the print is, what kind of garment. Needs PyTorch; see CARD.md."""
