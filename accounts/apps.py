from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _

# What the admin calls the pages of others' apps: one of them has the name of this one.
NAMES = {"account": _("Email"), "axes": _("Signing in"), "mfa": _("Second factors")}


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        for label, name in NAMES.items():
            apps.get_app_config(label).verbose_name = name
        from accounts.organizations import audit  # noqa: F401, PLC0415 - these connect their signals
        from accounts.sign_in import security_notices, sign_in_log  # noqa: F401, PLC0415 - connect their signals once models are there
