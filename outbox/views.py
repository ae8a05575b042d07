"""Mail that did not go out: for managers."""

from functools import wraps

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from outbox import kinds, links
from outbox.forms import AddressForm
from outbox.models import Circuit, Email, NotInThatState, NotThere
from outbox.reasons import reason
from outbox.words import mask_links

PAGE = 50
State = Email.State


def managers_only(view):
    """What somebody may not open does not exist for them. Asked by attribute: this room knows no other."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not getattr(request.user, "is_manager", False):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@managers_only
@require_http_methods(["GET"])
def trouble(request):
    page = Paginator(Email.objects.in_trouble().order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    retrying = Email.objects.retrying().order_by("next_try_at", "pk")
    return render(
        request,
        "outbox/trouble.html",
        {
            "page": page,
            "mails": [_shown(email) for email in page],
            "retrying": [_shown(email) for email in retrying[:PAGE]],
            "retrying_count": retrying.count(),
            "late": [_shown(email) for email in Email.objects.late(timezone.now())[:PAGE]],
            "held": Email.objects.in_trouble().filter(state=State.HELD).count(),
            "servers": list(Circuit.broken()),
            "waiting": Email.objects.due(timezone.now()).count(),
        },
    )


@managers_only
@require_http_methods(["GET", "POST"])
def mail(request, uuid):
    """One mail: why it did not go out, what it says, and the form that corrects its address."""
    email = get_object_or_404(Email, uuid=uuid)
    form = AddressForm(request.POST or None, initial={"to": email.to_email}, room_hears=kinds.corrects(email.kind))
    if request.method == "POST" and form.is_valid():
        try:
            if _done(request, lambda: email.correct_address(to=form.cleaned_data["to"], now=timezone.now())):
                messages.success(request, _("It goes out again, to %s.") % email.to_email)
            return redirect("outbox_trouble")
        except NotThere as problem:
            form.add_error("to", str(problem))
    status = 422 if form.is_bound else 200
    return render(request, "outbox/mail.html", _about(email) | {"form": form}, status=status)


@managers_only
@require_http_methods(["GET", "POST"])
def send_again(request, uuid):
    """For an uncertain mail a page asks first: it may have arrived, and a second copy cannot be taken back."""
    email = get_object_or_404(Email, uuid=uuid)
    if request.method == "GET":
        return render(request, "outbox/send_again.html", _about(email))
    if email.state == State.UNCERTAIN and request.POST.get("sure") != "yes":
        return redirect("outbox_send_again", uuid=uuid)
    try:
        if _done(request, lambda: email.send_again(now=timezone.now())):
            messages.success(request, _("It goes out again."))
    except NotThere as problem:
        messages.warning(request, str(problem))
    return redirect("outbox_trouble")


@managers_only
@require_http_methods(["POST"])
def release_held(request):
    """All that was held back after a restore."""
    released = 0
    for email in Email.objects.in_trouble().filter(state=State.HELD).order_by("pk"):
        released += _done(request, lambda email=email: email.send_again(now=timezone.now()))
    messages.success(request, ngettext("%d mail goes out.", "%d mails go out.", released) % released)
    return redirect("outbox_trouble")


@managers_only
@require_http_methods(["POST"])
def dismiss(request, uuid):
    email = get_object_or_404(Email, uuid=uuid)
    if _done(request, lambda: email.dismiss(by=request.user, now=timezone.now())):
        undo = reverse("outbox_undo_dismiss", args=[uuid])
        messages.success(request, _("Dismissed. It will not be sent."), extra_tags=f"undo:{undo}")
    return redirect("outbox_trouble")


@managers_only
@require_http_methods(["POST"])
def undo_dismiss(request, uuid):
    email = get_object_or_404(Email, uuid=uuid)
    if _done(request, email.undo_dismiss):
        messages.success(request, _("It is back in the list."))
    return redirect("outbox_trouble")


def _done(request, verb):
    try:
        verb()
    except NotInThatState:
        messages.warning(request, _("This mail has changed in the meantime. This is how it stands now."))
        return False
    return True


def _shown(email):
    return {"email": email, "reason": reason(email), **TAGS.get(email.state, {"kind": "", "mark": "mail"})}


TAGS = {
    State.FAILED: {"kind": "late", "mark": "circle-x"},
    State.BOUNCED: {"kind": "late", "mark": "circle-x"},
    State.UNCERTAIN: {"kind": "soon", "mark": "circle-help"},
    State.HELD: {"kind": "soon", "mark": "pause"},
    State.RETRY: {"kind": "", "mark": "refresh-cw"},
}


def _about(email):
    text, why_not = _preview(email)
    now = timezone.now()
    return {
        **_shown(email),
        "preview": text,
        "no_preview": why_not,
        "tries": email.tries.all()[:100],
        "returned": email.returned.all()[:100],
        "too_late": email.is_too_late(now),
        "may_send": email.state in Email.TROUBLE and not email.is_too_late(now),
        "may_correct": email.state in (State.FAILED, State.BOUNCED, State.HELD) and not email.is_too_late(now),
    }


def _preview(email):
    """What it would say if it went out now, with every personal link hidden; or why it cannot be shown."""
    try:
        text = kinds.get(email.kind).render(email).text
    except Exception as error:
        # Whatever a room's template raises must not take this page away: it is where such faults are looked at.
        return "", f"{type(error).__name__}: {error}"
    return mask_links(text.replace(links.token(email), "…")), ""
