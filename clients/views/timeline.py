"""The timeline of a client as a page of its own: older entries, one entry in its place, what somebody seeks."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.spreadsheets import csv_answer, csv_lines
from accounts.together import together
from clients.timeline import Place, Reading
from clients.views.doors import know_team, page_client, people_of, readable_client, team_of

IN_FILE = 500  # entries read at a time for a file


@require_http_methods(["GET"])
def client_timeline(request, public_id):
    """A page of its own, or the piece under “Show older”."""
    shown = page_client(request, public_id)
    team, people = team_of.question(shown), people_of.question(shown)
    known = together([team] if request.htmx else [team, people])
    know_team(shown, known[team])
    reading = Reading.of(request.GET, client=shown, user=request.user)
    context = story(reading, now=timezone.now())
    if not request.htmx:
        context["persons"] = persons(shown, reading, people=known[people])
    context["gone"] = bool(reading.entry) and not any(entry.ref == reading.entry for entry in context["told"].entries)
    response = render(request, "clients/_timeline.html" if request.htmx else "clients/timeline.html", context)
    response["Vary"] = "HX-Request"
    return response


def story(reading, *, now):
    """What the templates of a timeline ask for."""
    told = reading.page()
    return {
        "client": reading.client,
        "now": now,
        "reading": reading,
        "told": told,
        "groups": told.groups(now=now),
        "here": reading.entry,
        "story_url": reverse("client_timeline", args=[reading.client.public_id]),
        "older_query": reading.query(before=told.older) if told.older else "",
        "newer_query": reading.query(after=told.newer) if told.newer else "",
    }


def persons(client, reading, *, people):
    """[(side, [person…])]: who may be asked for. Whoever is asked for now is among them."""
    theirs = list(people)
    ours = [client.owner, *(member.user for member in client.team_members.all())]
    asked = reading.person
    if asked and asked not in (*theirs, *ours):
        (theirs if getattr(asked, "client_id", None) else ours).append(asked)
    return [(side, some) for side, some in ((client.name, theirs), (_("From us"), ours)) if some]


@require_http_methods(["GET"])
def client_story_file(request, public_id):
    """All of a client's timeline that this reader may read, filtered as it is shown, for a spreadsheet."""
    shown = readable_client(request, public_id)
    reading = Reading.of(request.GET, client=shown, user=request.user)
    heads = [_("When"), _("Who"), _("What"), _("About"), _("Text"), _("Their words")]
    return csv_answer(csv_lines(heads, _rows(reading)), f"timeline-{shown.public_id}.csv")


def _rows(reading):
    told = reading.stretch(size=IN_FILE)
    while True:
        for entry in told.entries:
            at = timezone.localtime(entry.at).replace(tzinfo=None)
            yield [at, entry.actor, str(entry.words), entry.thing, entry.body, entry.quote]
        if not told.older:
            return
        told = reading.stretch(before=Place.read(told.older), size=IN_FILE)
