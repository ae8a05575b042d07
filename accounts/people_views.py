"""The people page. Managers read; administrators invite, change, deactivate and bring back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import handover
from accounts.access import administrators_only, managers_only
from accounts.conflict import Stale, answer
from accounts.forms import posted
from accounts.invite import AlreadyIn, invite, invite_again
from accounts.models import User
from accounts.people_forms import InviteForm, LeaveForm, PeopleFilter, PersonForm

SORTS = {"name": "name", "role": "role", "clients": "clients_owned", "seen": "last_login"}
LAST_ADMINISTRATOR = gettext_lazy("This is the last administrator. Make somebody else one first.")


@require_safe
@managers_only
def people(request):
    form = PeopleFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = User.objects.annotate(clients_owned=Count("clients", filter=Q(clients__archived_at=None)))
    found = _in_state(found, chosen.get("state", ""))
    if chosen.get("role"):
        found = found.filter(role=chosen["role"])
    for word in chosen.get("q", "").split():
        found = found.filter(Q(name__icontains=word) | Q(email__icontains=word) | Q(job_title__icontains=word))
    sort = request.GET.get("sort", "")
    column = SORTS.get(sort.removeprefix("-"), "name")
    found = found.order_by(("-" if sort.startswith("-") else "") + column, "name", "pk")
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    return render(request, "accounts/people.html", {"page": page, "form": form, "filtered": any(chosen.values())})


def _in_state(found, state):
    if state == "left":
        return found.filter(is_active=False)
    if state == "invited":
        return found.active().filter(last_login=None).exclude(invited_at=None)
    return found if state == "all" else found.active()


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def person_invite(request):
    form = InviteForm(posted(request))
    if form.is_valid():
        person = invite(**form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("An invitation is on its way to %(name)s.") % {"name": person.name})
        return redirect("people")
    return render(request, "accounts/person_invite.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@managers_only
def person(request, public_id):
    """Managers read, administrators change."""
    shown = get_object_or_404(User, public_id=public_id)
    context = {"person": shown, "belongings": handover.belongings(shown), "absences": list(shown.absences.all())}
    if not request.user.is_administrator:
        return render(request, "accounts/person.html", context)
    form = PersonForm(posted(request), instance=User.objects.get(pk=shown.pk))
    if request.method != "POST":
        return render(request, "accounts/person.html", {**context, "form": form})
    if form.is_valid():
        try:
            with transaction.atomic():
                if not form.instance.is_administrator:
                    handover.keep_an_administrator(without=shown)
                form.save_if_current(by=request.user, now=timezone.now())
        except Stale:
            return answer(request, "accounts/person.html", form, context)
        except handover.LastAdministrator:
            form.add_error("role", LAST_ADMINISTRATOR)
        else:
            messages.success(request, _("Saved."))
            return redirect("people")
    return render(request, "accounts/person.html", {**context, "form": form}, status=422)


@require_POST
@administrators_only
def person_invite_again(request, public_id):
    person = get_object_or_404(User, public_id=public_id)
    try:
        invite_again(person, by=request.user, now=timezone.now())
    except AlreadyIn:
        messages.warning(request, _("%(name)s has signed in already and needs no invitation.") % {"name": person.name})
    else:
        messages.success(request, _("An invitation is on its way to %(name)s.") % {"name": person.name})
    return redirect("person", person.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def person_leave(request, public_id):
    """What will move to whom is said here before anything does."""
    person = get_object_or_404(User.objects.active(), public_id=public_id)
    belongings = handover.belongings(person)
    form = LeaveForm(posted(request), person=person, each=handover.one_by_one(person))
    if request.method == "POST" and form.is_valid():
        try:
            to, each = form.cleaned_data["to"], form.successors()
            handover.leave(person, to=to, each=each, by=request.user, now=timezone.now())
        except handover.NotYourself:
            form.add_error(None, _("You cannot deactivate yourself. Ask another administrator."))
        except handover.LastAdministrator:
            form.add_error(None, LAST_ADMINISTRATOR)
        except handover.NeedsSuccessor:
            form.add_error("to", _("Choose who takes over. What somebody owns always has a name on it."))
        else:
            messages.success(request, _("%(name)s is deactivated and signed out.") % {"name": person.name})
            return redirect("people")
    context = {"person": person, "belongings": belongings, "form": form}
    return render(request, "accounts/person_leave.html", context, status=422 if form.errors else 200)


@require_POST
@administrators_only
def person_back(request, public_id):
    person = get_object_or_404(User.objects.filter(is_active=False), public_id=public_id)
    handover.come_back(person, by=request.user, now=timezone.now())
    messages.success(request, _("%(name)s may sign in again.") % {"name": person.name})
    return redirect("person", person.public_id)
