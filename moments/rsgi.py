import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moments.settings")
handler = get_wsgi_application()

from django.conf import settings  # noqa: E402 - once there are settings

from moments.web.server import Server  # noqa: E402

application = Server(handler, settings.WEB_THREADS)
