"""The map page and the data it draws from."""
