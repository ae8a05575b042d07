"""The tray of one's own mail that found no client, and the lists of what is never kept."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import mail_address
from accounts.forms import posted
from accounts.keyset import page_of
from clients.log_forms import find_client
from clients.mail_in import addresses, asking, filing, forms, matching, tray
from clients.models import Attachment, Client, Contact, NeverLog, NotAllowed, ReceivedMail
from clients.views.doors import writable_interaction

SIZE = 25


@require_http_methods(["GET"])
def mails(request):
    """What waits for a decision, newest first."""
    after, before = (request.GET.get(name, "") for name in ("after", "before"))
    shown = page_of(filing.tray(request.user), ["-received_at", "-id"], size=SIZE, after=after, before=before)
    found = {mail.pk: mail for mail in ReceivedMail.objects.filter(pk__in=shown.ids).defer("html")}
    context = {
        "rows": tray.rows([found[pk] for pk in shown.ids if pk in found], user=request.user),
        "shown": shown,
        "address": mail_address.personal(request.user),
        "is_on": mail_address.is_on(),
    }
    return render(request, "clients/mail_in/tray.html", context)


def _mine(request, public_id):
    """A mail of the reader's own; nobody else reads what belongs to no client yet, managers neither."""
    return get_object_or_404(ReceivedMail.objects.select_related("user"), public_id=public_id, user=request.user)


@require_http_methods(["GET"])
def mail(request, public_id):
    """One mail with what it says, and what can be done with it."""
    found = _mine(request, public_id)
    if found.state == ReceivedMail.State.FILED:
        entry = found.interactions.kept().visible_to(request.user).first()
        if entry is None:
            raise Http404
        return redirect(entry)
    return _page(request, found)


def _page(request, found, *, problem="", candidates=(), people=None, status=200):
    [row] = tray.rows([found], user=request.user)
    files = Attachment.objects.visible_to(request.user).kept().filter(received=found, interaction=None)
    context = {
        "row": row,
        "mail": found,
        "attachments": list(files),
        "people": people or _people(request, found),
        "problem": problem,
        "candidates": candidates,
        "client_name": request.POST.get("client_name", "")[:200],
        "patterns": _patterns(found),
        "waits": found.state == ReceivedMail.State.UNMATCHED,
    }
    return render(request, "clients/mail_in/mail.html", context, status=status)


def _people(request, found):
    """Who could be added: nobody who is known to one of the reader's clients, and none of us."""
    taken = [*matching.known(tray.addresses_of(found), user=request.user), *mail_address.of_user(request.user)]
    data = request.POST if "client_name" in request.POST or "client" in request.POST else None
    return forms.PeopleForm(data, received=found, known=taken)


def _patterns(found):
    """The address and the domain that can be put on the never-kept list with one click."""
    address = next(iter(tray.addresses_of(found)), "") if not found.is_ours else ""
    if found.is_ours and len(found.others) == 1:
        address = found.others[0][1]
    if not address or address in mail_address.of_user(found.user):
        return []
    domain = addresses.domain_of(address)
    return [address] if domain in addresses.FOR_ALL else [address, domain]


@require_http_methods(["POST"])
def mail_file(request, public_id):
    """Under the client that was pressed, or typed."""
    now, found = timezone.now(), _mine(request, public_id)
    client, candidates, problem = _client(request)
    people = _people(request, found)
    if client is None:
        return _page(request, found, problem=problem, candidates=candidates, people=people, status=422)
    if people.is_bound and not people.is_valid():
        return _page(request, found, people=people, status=422)
    try:
        with transaction.atomic():
            contacts = _contacts(client, found, people.chosen() if people.is_bound else [])
            entry = filing.file(found, client=client, contacts=contacts, by=request.user, now=now)
    except NotAllowed as reason:
        messages.warning(request, str(reason))
        return redirect("mail_in")
    undo = reverse("mail_in_restore", args=[found.public_id])
    messages.success(request, _("Filed under %(name)s.") % {"name": entry.client.name}, extra_tags=f"undo:{undo}")
    return redirect("mail_in")


def _client(request):
    """(the client, candidates, what to say): only clients this person may write to exist here."""
    if public_id := request.POST.get("client", "")[:16].replace("\0", ""):
        found = Client.objects.writable_by(request.user).current().filter(public_id=public_id).first()
        return found, [], _("Choose one of your clients.")
    name = request.POST.get("client_name", "").strip()[:200]
    if not name or "\0" in name:
        return None, [], _("Type the name of one of your clients.")
    found, candidates = find_client(name, user=request.user)
    words = _("More than one matches. Choose one of them.") if candidates else _("No client of yours is called that.")
    return found, candidates, words


def _contacts(client, found, chosen):
    """The people of the entry: those of the client who took part, and those who were ticked, added if they are new."""
    for name, address in chosen:
        if not Contact.objects.filter(client=client, email=address).exists():
            try:
                with transaction.atomic():
                    Contact.objects.create(client=client, name=name[:120], email=address)
            except IntegrityError:  # a double click: they went in a moment ago
                pass
    return list(client.contacts.filter(email__in=tray.addresses_of(found), merged_into=None, deleted_at=None))


@require_http_methods(["POST"])
def mail_dismiss(request, public_id):
    found = _mine(request, public_id)
    try:
        filing.dismiss(found, by=request.user, now=timezone.now())
    except NotAllowed as reason:
        messages.warning(request, str(reason))
    else:
        undo = reverse("mail_in_restore", args=[found.public_id])
        messages.success(request, _("Put away. It is deleted in 30 days."), extra_tags=f"undo:{undo}")
    return redirect("mail_in")


@require_http_methods(["POST"])
def mail_restore(request, public_id):
    """Undo of filing and of putting away."""
    found = _mine(request, public_id)
    try:
        filing.take_back(found, by=request.user, now=timezone.now())
    except NotAllowed as reason:
        messages.warning(request, str(reason))
    else:
        messages.success(request, _("It lies in your tray again."))
    return redirect("mail_in")


@require_http_methods(["POST"])
def mail_never(request, public_id):
    """Never keep mail of this address or domain; this mail is put away with it."""
    now, found = timezone.now(), _mine(request, public_id)
    pattern = request.POST.get("pattern", "")
    if pattern not in _patterns(found):
        return _page(request, found, problem=_("Choose the address or the domain."), status=422)
    form = forms.NeverForm({"pattern": pattern})
    if not form.is_valid():
        return _page(request, found, problem=form.errors["pattern"][0], status=422)
    with transaction.atomic():
        rule = form.save(user=request.user, by=request.user, now=now)
        if found.state == ReceivedMail.State.UNMATCHED:
            filing.dismiss(found, by=request.user, now=now)
    undo = reverse("never_log_remove", args=[rule.pk]) + f"?mail={found.public_id}"
    words = _("Mail of %(pattern)s is not kept for you from now on.") % {"pattern": rule.pattern}
    messages.success(request, words, extra_tags=f"undo:{undo}")
    return redirect("mail_in")


@require_http_methods(["POST"])
def mail_ask(request, public_id):
    """What a mail of theirs asks becomes a request."""
    entry = writable_interaction(request, public_id)
    if not entry.received_id or entry.deleted_at:
        raise Http404
    try:
        asked = asking.ask(entry, by=request.user, now=timezone.now())
    except NotAllowed as reason:
        messages.warning(request, str(reason))
        return redirect(entry)
    messages.success(request, _("Now it is a request: they wait for an answer."))
    return redirect(asked)


# -------------------------------------------------------------------- never kept
@require_http_methods(["GET", "POST"])
def never_log(request):
    """Both lists; administrators also write the firm's."""
    form = forms.NeverForm(posted(request))
    for_all = request.user.is_administrator and request.POST.get("whose") == "firm"
    if request.method == "POST" and form.is_valid():
        rule = form.save(user=None if for_all else request.user, by=request.user, now=timezone.now())
        messages.success(request, _("Mail of %(pattern)s is not kept from now on.") % {"pattern": rule.pattern})
        return redirect("never_log")
    context = {
        "form": form,
        "for_all": for_all,
        "own": NeverLog.objects.filter(user=request.user),
        "firm": NeverLog.objects.filter(user=None),
    }
    return render(request, "clients/mail_in/never.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["POST"])
def never_log_remove(request, pk):
    """One's own, or as an administrator the firm's; `mail` lays the mail it began with into the tray again."""
    rules = NeverLog.objects.filter(user=request.user)
    if request.user.is_administrator:
        rules = rules | NeverLog.objects.filter(user=None)
    rule = get_object_or_404(rules, pk=pk)
    rule.delete()
    public_id = request.GET.get("mail", "")[:16].replace("\0", "")
    put_away = ReceivedMail.objects.filter(user=request.user, state=ReceivedMail.State.DISMISSED, public_id=public_id)
    if found := put_away.first():
        filing.take_back(found, by=request.user, now=timezone.now())
    messages.success(request, _("Mail of %(pattern)s is kept again.") % {"pattern": rule.pattern})
    return redirect("mail_in" if public_id else "never_log")
