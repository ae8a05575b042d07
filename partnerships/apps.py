from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnershipsConfig(AppConfig):
    name = "partnerships"

    def ready(self):
        from accounts import handover as leaving
        from accounts.settings_forms import register_effects
        from clients import ahead, page, standing, there, timeline
        from clients import handover as clients_handover
        from partnerships import client_page, digest, handover, history, mails, merging, settings_effects
        from promises.reminders import sections

        mails.register_kinds()
        merging.register()
        history.register()
        sections.register(digest.section())
        register_effects(settings_effects.effects)
        leaving.register(_("talks to clear the air"), count=handover.count, move=handover.move)
        clients_handover.register_follower(handover.move_with_client, holds=handover.holds, give=handover.give)
        page.register_section(
            slot="side",
            order=40,
            template="partnerships/_card.html",
            context=client_page.card,
            anchor="air",
            title=_("Clearing the air"),
        )
        page.register_section(
            slot="side",
            order=45,
            template="partnerships/_suggestions_card.html",
            context=client_page.suggestions_card,
            anchor="suggestions",
            title=_("Suggestions"),
        )
        standing.register(client_page.reasons)
        timeline.register_kind("air", _("Clearing the air"))
        timeline.register_source(client_page.story_source, kind="air", needs="concerns")
        there.register("concerns", "suggestions")
        ahead.register(lambda client, user, now: client_page.unresolved_of.question(client))
        ahead.register(lambda client, user, now: client_page.suggestions_of.question(client))
