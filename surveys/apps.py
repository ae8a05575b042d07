from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    name = "surveys"

    def ready(self):
        from accounts.settings_forms import register_effects, register_follower
        from clients import ahead, handover, page, standing, there, timeline
        from outbox import kinds
        from partnerships import looks
        from surveys import (
            asking,
            came_back,
            cases,
            client_page,
            client_rounds,
            digest,
            list_column,
            merging,
            overdue,
            settings_effects,
            somebody_else,
            somebody_else_views,
            you_said_views,
        )
        from surveys.mails import register_kinds

        register_kinds()
        list_column.register()
        digest.register()
        merging.register()
        handover.register_follower(asking.follow_client)
        somebody_else.register_kind()
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
        page.register_section(
            slot="main", order=1, template="surveys/_somebody_else.html", context=somebody_else_views.card
        )
        page.register_section(slot="main", order=2, template="surveys/_came_back.html", context=came_back.card)
        kinds.register_bounce_listener(came_back.address_died)
        looks.register(cases.look)
        looks.register_follower(cases.follow)
        page.register_section(
            slot="side",
            order=11,
            template="surveys/_you_said_card.html",
            context=you_said_views.card,
            anchor="you-said",
            title=_("You said, we did"),
        )
        page.register_person_part("surveys/_person_part.html", client_page.person_part)
        standing.register(client_page.reasons)
        standing.register(overdue.reasons)
        timeline.register_kind("survey", _("Survey"))
        timeline.register_source(client_page.story_source, kind="survey", needs="invitations")
        timeline.register_source(overdue.story_source, kind="survey", needs="invitations")
        there.register("invitations", "results", "beliefs")
        ahead.register(
            lambda client, user, now: client_rounds.asked_of.question(client),
            lambda client, user, now: client_page.results_of.question(client, user=user),
            lambda client, user, now: client_page.beliefs_owed.question(client, user=user),
            lambda client, user, now: cases.cases_at.question(client),
        )
