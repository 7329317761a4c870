"""What the map draws: places, item ids and sheets of previews, ready for the browser."""
