"""Banners that were ever approved are marked: emails that have been sent may show them."""

from django.db import migrations, models

MARK = """
UPDATE campaigns_banner banner SET approved_at = first.at FROM (
    SELECT campaign.organization_id, version.content ->> 'banner' AS sha256, min(version.decided_at) AS at
    FROM campaigns_campaignversion version JOIN campaigns_campaign campaign ON campaign.id = version.campaign_id
    WHERE version.decision = 'approved' GROUP BY 1, 2
) first
WHERE banner.organization_id = first.organization_id AND banner.sha256 = first.sha256
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0013_carry_over_small_statements")]

    operations = [
        migrations.AddField(
            model_name="banner",
            name="approved_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]
