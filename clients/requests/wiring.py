"""What requests hang into the rest of this room; called when the app starts."""

from django.utils.translation import gettext_lazy as _

from accounts import handover as leaving
from accounts.context import register_nav
from accounts.settings_forms import register_effects
from clients import ahead, composer, page, standing, timeline
from clients import handover as clients_handover
from clients.requests import client_page, effects, handover, mails, nav, suggest


def register():
    mails.register_kinds()
    register_effects(effects.effects)
    register_nav("requests", nav.waiting)
    register_nav("requests_over", nav.over)
    leaving.register(_("requests that wait"), count=handover.count, move=handover.move)
    clients_handover.register_follower(handover.move_with_client, holds=handover.holds, give=handover.give)
    page.register_section(
        slot="main",
        order=5,
        template="clients/requests/_section.html",
        context=client_page.section,
        anchor="requests",
        title=_("Requests"),
    )
    page.register_section(slot="actions", order=5, template="clients/requests/_button.html", context=client_page.button)
    standing.register(client_page.reasons)
    ahead.register(lambda client, user, now: client_page.shown_of.question(client))
    timeline.register_kind("requests", _("Requests"))
    timeline.register_source(client_page.story_source, kind="requests", needs="requests")
    composer.register_suggester(suggest.suggester)
    composer.register_remainder(suggest.remainder)
