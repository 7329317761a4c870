"""Made-up scenes in which it is known where a print is and where the garment: what the locator learns from.

Only our own drawings and CC0 photos are in them, none whose id ends in 0 or 9, no emoji that is held out.
"""
