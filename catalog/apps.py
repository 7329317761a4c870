from typing import Any

from django.apps import AppConfig


def follow_the_index(sender: object, **kwargs: Any) -> None:
    """Receiver of `indexing.signals.index_built`. What it needs (OpenCV among it) is imported when an index was built."""
    from catalog.taking_over import take_over

    take_over(sender, **kwargs)


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        from catalog import checks  # noqa: F401  (registers itself)
        from indexing.signals import index_built

        index_built.connect(follow_the_index, dispatch_uid="catalog.take_over")
