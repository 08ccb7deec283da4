from django.apps import AppConfig


class RedemptionConfig(AppConfig):
    name = "redemption"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from redemption.account import membership_import  # noqa: F401, PLC0415 - imported to register
        from redemption.orders import committed_stock, emails  # noqa: F401, PLC0415 - imported to register
        from redemption.privacy import erasure  # noqa: F401, PLC0415 - imported to register
        from redemption.providers import registry  # noqa: F401, PLC0415 - imported to register
