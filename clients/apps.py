from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClientsConfig(AppConfig):
    name = "clients"

    def ready(self):
        from clients import handover, mail_states, page
        from clients.follow_ups import rows as follow_ups

        handover.register()
        page.register_section(
            slot="main",
            order=20,
            template="clients/follow_ups/_section.html",
            context=follow_ups.at_client,
            anchor="follow-ups",
            title=_("Follow-ups"),
        )
        mail_states.register()
