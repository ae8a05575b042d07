"""Signing in and out and passwords. allauth does the work; here are our words, statuses and links."""

from allauth.account import views as allauth_views
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.forms import posted
from accounts.models import Origin, User
from accounts.sign_in_forms import ChoosePasswordForm
from accounts.sign_in_links import person_of

DEMO_PASSWORD = "partnership"  # noqa: S105 - shown on the sign-in page of demo installations


class Refused422:
    def form_invalid(self, form):
        response = super().form_invalid(form)
        if response.status_code == 200:
            response.status_code = 422
        return response


class SignIn(Refused422, allauth_views.LoginView):
    def get_context_data(self, **kwargs):
        return super().get_context_data(demo_people=demo_people(), demo_password=DEMO_PASSWORD, **kwargs)


def demo_people():
    """One demo person of each role, for the one-click sign-ins; nobody where this is no demo."""
    if not settings.DEMO:
        return []
    people = User.objects.active().filter(origin=Origin.DEMO).order_by("pk")
    first = {}
    for person in people:
        first.setdefault(person.role, person)
    return list(first.values())


class SignOut(allauth_views.LogoutView):
    http_method_names = ["get", "post", "head"]


class AskForPassword(Refused422, allauth_views.PasswordResetView):
    pass


class ChangePassword(Refused422, allauth_views.PasswordChangeView):
    success_url = reverse_lazy("profile")

    def dispatch(self, request, *args, **kwargs):
        if not request.user.has_usable_password():  # there is nothing to change yet: one is chosen by mail
            return redirect("account_reset_password")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form):
        response = super().form_valid(form)
        messages.success(self.request, _("Your password is changed. Other browsers are signed out."))
        return response


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def choose_password(request, public_id, token):
    """The page behind the link of an invitation or a reset. Opening it changes nothing, however often."""
    limited = ratelimit.consume_or_429(request, action="reset_password_from_key")
    if limited:
        return limited
    person = person_of(public_id, token)
    if person is None:
        return _private(render(request, "account/password_link_dead.html", status=404))
    form = ChoosePasswordForm(person, posted(request))
    if not form.is_valid():
        context = {"form": form, "person": person}
        return _private(
            render(request, "account/password_reset_from_key.html", context, status=422 if form.is_bound else 200)
        )
    with transaction.atomic():
        form.save()
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    messages.success(request, _("Your password is set."))
    return redirect(settings.LOGIN_REDIRECT_URL)


def _private(response):
    # Not `no-referrer`: from such a page browsers send `Origin: null`, and its own form would be refused as forged.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
