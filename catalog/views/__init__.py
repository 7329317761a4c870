"""Function views: fetch or 404, do the work, render."""
