from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import user_logged_in
        from django.db.models.signals import post_migrate

        from accounts.actions import note_sign_in
        from accounts.append_only import after_migrations

        user_logged_in.connect(note_sign_in, dispatch_uid="accounts.note_sign_in")
        post_migrate.connect(after_migrations, sender=self, dispatch_uid="accounts.append_only")
