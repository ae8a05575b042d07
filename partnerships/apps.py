from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnershipsConfig(AppConfig):
    name = "partnerships"

    def ready(self):
        from clients import page, standing
        from partnerships import client_page

        page.register_section(
            slot="side",
            order=40,
            template="partnerships/_card.html",
            context=client_page.card,
            anchor="air",
            title=_("Clearing the air"),
        )
        standing.register(client_page.reasons)
