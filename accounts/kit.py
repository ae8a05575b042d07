"""Every component in every state on one page, for looking at and for screenshot tests; not in production."""

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from accounts.conflict import Conflict, Field
from accounts.forms import PlainForm


class SampleForm(PlainForm):
    """One field of each kind."""

    what = forms.CharField(label="What do we promise?", help_text="In the words you would say to them.")
    due_on = forms.DateField(label="Due", widget=forms.DateInput(attrs={"type": "date"}))
    owner = forms.ChoiceField(label="Who answers for it", choices=[("", "Choose a person"), ("1", "Priya Raman")])
    why = forms.CharField(label="Why, if you like", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    kind = forms.ChoiceField(label="How", choices=[("call", "Called"), ("met", "Met")], widget=forms.RadioSelect)
    note = forms.BooleanField(label="Send Rosa a short note", required=False)


@require_http_methods(["GET"])
def kit(request):
    now = timezone.now()
    return render(
        request,
        "components/kit.html",
        {
            "now": now,
            "late": now - timezone.timedelta(days=2),
            "late_today": now - timezone.timedelta(minutes=70),
            "soon": now + timezone.timedelta(hours=2),
            "tomorrow": now + timezone.timedelta(days=1),
            "later": now + timezone.timedelta(days=5),
            "fresh_form": SampleForm(prefix="fresh"),
            "refused_form": SampleForm({"refused-what": "Send the schedule"}, prefix="refused"),
            "page": Paginator(range(214), 50).page(2),
            "fields": [("Sector", "Water utility"), ("Owner", "Priya Raman"), ("Deputy", "")],
            "conflict": sample_conflict(now),
            "names": ["Priya Raman", "Tom Okafor", "Elaine Marsh", "Dev Anand", "Ruđer Ćosić", "李明"],
        },
    )


def sample_conflict(now):
    both = Field("what", "Promise", "Send the final schedule", "Send the schedule", True, True, "keep_what")
    one = Field("due_on", "Due", "Fri 20 Nov", "Mon 23 Nov", False, True, "keep_due_on")
    return Conflict(who="Tom Okafor", at=now, fields=[both, one])


@require_http_methods(["GET"])
def kit_client(request):
    return render(
        request,
        "components/kit_client.html",
        {"numbers": range(11), "help_name": "Priya", "help_phone": "0113 496 0110"},
    )


@require_http_methods(["POST"])
def kit_save(request):
    """Where the samples send to; nothing is kept."""
    answer = HttpResponse(status=204)
    return trigger_client_event(answer, "toast", {"text": "Kept. The client’s record shows it.", "undo": "/_kit/save/"})
