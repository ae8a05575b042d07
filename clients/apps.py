from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClientsConfig(AppConfig):
    name = "clients"

    def ready(self):
        from accounts import import_jobs
        from accounts.context import register_nav
        from clients import ahead, handover, lists, mail_states, page, pins
        from clients.follow_ups import rows as follow_ups
        from clients.history import register as register_history
        from clients.importing import ClientImporter
        from clients.mail_in import filing, leaving, reading
        from clients.merging import own as merging
        from clients.requests import wiring as requests

        handover.register()
        import_jobs.register(ClientImporter())
        lists.register()
        requests.register()
        merging.register_own()
        register_history()
        register_nav("pins", pins.in_sidebar)
        register_nav("pinned_ids", pins.ids_in_sidebar)
        page.register_section(
            slot="main",
            order=20,
            template="clients/follow_ups/_section.html",
            context=follow_ups.at_client,
            anchor="follow-ups",
            title=_("Follow-ups"),
        )
        ahead.register(lambda client, user, now: follow_ups.open_at.question(client, user=user))
        mail_states.register()
        reading.register()
        leaving.register()
        register_nav("mail_in", filing.in_sidebar)
