from django.apps import AppConfig


class CreditsConfig(AppConfig):
    name = "credits"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from credits.append_only import after_migrations

        post_migrate.connect(after_migrations, sender=self, dispatch_uid="credits.append_only")
