import os

from moments.devserver.reloading import take_up_environment

is_up = take_up_environment()  # before settings are read

from django.core.wsgi import get_wsgi_application  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moments.settings")
handler = get_wsgi_application()

from django.conf import settings  # noqa: E402 - after the settings

from moments.installation.startup_checks import refuse_to_serve  # noqa: E402
from moments.registry import web_process_started  # noqa: E402
from moments.server.bridge import Server  # noqa: E402

refuse_to_serve()
for start in web_process_started:
    start()
application = Server(handler, settings.WEB_THREADS)
is_up()
