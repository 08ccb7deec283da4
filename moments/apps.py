import gc

from django.apps import AppConfig
from django.core import checks


class MomentsConfig(AppConfig):
    name = "moments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from moments.db.roles import warn_of_one_role
        from moments.installation.setting_checks import check_settings
        from moments.installation.startup_checks import check_installation

        checks.register(warn_of_one_role, deploy=True)
        checks.register(check_settings, deploy=True)
        checks.register(check_installation, deploy=True)
        gc.freeze()  # exclude loaded objects from garbage collection, then enable it
        gc.enable()
