from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from api.call_log import capture  # noqa: F401, PLC0415 - imported to register
        from api.call_log.recorder import recorder  # noqa: PLC0415
        from moments.registry import web_process_started  # noqa: PLC0415

        web_process_started.append(recorder.start)
