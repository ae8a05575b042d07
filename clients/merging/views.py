"""Choosing the other one, holding both side by side, merging, and taking it back."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import managers_only
from accounts.conflict import Stale
from clients import duplicates
from clients.alike import nearest
from clients.merging import page, undoing, verbs
from clients.models import Client, Contact, Merge
from clients.views.doors import readable_client, writable_client

FOUND = 12


def _id(text):
    return text[:16].replace("\0", "")


@require_http_methods(["GET", "POST"])
def client_merge(request, public_id):
    """The client of the address is the one that stays."""
    kept = writable_client(request, public_id)
    wanted = _id(request.GET.get("with", ""))
    gone = Client.objects.writable_by(request.user).select_related("owner").filter(public_id=wanted).first()
    if gone is None and wanted and kept.merged_from.filter(public_id=wanted).exists():  # a second click
        messages.success(request, _("They are one already."))
        return redirect(kept)
    if gone is None or gone == kept:
        return _choose_client(request, kept, wanted=wanted)
    act = verbs.merge_clients
    back = reverse("client_merge", args=[gone.public_id]) + f"?with={kept.public_id}"
    return _side_by_side(request, kept, gone, act=act, client=kept, values=page.values, swap=back)


def _choose_client(request, kept, *, wanted):
    writable = Client.objects.writable_by(request.user).current().exclude(pk=kept.pk).select_related("owner")
    words = request.GET.get("q", "").strip()[:200]
    found = list(writable.search(words)[:FOUND]) if words else []
    if words and not found:
        found = nearest(writable, words, limit=FOUND)
    alike = duplicates.clients_like(request.user, name=kept.name, website=kept.website, besides=kept)
    alike = [one for one in alike if not one.record.archived_at and one.record.can_be_written_by(request.user)]
    context = {"client": kept, "words": words, "found": found, "alike": alike, "wrong": bool(wanted)}
    context["same"] = wanted == kept.public_id
    return render(request, "clients/merge.html", context, status=_status(request, 422))


@require_http_methods(["GET", "POST"])
def contact_merge(request, public_id, person_id):
    client = writable_client(request, public_id)
    there = client.contacts.filter(merged_into=None, deleted_at=None).select_related("client")
    kept = get_object_or_404(there, public_id=person_id)
    wanted = _id(request.GET.get("with", ""))
    gone = there.filter(public_id=wanted).first()
    if gone is None or gone == kept:
        alike = duplicates.people_like(request.user, client, name=kept.name, email=kept.email, besides=kept)
        alike = [one for one in alike if one.record.client_id == client.pk]
        others = there.exclude(pk__in=[kept.pk, *(one.record.pk for one in alike)])[:200]
        context = {"client": client, "person": kept, "alike": alike, "others": others, "wrong": bool(wanted)}
        context["same"] = wanted == kept.public_id
        return render(request, "clients/merge_person.html", context, status=_status(request, 422))
    back = reverse("contact_merge", args=[client.public_id, gone.public_id]) + f"?with={kept.public_id}"
    act = verbs.merge_people
    return _side_by_side(request, kept, gone, act=act, client=client, values=page.person_values, swap=back)


def _status(request, refused):
    return refused if request.method == "POST" else 200


def _side_by_side(request, kept, gone, *, act, client, values, swap):
    posted = request.POST if request.method == "POST" else None
    chosen = page.rows(kept, gone, posted)
    context = {
        "kept": kept,
        "gone": gone,
        "client": client,
        "is_person": isinstance(kept, Contact),
        "rows": chosen,
        "moves": page.what_moves(gone),
        "swap": swap,
        "days": verbs.UNDO_FOR.days,
    }
    if posted is None:
        return render(request, "clients/merge_two.html", context)
    taken, problems = values(kept, gone, chosen)
    if problems:
        return render(request, "clients/merge_two.html", {**context, "problems": problems}, status=422)
    versions = {kept.pk: _number(posted.get("kept_version")), gone.pk: _number(posted.get("gone_version"))}
    try:
        merge = act(kept, gone, by=request.user, now=timezone.now(), values=taken, versions=versions)
    except Stale:
        words = _("Somebody changed one of the two while you were looking. This is how both stand now: look again.")
        return render(request, "clients/merge_two.html", {**context, "problems": [words]}, status=409)
    except verbs.MergedAlready as reason:
        messages.warning(request, str(reason))
        return redirect(client)
    except verbs.CannotMerge as reason:
        return render(request, "clients/merge_two.html", {**context, "problems": [str(reason)]}, status=422)
    words = _("%(gone)s is part of %(kept)s now.") % {"gone": gone.name, "kept": kept.name}
    words = " ".join([words, *page.what_was_decided(merge)])
    messages.success(request, words, extra_tags=f"undo:{reverse('merge_undo', args=[merge.uuid])}")
    if Client.objects.visible_to(request.user).filter(pk=client.pk).exists():
        return redirect("client", client.public_id)
    return redirect("clients")


def _number(text):
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0


# ---------------------------------------------------------------------- afterwards
def _merge(request, uuid, find):
    merge = get_object_or_404(
        Merge.objects.select_related("kept_client", "kept_contact__client", "gone_client", "by"), uuid=uuid
    )
    client = merge.kept_client or merge.kept_contact.client
    while client.merged_into is not None:
        client = client.merged_into
    find(request, client.public_id)  # 404 for whom it does not exist
    apart = merge.gone_client if merge.undone_at else None
    if apart and not Client.objects.visible_to(request.user).filter(pk=apart.pk).exists():
        raise Http404(uuid)
    return merge, client


@require_http_methods(["GET"])
def merge(request, uuid):
    """What was merged into what, what moved, and whether it can be taken back."""
    shown, client = _merge(request, uuid, readable_client)
    context = {
        "merge": shown,
        "client": client,
        "kept": shown.kept_client or shown.kept_contact,
        "gone": shown.gone_client or shown.gone_contact,
        "moved": page.what_moved(shown),
        "decided": page.what_was_decided(shown),
        "why_not": undoing.why_not(shown, now=timezone.now()),
        "until": shown.at + verbs.UNDO_FOR,
        "may_write": client.can_be_written_by(request.user),
    }
    return render(request, "clients/merge_done.html", context)


@require_http_methods(["POST"])
def merge_undo(request, uuid):
    taken, client = _merge(request, uuid, writable_client)
    try:
        told = undoing.undo(taken, by=request.user, now=timezone.now())
    except verbs.CannotMerge as reason:
        messages.warning(request, str(reason))
        return redirect("merge", taken.uuid)
    back = taken.gone_client or taken.gone_contact
    words = _("%(name)s stands by itself again.") % {"name": back.name}
    messages.success(request, " ".join([words, *page.what_came_of_it(told)]))
    target = taken.gone_client or client
    if not Client.objects.visible_to(request.user).filter(pk=target.pk).exists():
        target = client
    return redirect("client", target.public_id)


# ---------------------------------------------------------------------- doubles
@require_http_methods(["GET"])
@managers_only
def doubles(request):
    return render(request, "clients/doubles.html", {"pairs": duplicates.likely_doubles(request.user)})


@require_http_methods(["POST"])
def client_different(request, public_id, other_id):
    """They are two: said once, remembered."""
    one = writable_client(request, public_id)
    other = get_object_or_404(Client.objects.visible_to(request.user), public_id=other_id)
    if one == other:
        raise Http404
    duplicates.are_different(one, other, by=request.user, now=timezone.now())
    words = _("%(one)s and %(other)s are two. Nobody is asked again.")
    messages.success(request, words % {"one": one.name, "other": other.name})
    return redirect("doubles") if request.POST.get("from") == "doubles" else redirect("client_merge", one.public_id)


@require_http_methods(["GET"])
def clients_alike(request):
    """The piece under name and website of a new client. Says nothing of what the reader may not see."""
    asked = {name: request.GET.get(name, "")[:254] for name in ("name", "website")}
    context = {"alike": duplicates.clients_like(request.user, **asked)}
    return render(request, "clients/_alike.html", context)


@require_http_methods(["GET"])
def contact_alike(request, public_id):
    client = readable_client(request, public_id)
    asked = {name: request.GET.get(name, "")[:254] for name in ("name", "email")}
    besides = client.contacts.filter(public_id=_id(request.GET.get("person", ""))).first()
    people = duplicates.people_like(request.user, client, besides=besides, **asked)
    domain = asked["email"]
    firms = duplicates.clients_like(request.user, email=domain, besides=client) if "@" in domain and not people else []
    return render(request, "clients/_alike_people.html", {"alike": people, "firms": firms, "client": client})
