from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        from catalog import checks  # noqa: F401  (registers itself)
        from catalog.taking_over import take_over
        from indexing.signals import index_built

        index_built.connect(take_over, dispatch_uid="catalog.take_over")
