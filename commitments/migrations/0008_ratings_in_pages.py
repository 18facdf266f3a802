"""Which ratings a file changes stands in pages, as its changes do, and no longer in one piece with
the rest of what was found."""

from django.db import migrations

A_PAGE = 50


def show_in_pages(apps, schema_editor):
    upload_model = apps.get_model("commitments", "Upload")
    changes_model = apps.get_model("commitments", "UploadChanges")
    for upload in upload_model.objects.filter(result__has_key="effects").iterator(1):
        ratings = upload.result.pop("effects")
        changes_model.objects.bulk_create(
            changes_model(
                upload=upload,
                kind="ratings",
                number=start // A_PAGE + 1,
                rows=ratings[start : start + A_PAGE],
            )
            for start in range(0, len(ratings), A_PAGE)
        )
        counts = {**upload.counts, "ratings": len(ratings)}
        upload_model.objects.filter(pk=upload.pk).update(result=upload.result, counts=counts)


class Migration(migrations.Migration):
    dependencies = [("commitments", "0007_facts")]

    operations = [migrations.RunPython(show_in_pages, migrations.RunPython.noop)]
