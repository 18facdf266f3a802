"""What commitments stand at can be read without being kept, for what they would stand at."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "refresh_standing.sql"


class Migration(migrations.Migration):
    dependencies = [("commitments", "0006_told_in_pages")]

    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
