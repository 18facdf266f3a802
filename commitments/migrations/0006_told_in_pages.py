"""What a return does stands in pages, as the changes of a plan's file do, and no longer in one piece
with its result."""

from django.db import migrations

A_PAGE = 50


def tell_in_pages(apps, schema_editor):
    upload_model = apps.get_model("commitments", "Upload")
    changes_model = apps.get_model("commitments", "UploadChanges")
    for upload in upload_model.objects.filter(kind="return", result__has_key="told").iterator():
        told = upload.result.pop("told")
        changes_model.objects.bulk_create(
            changes_model(
                upload=upload,
                kind="told",
                number=start // A_PAGE + 1,
                rows=told[start : start + A_PAGE],
            )
            for start in range(0, len(told), A_PAGE)
        )
        counts = {**upload.counts, "told": len(told)}
        upload_model.objects.filter(pk=upload.pk).update(result=upload.result, counts=counts)


class Migration(migrations.Migration):
    dependencies = [("commitments", "0005_exports")]

    operations = [migrations.RunPython(tell_in_pages, migrations.RunPython.noop)]
