"""Settling who answers instead: the client's owner or a manager invites the new person, or leaves it as it is."""

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.forms import PlainForm
from surveys import somebody_else
from surveys.client_rounds import rounds_of
from surveys.models import NotPossibleNow


class SettleForm(PlainForm):
    """The new person as we write them down: the name and the address an invitation goes to."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    address = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)


@require_http_methods(["GET", "POST"])
def survey_settle(request, public_id, pk):
    found = somebody_else.unsettled(request.user, invitation__round__public_id=public_id, pk=min(pk, 2**62)).first()
    if found is None:
        return _settled_already(request, public_id, pk)
    inviting = request.method == "POST" and request.POST.get("act") == "invite"
    form = SettleForm(request.POST if inviting else None, initial={"name": found.name, "address": found.address})
    if request.method == "POST" and not inviting:
        return _dismiss(request, found)
    if inviting and form.is_valid():
        try:
            contact = somebody_else.invite(found, **form.cleaned_data, by=request.user, now=timezone.now())
        except somebody_else.CannotBeAsked as refused:
            form.add_error("address", str(refused))
        except NotPossibleNow:
            messages.warning(request, _("Somebody settled this before you, or the round has closed."))
            return redirect(found.invitation.client)
        else:
            messages.success(request, _("%(name)s is a contact now and is being asked.") % {"name": contact.name})
            return redirect(found.invitation.client)
    context = {"said": found, "form": form, "round": found.invitation.round}
    return render(request, "surveys/settle.html", context, status=422 if form.is_bound else 200)


def _dismiss(request, found):
    try:
        somebody_else.dismiss(found, by=request.user, now=timezone.now())
    except NotPossibleNow:
        messages.warning(request, _("Somebody settled this before you."))
    else:
        messages.success(request, _("Left as it is: the same person stays asked."))
    return redirect(found.invitation.client)


def _settled_already(request, public_id, pk):
    """A link in a mail may be old: whoever may have settled it is told so."""
    settled = somebody_else.settled(request.user, invitation__round__public_id=public_id, pk=min(pk, 2**62)).first()
    if settled is None:
        raise Http404
    messages.info(request, _("This has been settled."))
    return redirect(settled.invitation.client)


def card(client, user, now):
    """For the client page: who should answer instead, as long as nobody has settled it."""
    if not any(round.elsewhere for round in rounds_of(client)):
        return None
    said = list(somebody_else.unsettled(user, invitation__client=client)[:10])
    return {"waiting": said} if said else None
