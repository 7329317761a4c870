"""The web server: gunicorn's processes, waitress's connections. Why: docs/explanation/reliability.md."""
