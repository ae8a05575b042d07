from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self):
        from accounts import handover, history, import_jobs
        from accounts.context import register_nav
        from accounts.import_people import PeopleImporter
        from accounts.lists import files, long_acts
        from accounts.mails import register_kinds
        from outbox.models import Email

        register_kinds()
        history.register()
        handover.register_own()
        long_acts.register()
        files.register()
        import_jobs.register_job()
        import_jobs.register(PeopleImporter())
        register_nav(
            "mail_trouble", lambda request: Email.objects.in_trouble().count() if request.user.is_manager else 0
        )
