"""The portal as a WSGI application."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import resolve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coachportal.settings")
application = get_wsgi_application()


def settle() -> None:
    """Have the pages' code loaded, and the collector leave alone what stays for as long as the process lives.

    Else the first visitor of each process waits for the loading, and now and then one for the collector to look
    through all of it: 0.1 to 0.2 s.
    """
    resolve("/")  # loads every view
    gc.collect()
    gc.freeze()


settle()
