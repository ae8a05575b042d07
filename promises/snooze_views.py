"""Putting a promise off: out of my day and of the digest until a day before its due. No figure knows of it."""

from datetime import datetime, timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import PlainMixin
from accounts.quick import date_format
from accounts.way_back import way_back
from promises.forms.fields import date_field
from promises.models import Promise, PromiseError


def moment_of(day, user):
    """When something put off until that day is back: with the digest of whoever put it off."""
    return timezone.make_aware(datetime.combine(day, user.digest_at), user.zone)


def quick_days(promise, user, now):
    """(label, day) of the days that suit most: tomorrow, Monday and in a week, as long as the due lies behind them."""
    today = now.astimezone(user.zone).date()
    monday = today + timedelta(days=7 - today.weekday())
    days = {today + timedelta(days=1): _("Tomorrow"), today + timedelta(days=7): _("In a week"), monday: _("Monday")}
    return [(label, day) for day, label in sorted(days.items()) if now < moment_of(day, user) <= promise.due_at]


class SnoozeForm(PlainMixin, forms.Form):
    until = date_field(gettext_lazy("Until"), error_messages={"required": gettext_lazy("Choose a day.")})

    def __init__(self, *args, promise, user, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.promise, self.user, self.now = promise, user, now

    def clean_until(self):
        day = self.cleaned_data["until"]
        try:
            until = moment_of(day, self.user)
        except (OverflowError, ValueError) as error:
            raise ValidationError(_("Choose a day before it is due.")) from error
        if until <= self.now:
            raise ValidationError(_("Choose a day after today."))
        if until > self.promise.due_at:
            due = date_format(self.promise.due_at.astimezone(self.user.zone), "D j F, H:i")
            raise ValidationError(_("It is due %(due)s. Choose a day before that.") % {"due": due})
        return until


def _find(request, public_id):
    return get_object_or_404(Promise.objects.writable_by(request.user).with_people(), public_id=public_id)


@require_http_methods(["GET", "HEAD", "POST"])
def promise_snooze(request, public_id):
    now = timezone.now()
    promise = _find(request, public_id)
    if not promise.can_be_snoozed(now):
        messages.warning(request, _("It can be put off three times while it is open, and never beyond its due."))
        return redirect(way_back(request) or promise)
    form = SnoozeForm(request.POST or None, promise=promise, user=request.user, now=now)
    if request.method == "POST" and form.is_valid():
        return _put_off(request, promise, until=form.cleaned_data["until"], now=now)
    context = {
        "promise": promise,
        "form": form,
        "quick": quick_days(promise, request.user, now),
        "next": way_back(request),
        "time": promise.snoozes + 1,
    }
    return render(request, "promises/snooze.html", context, status=422 if form.errors else 200)


def _put_off(request, promise, *, until, now):
    try:
        promise.snooze(by=request.user, now=now, until=until)
    except PromiseError as refused:
        messages.warning(request, refused.words)
        return redirect(promise)
    wake = reverse("promise_wake", args=[promise.public_id])
    day = date_format(until.astimezone(request.user.zone), "l j F")
    said = _("Put off until %(day)s. It stays due when it was due.") % {"day": day}
    messages.success(request, said, extra_tags=f"undo:{wake}")
    return redirect(way_back(request) or promise)


@require_POST
def promise_wake(request, public_id):
    """Undo: it is back at once, and that time does not count."""
    promise = _find(request, public_id)
    try:
        promise.wake(by=request.user, now=timezone.now())
    except PromiseError as refused:
        messages.warning(request, refused.words)
    else:
        messages.success(request, _("It is back."))
    return redirect(way_back(request) or promise)
