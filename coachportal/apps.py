from django.apps import AppConfig
from django.db.backends.signals import connection_created

from coachportal.kept_plans import watch


class CoachportalConfig(AppConfig):
    name = "coachportal"

    def ready(self) -> None:
        connection_created.connect(watch)
