from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "console"

    def ready(self) -> None:
        from console.reports import subscriptions  # noqa: F401, PLC0415 - imported to register
