"""The measuring server for gunicorn: `engine.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

# Set, not defaulted: the portal's environment names the portal's settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "engine.settings"

application = get_wsgi_application()
