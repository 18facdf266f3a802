"""Exports that are made by background work."""

import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import commitments.models.export


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0004_reminder_indexes"),
        ("organisations", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stage", models.CharField(blank=True, max_length=60)),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("alive_at", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "form",
                    models.CharField(
                        choices=[
                            ("xlsx", "Workbook (.xlsx)"),
                            ("ods", "OpenDocument (.ods)"),
                            ("csv", "Text (.csv)"),
                        ],
                        max_length=4,
                    ),
                ),
                ("query", models.TextField(blank=True)),
                ("words", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting to be made"),
                            ("making", "Being made"),
                            ("ready", "Ready"),
                            ("failed", "Not made"),
                            ("gone", "Deleted"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("error", models.TextField(blank=True)),
                (
                    "file",
                    models.FileField(
                        max_length=200, upload_to=commitments.models.export.stored_name
                    ),
                ),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("access", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("made_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "body",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="commitments.round",
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="ExportEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "form",
                    models.CharField(
                        choices=[
                            ("xlsx", "Workbook (.xlsx)"),
                            ("ods", "OpenDocument (.ods)"),
                            ("csv", "Text (.csv)"),
                        ],
                        max_length=4,
                    ),
                ),
                ("query", models.TextField(blank=True)),
                ("words", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting to be made"),
                            ("making", "Being made"),
                            ("ready", "Ready"),
                            ("failed", "Not made"),
                            ("gone", "Deleted"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("error", models.TextField(blank=True)),
                (
                    "file",
                    models.FileField(
                        max_length=200, upload_to=commitments.models.export.stored_name
                    ),
                ),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("access", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("made_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "body",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="commitments.export",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="commitments.round",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(
                condition=models.Q(("state__in", ("waiting", "making"))),
                fields=["alive_at"],
                name="export_under_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.UniqueConstraint(
                models.F("asked_by"),
                models.F("organisation"),
                models.F("form"),
                django.db.models.functions.text.MD5("query"),
                models.F("round"),
                models.F("body"),
                condition=models.Q(("state__in", ("waiting", "making"))),
                name="export_under_way_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("ready", "gone")), ("made_at__isnull", True), _connector="OR"
                ),
                name="export_made_has_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("body__isnull", True), ("round__isnull", True)),
                    models.Q(("body__isnull", False), ("round__isnull", False)),
                    _connector="OR",
                ),
                name="export_return_has_a_body",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="export",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "commitments_exportevent" ("access", "asked_by_id", "body_id", "counts", "created_at", "error", "file", "form", "id", "made_at", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "query", "round_id", "size", "state", "words") SELECT new_values."access", new_values."asked_by_id", new_values."body_id", new_values."counts", new_values."created_at", new_values."error", new_values."file", new_values."form", new_values."id", new_values."made_at", new_values."organisation_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."query", new_values."round_id", new_values."size", new_values."state", new_values."words" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="8bb75f7acf1b62728251516c2e8c99b28afa5f73",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_5fc6d",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="commitments_export",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="export",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "commitments_exportevent" ("access", "asked_by_id", "body_id", "counts", "created_at", "error", "file", "form", "id", "made_at", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "query", "round_id", "size", "state", "words") SELECT new_values."access", new_values."asked_by_id", new_values."body_id", new_values."counts", new_values."created_at", new_values."error", new_values."file", new_values."form", new_values."id", new_values."made_at", new_values."organisation_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."query", new_values."round_id", new_values."size", new_values."state", new_values."words" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."access" IS DISTINCT FROM (new_values."access") OR old_values."asked_by_id" IS DISTINCT FROM (new_values."asked_by_id") OR old_values."body_id" IS DISTINCT FROM (new_values."body_id") OR old_values."counts" IS DISTINCT FROM (new_values."counts") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."error" IS DISTINCT FROM (new_values."error") OR old_values."file" IS DISTINCT FROM (new_values."file") OR old_values."form" IS DISTINCT FROM (new_values."form") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."made_at" IS DISTINCT FROM (new_values."made_at") OR old_values."organisation_id" IS DISTINCT FROM (new_values."organisation_id") OR old_values."query" IS DISTINCT FROM (new_values."query") OR old_values."round_id" IS DISTINCT FROM (new_values."round_id") OR old_values."size" IS DISTINCT FROM (new_values."size") OR old_values."state" IS DISTINCT FROM (new_values."state") OR old_values."words" IS DISTINCT FROM (new_values."words")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="ca05ead385915983adce1aa1f34f5d43f160b076",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_f9d83",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="commitments_export",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="export",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "commitments_exportevent" ("access", "asked_by_id", "body_id", "counts", "created_at", "error", "file", "form", "id", "made_at", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "query", "round_id", "size", "state", "words") SELECT old_values."access", old_values."asked_by_id", old_values."body_id", old_values."counts", old_values."created_at", old_values."error", old_values."file", old_values."form", old_values."id", old_values."made_at", old_values."organisation_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."query", old_values."round_id", old_values."size", old_values."state", old_values."words" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="1a1e262f83e94242017ecd5a0e344192ce54bd2b",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_fb11d",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="commitments_export",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="exportevent",
            index=models.Index(fields=["pgh_created_at"], name="commitments_pgh_cre_e5166e_idx"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="exportevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ba424d7fa25a140696672a6db7ecbf4760b2e50a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_acd38",
                    table="commitments_exportevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
