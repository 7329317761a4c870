"""Two items side by side, and why the index finds them alike."""
