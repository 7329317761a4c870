from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0007_pinned_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="item",
            name="style",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="the word of the owner's list that sets it apart, from the index",
                max_length=60,
            ),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                condition=models.Q(("style", ""), _negated=True), fields=["style", "item_id"], name="catalog_item_style"
            ),
        ),
    ]
