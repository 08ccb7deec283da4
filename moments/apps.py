from django.apps import AppConfig
from django.core import checks


class MomentsConfig(AppConfig):
    name = "moments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from moments.installation_checks import check_installation
        from moments.roles import warn_of_one_role
        from moments.setting_checks import check_settings

        checks.register(warn_of_one_role, deploy=True)
        checks.register(check_settings, deploy=True)
        checks.register(check_installation, deploy=True)
