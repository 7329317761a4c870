"""The Django project: settings, root URLs, `run_site`."""

__version__ = "0.4.0"
