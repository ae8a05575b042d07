"""An invitation that came back goes out once more, from the page of its client."""

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.models import Client
from clients.views.doors import go_on
from surveys import came_back
from surveys.models import Invitation


@require_http_methods(["POST"])
def survey_came_back(request, public_id, invitation_id):
    asked = Invitation.objects.filter(round__public_id=public_id, client__in=Client.objects.writable_by(request.user))
    invitation = get_object_or_404(asked.with_people(), public_id=invitation_id)
    try:
        came_back.send_again(invitation, by=request.user, now=timezone.now())
    except came_back.NotAgain as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("It goes out again, to %s.") % invitation.contact.email)
    return go_on(request, invitation.client)
