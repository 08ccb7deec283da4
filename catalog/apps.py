from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog.imports import csv_schemas, exchange_rate_schema  # noqa: F401, PLC0415 - they declare themselves
