"""People at a client: add, edit, left and back."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import F, prefetch_related_objects
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import conflict
from accounts.forms import posted
from accounts.readers import for_readers
from clients import page as frame
from clients import there
from clients.forms import ContactForm, NewContactForm
from clients.models import Client, Contact
from clients.timeline import Reading
from clients.views.doors import go_on, readable_client, writable_client
from clients.views.timeline import story


@require_http_methods(["GET"])
def people(request, public_id):
    client = readable_client(request, public_id)
    everybody = list(client.contacts.filter(merged_into=None, deleted_at=None))
    return render(
        request,
        "clients/people.html",
        {
            "client": client,
            "here": [person for person in everybody if not person.left_at],
            "gone": [person for person in everybody if person.left_at],
            "may_write": client.can_be_written_by(request.user),
        },
    )


@require_http_methods(["GET"])
def contact(request, public_id):
    """Everything about one person: how to reach them, what they said, what happened with them."""
    now = timezone.now()
    person = _readable_person(request, public_id)
    client = person.client
    reading = Reading.of(request.GET, client=client, user=request.user, person=person)
    context = story(reading, now=now)
    context |= {
        "person": person,
        "person_url": person.get_absolute_url(),
        "language": dict(ContactForm.base_fields["language"].widget.choices).get(person.language, person.language),
        "may_write": client.can_be_written_by(request.user),
        "parts": frame.person_parts(person, user=request.user, now=now),
    }
    return render(request, "clients/contact.html", context)


def _readable_person(request, public_id):
    """With their client, which knows what kinds of records it has; 404 where this reader may not see both."""
    user = request.user
    found = _person(user, person=public_id)
    if not found:
        raise Http404(public_id)
    [person] = found
    clients = _client(user, client=person.client_id)
    if not clients:
        person.client = readable_client(request, person.client_public_id)
        return person
    [person.client] = clients
    if not user.is_manager and person.client.owner_id != user.pk:
        prefetch_related_objects(clients, "team_members")
    return person


@for_readers
def _person(reader, *, person):
    found = Contact.objects.visible_to(reader).filter(public_id=person, deleted_at=None, merged_into=None)
    return found.defer("imported", "search_text").annotate(client_public_id=F("client__public_id"))


@for_readers
def _client(reader, *, client):
    return there.told(Client.objects.visible_to(reader).filter(pk=client)).defer("imported", "search_text")


@require_http_methods(["GET", "POST"])
def contact_new(request, public_id):
    client = writable_client(request, public_id)
    form = NewContactForm(posted(request), instance=Contact(client=client))
    if form.is_valid():
        if form.give_id(by=request.user):
            return redirect("client_people", client.public_id)
        try:
            with transaction.atomic():
                person = form.save()
        except IntegrityError:  # a double click: the same address went in a moment ago
            messages.success(request, _("They are here already."))
            return redirect("client_people", client.public_id)
        messages.success(request, _("Added %(name)s.") % {"name": person.name})
        return redirect(reverse("client", args=[client.public_id]) + "#people")
    return render(
        request,
        "clients/person.html",
        {"client": client, "form": form},
        status=422 if request.method == "POST" else 200,
    )


def _writable_person(request, public_id, person_id):
    client = writable_client(request, public_id)
    there = client.contacts.filter(merged_into=None, deleted_at=None)
    return client, get_object_or_404(there.select_related("client"), public_id=person_id)


def _removed_meanwhile(request, public_id, person_id):
    """Somebody put the person into the trash while this one typed: the words are shown again, nothing is saved."""
    client = writable_client(request, public_id)
    person = client.contacts.filter(merged_into=None, public_id=person_id).exclude(deleted_at=None).first()
    if person is None:
        return None
    form = ContactForm(request.POST, instance=person)
    typed = [f"{field.label}: {field.value()}" for field in form.visible_fields() if field.value()]
    context = {"client": client, "person": person, "typed": "\n".join(typed)}
    return render(request, "clients/person_removed.html", context, status=409)


@require_http_methods(["GET", "POST"])
def contact_edit(request, public_id, person_id):
    if request.method == "POST" and (answer := _removed_meanwhile(request, public_id, person_id)):
        return answer
    client, person = _writable_person(request, public_id, person_id)
    name = person.name
    form = ContactForm(posted(request), instance=person)
    if request.method == "POST" and form.is_valid():
        try:
            form.save_if_current(by=request.user, now=timezone.now())
        except conflict.Stale:
            return conflict.answer(request, "clients/person.html", form, {"client": client, "person": person})
        messages.success(request, _("Saved."))
        return redirect(reverse("client", args=[client.public_id]) + "#people")
    return render(
        request,
        "clients/person.html",
        {"client": client, "form": form, "person": person, "name": name},
        status=422 if request.method == "POST" else 200,
    )


@require_http_methods(["POST"])
def contact_left(request, public_id, person_id):
    client, person = _writable_person(request, public_id, person_id)
    person.leave(now=timezone.now())
    undo = reverse("contact_back", args=[client.public_id, person.public_id])
    messages.success(
        request,
        _("%(name)s no longer works there.") % {"name": person.name},
        extra_tags=f"undo:{undo}",
    )
    return redirect("client_people", client.public_id)


@require_http_methods(["POST"])
def contact_mail_arrives(request, public_id, person_id):
    """One of us knows better than the server that sent it back: the address is right."""
    client, person = _writable_person(request, public_id, person_id)
    person.correct_address(person.email, now=timezone.now())
    messages.success(request, _("Mail goes to %(name)s again.") % {"name": person.name})
    return redirect("contact_edit", client.public_id, person.public_id)


@require_http_methods(["POST"])
def contact_back(request, public_id, person_id):
    client, person = _writable_person(request, public_id, person_id)
    person.come_back()
    messages.success(request, _("%(name)s is back.") % {"name": person.name})
    return go_on(request, reverse("client_people", args=[client.public_id]))
