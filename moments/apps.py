from django.apps import AppConfig
from django.core import checks


class MomentsConfig(AppConfig):
    name = "moments"

    def ready(self) -> None:
        from moments.roles import warn_of_one_role

        checks.register(warn_of_one_role, deploy=True)
