"""What Django cannot express: the standing of each commitment (sql/standing.sql and
sql/refresh_standing.sql), and the history's circumstances, which stay as they were noted
(sql/history.sql)."""

from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]
    operations = [
        migrations.RunSQL((FOLDER / name).read_text(), migrations.RunSQL.noop)
        for name in ("standing.sql", "refresh_standing.sql", "history.sql")
    ]
