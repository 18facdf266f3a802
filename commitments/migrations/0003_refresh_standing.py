"""The next milestone is found in the same look at a commitment's milestones as everything else.

Looked for by itself, it made PostgreSQL go through all open milestones for each commitment of a
large first upload, of whose size it knew nothing yet.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "refresh_standing.sql"


class Migration(migrations.Migration):
    dependencies = [("commitments", "0002_standing")]

    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
