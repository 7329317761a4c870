"""Backups: database, index and previews in one folder, and back. docs/how-to/deploy.md says how to keep them."""
