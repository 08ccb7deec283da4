from django.apps import AppConfig


class RewardsConfig(AppConfig):
    name = "rewards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from rewards import events  # noqa: F401, PLC0415 - imported to register
        from rewards.issuing import emails  # noqa: F401, PLC0415 - imported to register
