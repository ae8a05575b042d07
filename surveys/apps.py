from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    name = "surveys"

    def ready(self):
        from accounts.settings_forms import register_effects, register_follower
        from clients import page, standing, timeline
        from surveys import client_page, settings_effects
        from surveys.mails import register_kinds

        register_kinds()
        register_effects(settings_effects.effects)
        register_follower(settings_effects.follow)
        page.register_section(
            slot="side",
            order=10,
            template="surveys/_gap_card.html",
            context=client_page.card,
            anchor="gap",
            title=_("Survey gap"),
        )
        standing.register(client_page.reasons)
        timeline.register_source(client_page.story_source)
