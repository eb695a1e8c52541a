from django.apps import AppConfig


class CoachportalConfig(AppConfig):
    name = "coachportal"
