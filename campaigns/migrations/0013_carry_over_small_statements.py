"""Statements too small to be charged to a card are carried over to the next one, and stay so."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEEP = """
CREATE OR REPLACE FUNCTION moments_keep_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.organization_id, NEW.month, NEW.number, NEW.total_cents, NEW.issued_at, NEW.carried_cents)
            IS DISTINCT FROM (OLD.organization_id, OLD.month, OLD.number, OLD.total_cents, OLD.issued_at, OLD.carried_cents) THEN
        RAISE EXCEPTION 'a statement that was issued stays as it is';
    END IF;
    IF OLD.carried_to_id IS NOT NULL AND NEW.carried_to_id IS DISTINCT FROM OLD.carried_to_id THEN
        RAISE EXCEPTION 'a statement is carried over once';
    END IF;
    RETURN NEW;
END
$$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION moments_keep_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.organization_id, NEW.month, NEW.number, NEW.total_cents, NEW.issued_at)
            IS DISTINCT FROM (OLD.organization_id, OLD.month, OLD.number, OLD.total_cents, OLD.issued_at) THEN
        RAISE EXCEPTION 'a statement that was issued stays as it is';
    END IF;
    RETURN NEW;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_whole_addresses"),
        ("campaigns", "0012_ids_and_keys_not_empty"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="statement",
            name="statement_paid_at_some_time",
        ),
        migrations.AddField(
            model_name="statement",
            name="carried_cents",
            field=models.BigIntegerField(
                db_default=0,
                default=0,
                help_text="Of the total, from earlier statements. US cents.",
                verbose_name="carried over",
            ),
        ),
        migrations.AddField(
            model_name="statement",
            name="carried_to",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="carried_from",
                to="campaigns.statement",
                verbose_name="carried over to",
            ),
        ),
        migrations.AlterField(
            model_name="statement",
            name="status",
            field=models.CharField(
                choices=[("due", "due"), ("paid", "paid"), ("carried", "carried over")],
                default="due",
                max_length=7,
                verbose_name="status",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paid_at", None), ("status__in", ["due", "carried"])),
                    models.Q(("status", "paid"), models.Q(("paid_at", None), _negated=True)),
                    _connector="OR",
                ),
                name="statement_paid_at_some_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(("carried_to", None), ("status", "carried"), _connector="OR"),
                name="statement_carried_to_another",
            ),
        ),
        migrations.RunSQL(KEEP, BEFORE),
    ]
