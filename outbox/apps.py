from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "outbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from outbox.emails import suppression  # noqa: F401, PLC0415 - imported to register
        from outbox.webhooks import emails  # noqa: F401, PLC0415 - imported to register
