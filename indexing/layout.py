"""The map: a place in the plane for each item, so that similar items lie close."""
