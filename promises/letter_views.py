"""Writing to a client about promises: the letter as it will be read, its words, sending, and what became of it.

A letter leaves the house, so a page shows it whole before it goes; for two minutes more it can be taken back.
"""

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms import PlainForm, posted
from accounts.way_back import way_back
from clients.models import Client, Contact
from promises import letter_mails, letters
from promises.letter_list import SHOWN, Sent, open_counts
from promises.letters import CannotWrite
from promises.models import Letter, Promise

Kind = Letter.Kind
ABOUT_ONE = (Kind.OFFER, Kind.MOVE, Kind.DONE, Kind.MOVED, Kind.NUDGE)


class LetterForm(PlainForm):
    """The words between the greeting and the facts."""

    words = forms.CharField(
        label=gettext_lazy("Your words"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("The greeting, what was promised and the button come by themselves."),
    )


# -------------------------------------------------------------------- writing one


@require_http_methods(["GET", "POST"])
def promise_letter(request, public_id, kind):
    """Write to the other side about one promise."""
    promise = get_object_or_404(Promise.objects.writable_by(request.user).with_people(), public_id=public_id)
    if kind not in ABOUT_ONE:
        raise Http404
    waiting = Letter.objects.drafts().filter(promise=promise, kind=kind).first()
    if waiting:
        return redirect(waiting)
    return _write(request, {"kind": kind, "promise": promise, "contact": promise.contact}, back=promise)


@require_http_methods(["GET", "POST"])
def person_letter(request, person_id):
    """Send a person everything that is open between them and us."""
    people = Contact.objects.writable_by(request.user).select_related("client__owner")
    contact = get_object_or_404(people, public_id=person_id)
    return _write(request, {"kind": Kind.PAGE, "client": contact.client, "contact": contact}, back=contact.client)


def _write(request, about, *, back):
    now = timezone.now()
    context = {"back": way_back(request) or back.get_absolute_url(), **about}
    try:
        letter = letters.prepare(**about, by=request.user, now=now)
    except CannotWrite as refused:
        return render(request, "promises/letter_cannot.html", {**context, "why": refused.words})
    usual = letter_mails.usual_words(letter, now=now)
    form = LetterForm(posted(request), initial={"words": usual})
    if form.is_valid():
        letter.words = _own(form.cleaned_data["words"], usual)
        letter.save()
        return redirect(letter)
    context |= {"form": form, "letter": letter, "mail": letter_mails.preview(letter, now=now)}
    return render(request, "promises/letter_new.html", context, status=422 if form.is_bound else 200)


def _own(words, usual):
    """Nothing where the usual words stand: those are said afresh when it goes out."""
    words = words.replace("\r\n", "\n").strip()
    return "" if words == usual else words


@require_GET
def client_letter(request, client_id):
    """To whom at this client: everybody there, with what is open between them and us."""
    client = get_object_or_404(Client.objects.writable_by(request.user), public_id=client_id)
    counts = open_counts(client)
    people = [(person, counts.get(person.pk, 0), letters.why_not_to(person)) for person in client.contacts.current()]
    people.sort(key=lambda row: -row[1])
    return render(request, "promises/letter_to.html", {"client": client, "people": people})


# -------------------------------------------------------------------- one letter


@require_http_methods(["GET", "POST"])
def letter(request, public_id):
    """A draft as it will be read, with its words to change; a letter that went out, with what became of it."""
    now = timezone.now()
    found = _find(request, public_id, write=request.method == "POST")
    usual = letter_mails.usual_words(found, now=now)
    form = LetterForm(posted(request), initial={"words": found.words or usual})
    if form.is_valid():
        if letters.reword(found, words=_own(form.cleaned_data["words"], usual)):
            messages.success(request, _("Saved. This is how it reads now."))
        else:
            messages.warning(request, _("It is no draft any more. This is how it stands."))
        return redirect(found)
    sent = Sent(found, now=now)
    context = {
        "letter": found,
        "sent": sent,
        "form": form,
        "mail": letter_mails.preview(found, now=now),
        "why_not": letters.why_not(found, now=now) if found.is_draft else "",
        "can_write": Letter.objects.writable_by(request.user).filter(pk=found.pk).exists(),
        "back": (found.promise or found.client).get_absolute_url(),
    }
    return render(request, "promises/letter.html", context, status=422 if form.is_bound else 200)


@require_POST
def letter_send(request, public_id):
    now = timezone.now()
    found = _find(request, public_id, write=True)
    was_draft = found.is_draft
    try:
        letters.send(found, by=request.user, now=now, not_before=now + letters.UNDO)
    except CannotWrite as refused:
        messages.warning(request, str(refused.words))
        return redirect(found)
    if was_draft:
        words = _("It goes to %(name)s in two minutes. Until then you can take it back.")
        messages.success(request, words % {"name": found.contact.name})
    return redirect(found)


@require_POST
def letter_drop(request, public_id):
    found = _find(request, public_id, write=True)
    if letters.drop(found, now=timezone.now()):
        messages.success(request, _("Dropped. Nothing was sent."))
    else:
        messages.warning(request, _("It is no draft any more. This is how it stands."))
    return redirect(found.promise or found.client)


@require_POST
def letter_take_back(request, public_id):
    found = _find(request, public_id, write=True)
    if letters.take_back(found, by=request.user, now=timezone.now()):
        messages.success(request, _("Taken back. It is a draft again, and nothing was sent."))
    elif not found.is_draft:
        messages.warning(request, _("It was on its way already. Ring them if something is wrong with it."))
    return redirect(found)


@require_POST
def letter_revoke(request, public_id):
    found = _find(request, public_id, write=True)
    if letters.revoke(found, now=timezone.now()):
        messages.success(request, _("Its link opens nothing any more. Other letters’ links still work."))
    return redirect(found)


def _find(request, public_id, *, write=False):
    found = Letter.objects.writable_by(request.user) if write else Letter.objects.visible_to(request.user)
    return get_object_or_404(found.with_all().select_related("written_by"), public_id=public_id)


# -------------------------------------------------------------------- all of them


@require_GET
def letters_page(request):
    """What waits for this person to send it, and what they wrote last."""
    now = timezone.now()
    mine = Letter.objects.visible_to(request.user).with_all().select_related("written_by")
    drafts = mine.to_send_by(request.user).order_by("-written_at", "-pk")[:SHOWN]
    written = mine.filter(email__isnull=False, written_by=request.user).order_by("-written_at", "-pk")[:SHOWN]
    context = {
        "drafts": [Sent(letter, now=now) for letter in drafts],
        "written": [Sent(letter, now=now) for letter in written],
        "clients_url": reverse("clients"),
    }
    return render(request, "promises/letters.html", context)
