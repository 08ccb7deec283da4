import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moments.settings")
application = get_wsgi_application()

from moments.installation.startup_checks import refuse_to_serve  # noqa: E402 - after the settings

refuse_to_serve()
