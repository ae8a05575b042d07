from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PromisesConfig(AppConfig):
    name = "promises"

    def ready(self):
        from accounts import handover as leaving
        from accounts import import_jobs
        from accounts.context import register_nav
        from accounts.settings_forms import register_effects
        from clients import ahead, composer, page, standing, timeline
        from clients import handover as clients_handover
        from promises import client_page, handover, history, letters, mails, merging, nav, saved_views, suggest
        from promises.importing import PromiseImporter
        from promises.reminders import effects

        mails.register_kinds()
        import_jobs.register(PromiseImporter())
        saved_views.register()
        letters.register_kinds()
        merging.register()
        history.register()
        register_nav("promises_late", nav.late)
        register_nav("requests", nav.waiting)  # in the same query
        register_nav("requests_over", nav.over)
        register_nav("mail_trouble", nav.mail_trouble)
        register_effects(effects.effects)
        leaving.register(_("open promises"), count=handover.count, move=handover.move)
        clients_handover.register_follower(handover.move_with_client, holds=handover.holds, give=handover.give)
        page.register_section(
            slot="main",
            order=10,
            template="promises/_both_ways.html",
            context=client_page.both_ways,
            anchor="promises",
            title=_("Promises"),
        )
        page.register_person_part("promises/_person_part.html", client_page.person_part)
        standing.register(client_page.reasons)
        ahead.register(lambda client, user, now: client_page.shown_of.question(client))
        ahead.register(lambda client, user, now: client_page.counting(client, now))
        timeline.register_kind("promises", _("Promises"))
        timeline.register_source(client_page.story_source, kind="promises")
        timeline.register_act(client_page.make_this_a_promise)
        timeline.register_what_came("promises", client_page.made_then, client_page.tag_of)
        composer.register_suggester(suggest.suggester)
        composer.register_remainder(suggest.remainder)
