from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import catalog.browse.search_text


def fill(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    item = apps.get_model("catalog", "Item")
    changed = []
    for row in item.objects.all().iterator(chunk_size=2000):
        row.search_text = catalog.browse.search_text.folded(f"{row.title} {row.category} {row.item_id}")
        changed.append(row)
    item.objects.bulk_update(changed, ["search_text"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_item")]

    operations = [
        migrations.AddField(
            model_name="item",
            name="search_text",
            field=catalog.browse.search_text.SearchTextField(
                blank=True, default="", editable=False, help_text="title, category and id, folded"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
