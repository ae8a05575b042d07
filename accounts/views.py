"""One's own profile, and the firm's settings."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import mail_address
from accounts.access import administrators_only
from accounts.conflict import Stale, answer
from accounts.forms import posted
from accounts.models import Absence, User, Workspace
from accounts.profile_forms import AbsenceForm, MailAddressesForm, ProfileForm
from accounts.settings_forms import WorkspaceForm, effects, follow
from accounts.way_back import way_back


def _profile_page(request, form, absence_form, *, mail_form=None, status=200):
    context = {"form": form, **_beside(request, absence_form, mail_form)}
    return render(request, "accounts/profile.html", context, status=status)


def _beside(request, absence_form=None, mail_form=None):
    """What the profile shows below its own form."""
    return {
        "absence_form": absence_form or AbsenceForm(),
        "absences": list(request.user.absences.all()),
        "mail_in": mail_address.is_on(),
        "mail_address": mail_address.personal(request.user),
        "mail_form": mail_form or MailAddressesForm(user=request.user),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request):
    # A copy of its own: a refused form must not change who the rest of the page believes is signed in.
    form = ProfileForm(posted(request), instance=User.objects.get(pk=request.user.pk))
    if request.method != "POST":
        return _profile_page(request, form, AbsenceForm())
    if not form.is_valid():
        return _profile_page(request, form, AbsenceForm(), status=422)
    try:
        form.save_if_current(by=request.user, now=timezone.now())
    except Stale:
        return answer(request, "accounts/profile.html", form, _beside(request))
    messages.success(request, _("Saved."))
    return redirect("profile")


@require_POST
def absence_new(request):
    form = AbsenceForm(request.POST, instance=Absence(user=request.user))
    if not form.is_valid():
        shown = ProfileForm(instance=User.objects.get(pk=request.user.pk))
        return _profile_page(request, shown, form, status=422)
    # A double click adds it once.
    Absence.objects.get_or_create(user=request.user, **form.cleaned_data)
    messages.success(request, _("Noted. Due dates in these days are pointed out."))
    return redirect("profile")


@require_POST
def absence_remove(request, pk):
    get_object_or_404(request.user.absences, pk=pk).delete()
    messages.success(request, _("Removed."))
    return redirect("profile")


@require_POST
def mail_in_address(request):
    """A personal address for mail, or another one: the old one takes nothing from this moment on."""
    if not mail_address.is_on():
        raise Http404
    had = bool(request.user.mail_in_key)
    mail_address.renew(request.user)
    messages.success(request, _("This is your new address. The old one takes nothing any more.") if had else _("Made."))
    return redirect(reverse("profile") + "#mail-in")


@require_POST
def mail_addresses(request):
    """The other addresses this person writes from."""
    form = MailAddressesForm(request.POST, user=User.objects.get(pk=request.user.pk))
    if not form.is_valid():
        shown = ProfileForm(instance=User.objects.get(pk=request.user.pk))
        return _profile_page(request, shown, AbsenceForm(), mail_form=form, status=422)
    form.save()
    messages.success(request, _("Saved."))
    return redirect(reverse("profile") + "#mail-in")


@require_POST
def theme(request):
    chosen = request.POST.get("theme", "")
    if chosen in User.Theme.values:
        User.objects.filter(pk=request.user.pk).update(theme=chosen)
    return redirect(way_back(request) or "profile")


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def settings(request):
    before, now = Workspace.current(), timezone.now()
    form = WorkspaceForm(posted(request), instance=Workspace.current())
    context = {"effects": effects(before, now=now)}
    if request.method != "POST":
        return render(request, "accounts/settings.html", {**context, "form": form})
    if not form.is_valid():
        return render(request, "accounts/settings.html", {**context, "form": form}, status=422)
    try:
        with transaction.atomic():
            Workspace.objects.get_or_create(pk=1)
            form.save_if_current(by=request.user, now=now)
            follow(before, Workspace.current(), now=now)
    except Stale:
        return answer(request, "accounts/settings.html", form, context)
    messages.success(request, _("Saved."))
    return redirect("settings")
