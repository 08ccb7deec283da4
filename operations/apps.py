from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "operations"

    def ready(self) -> None:
        from operations import digest, email_samples  # noqa: F401, PLC0415 - imported to register
