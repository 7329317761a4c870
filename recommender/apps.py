from django.apps import AppConfig


class RecommenderConfig(AppConfig):
    """Holds the project's own command, `run_site`; no models, no pages."""

    name = "recommender"
