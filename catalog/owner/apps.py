from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


def note_rule_change(sender: object, instance: Any, **kwargs: Any) -> None:
    """Receiver of a rule's saving and deleting: it holds at once, and the day is noted beside the counts."""
    from catalog.owner.models import Change
    from catalog.owner.rules import forget_rules

    forget_rules()
    if kwargs.get("raw"):  # a fixture is being loaded
        return
    state = "rule removed" if "created" not in kwargs or not instance.active else "rule"
    Change.objects.create(text=f"{state}: {instance}"[:300])


class OwnerConfig(AppConfig):
    name = "catalog.owner"
    label = "owner"
    verbose_name = _("The shop's desk")

    def ready(self) -> None:
        from django.db.models.signals import post_delete, post_save

        from catalog.owner import runs
        from catalog.owner.models import Rule
        from indexing.signals import index_built
        from recommender.runs import run_ended

        run_ended.connect(runs.record_run, dispatch_uid="owner.record_run")
        index_built.connect(runs.record_network_change, dispatch_uid="owner.record_network_change")
        post_save.connect(note_rule_change, sender=Rule, dispatch_uid="owner.rule_saved")
        post_delete.connect(note_rule_change, sender=Rule, dispatch_uid="owner.rule_deleted")
