"""The list of concerns, one concern in four steps, and the sheet to print. They find, ask, and draw."""

from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import conflict
from accounts.paging import BoundedPaginator
from clients.models import Client
from partnerships import listing, looks, talks
from partnerships.brief import sheet
from partnerships.forms import ConcernEditForm, ConcernForm
from partnerships.models import Concern
from partnerships.page import page_of
from partnerships.wording import standing

PAGE = 50
TWICE = timedelta(minutes=2)


@require_safe
def concerns(request):
    now = timezone.now()
    asked = listing.Asked(request.GET, request.user, now=now)
    page = BoundedPaginator(asked.concerns().values_list("pk", flat=True), PAGE).get_page(request.GET.get("page"))
    ids = list(page.object_list)
    found = Concern.objects.filter(pk__in=ids).with_people().prefetch_related(*listing.ABSENCES).in_bulk()
    page.object_list = [(found[pk], standing(found[pk], now=now)) for pk in ids if pk in found]
    context = {
        "page": page,
        "asked": asked,
        "states": listing.STATES.items(),
        "dues": listing.DUES.items(),
        "severities": Concern.Severity.choices,
        "causes": Concern.CauseKind.choices,
        "sorts": listing.SORT_WORDS.items(),
        "tallies": listing.tallies(request.user, now=now),
    }
    return render(request, "partnerships/concerns.html", context)


@require_safe
def concerns_export(request):
    asked = listing.Asked(request.GET, request.user, now=timezone.now())
    response = StreamingHttpResponse(listing.csv_lines(asked), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="concerns-{timezone.localdate():%Y-%m-%d}.csv"'
    return response


@require_http_methods(["GET", "POST"])
def concern_new(request, client_id):
    now = timezone.now()
    clients = Client.objects.writable_by(request.user).current().select_related("owner")
    client = get_object_or_404(clients, public_id=client_id)
    from_survey = request.GET.get("from") == "survey"
    if from_survey and request.method == "GET" and (begun := _begun(client)):
        return redirect(begun)
    form = ConcernForm(request.POST or None, initial={"origin": Concern.Origin.SURVEY} if from_survey else {})
    if request.method == "POST" and form.is_valid():
        concern = _opened(client, form.cleaned_data, by=request.user, now=now)
        messages.success(request, _("Written down. Next, find a day to talk."))
        return redirect(concern)
    context = {"client": client, "form": form}
    return render(request, "partnerships/concern_new.html", context, status=422 if form.is_bound else 200)


def _begun(client):
    """A talk about the survey that is open already is gone on with, not begun twice."""
    return client.concerns.unresolved().filter(origin=Concern.Origin.SURVEY).first()


@transaction.atomic
def _opened(client, fields, *, by, now):
    """The concern, or the one the first of two clicks wrote down."""
    again = client.concerns.filter(opened_by=by, opened_at__gt=now - TWICE, what_happened=fields["what_happened"])
    if known := again.first():
        return known
    concern = Concern.open(client, by=by, now=now, **fields)
    if concern.origin == Concern.Origin.SURVEY:
        looks.opened_from_survey(concern, by=by, now=now)
    return concern


def found_or_404(request, concern_id, *, write=False):
    concerns = Concern.objects.writable_by(request.user) if write else Concern.objects.visible_to(request.user)
    if write:
        concerns = concerns.filter(client__archived_at=None)
    concerns = concerns.with_people().select_related("opened_by", "recurrence_of", "cleared_by")
    return get_object_or_404(concerns.prefetch_related("talk_with"), public_id=concern_id)


@require_safe
def concern(request, concern_id):
    concern = found_or_404(request, concern_id)
    context = page_of(concern, user=request.user, now=timezone.now(), query=request.GET)
    return render(request, "partnerships/concern.html", context)


@require_http_methods(["GET", "POST"])
def concern_edit(request, concern_id):
    now = timezone.now()
    concern = found_or_404(request, concern_id, write=True)
    form = ConcernEditForm(request.POST or None, instance=concern)
    context = {"concern": concern, "form": form}
    if request.method == "POST" and form.is_valid():
        before = Concern.objects.with_people().get(pk=concern.pk).leader
        try:
            with transaction.atomic():
                form.save_if_current(by=request.user, now=now)
                concern.note_recurrence(now=now)
                concern.tell_handover(before, by=request.user, now=now)
                talks.pass_on(Concern.objects.with_people().get(pk=concern.pk), now=now)
        except conflict.Stale:
            return conflict.answer(request, "partnerships/concern_edit.html", form, context)
        messages.success(request, _("Saved."))
        return redirect(concern)
    return render(request, "partnerships/concern_edit.html", context, status=422 if form.is_bound else 200)


@require_safe
def concern_brief(request, concern_id):
    """One sheet to print before the talk."""
    concern = found_or_404(request, concern_id)
    context = sheet(concern, user=request.user, now=timezone.now())
    return render(request, "partnerships/brief.html", context)
