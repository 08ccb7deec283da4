from django.apps import AppConfig
from django.core import checks


class CampaignsConfig(AppConfig):
    name = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from campaigns.budget.currencies import warn_of_old_rates

        checks.register(warn_of_old_rates, deploy=True)
        from campaigns import emails, events  # noqa: F401, PLC0415 - they declare themselves
        from campaigns.billing import collection, statements  # noqa: F401, PLC0415 - they declare themselves
