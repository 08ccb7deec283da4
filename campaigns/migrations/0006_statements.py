"""Statements, which nobody can rewrite."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

KEEP = """
CREATE FUNCTION moments_keep_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.organization_id, NEW.month, NEW.number, NEW.total_cents, NEW.issued_at)
            IS DISTINCT FROM (OLD.organization_id, OLD.month, OLD.number, OLD.total_cents, OLD.issued_at) THEN
        RAISE EXCEPTION 'a statement that was issued stays as it is';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_statement BEFORE UPDATE OR DELETE ON campaigns_statement
    FOR EACH ROW EXECUTE FUNCTION moments_keep_statement();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON campaigns_statementline
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
"""
FORGET = """
DROP TRIGGER append_only ON campaigns_statementline;
DROP TRIGGER keep_statement ON campaigns_statement;
DROP FUNCTION moments_keep_statement();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_request_pictures"),
        ("campaigns", "0005_share_of_users"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(help_text="Its first day.", verbose_name="month")),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="number")),
                ("total_cents", models.BigIntegerField(help_text="US cents.", verbose_name="total")),
                (
                    "status",
                    models.CharField(
                        choices=[("due", "due"), ("paid", "paid")], default="due", max_length=4, verbose_name="status"
                    ),
                ),
                ("issued_at", models.DateTimeField(verbose_name="issued")),
                ("paid_at", models.DateTimeField(blank=True, null=True, verbose_name="paid")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="accounts.organization",
                    ),
                ),
                (
                    "paid_marked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="marked by",
                    ),
                ),
            ],
            options={
                "verbose_name": "statement",
                "verbose_name_plural": "statements",
                "ordering": ["-month", "organization"],
            },
        ),
        migrations.CreateModel(
            name="StatementLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("campaign_name", models.CharField(max_length=120, verbose_name="campaign")),
                ("moment_key", models.CharField(blank=True, max_length=60, verbose_name="moment")),
                ("actions", models.PositiveIntegerField(verbose_name="actions")),
                ("each_cents", models.BigIntegerField(help_text="US cents.", verbose_name="each")),
                ("cents", models.BigIntegerField(help_text="US cents.", verbose_name="amount")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.campaign"
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="campaigns.statement"
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a statement",
                "verbose_name_plural": "lines of statements",
                "ordering": ["campaign_name", "campaign", "moment_key", "each_cents"],
            },
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.UniqueConstraint(fields=("organization", "month"), name="statement_once_a_month"),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paid_at", None), ("status", "due")),
                    models.Q(("status", "paid"), models.Q(("paid_at", None), _negated=True)),
                    _connector="OR",
                ),
                name="statement_paid_at_some_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="statementline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "cents",
                        django.db.models.expressions.CombinedExpression(
                            models.F("actions"), "*", models.F("each_cents")
                        ),
                    )
                ),
                name="statement_line_adds_up",
            ),
        ),
        migrations.RunSQL(KEEP, FORGET),
    ]
