"""The words of the mails about promises, as blocks that are said twice: as text and as HTML. Written when they go out.

Between the greeting and the facts stand the writer's own words, or the usual ones. The facts, the button and the foot
are always as things stand at that moment.
"""

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.days import day_month, full_day, weekday
from accounts.models import Workspace
from outbox import links
from outbox.compose import unsubscribe_link
from outbox.frame import button, frame, link, paragraph, quiet, quote, rows, signature
from outbox.frame import row as line
from outbox.frame import text as plain
from outbox.kinds import Message
from promises.models import Letter
from promises.other_side import Shown, open_between, shown, when, zone_of

SUBJECT = 50  # characters, as many as a phone shows
ROWS = 12

Kind = Letter.Kind


def render(email):
    """The mail at sending, in its reader's language."""
    letter = Letter.objects.with_all().get(email=email)
    page = links.absolute(reverse("promise_public", args=[links.token(email)]))
    return compose(letter, now=timezone.now(), page=page, stop=unsubscribe_link(email))


def preview(letter, *, now):
    """The same mail before it is written; its links lead nowhere yet."""
    somewhere = links.absolute("/p/…/")
    return compose(letter, now=now, page=somewhere, stop=links.absolute("/u/…/"))


def compose(letter, *, now, page, stop):
    with translation.override(letter.contact.language):
        subject = subject_of(letter, now=now)
        words = letter.words or usual_words(letter, now=now)
        blocks = [
            paragraph(pgettext("client", "%(name)s,") % {"name": letter.contact.first_name}),
            paragraph(words),
            *FACTS[letter.kind](letter, now),
            button(_button(letter), f"{page}#{letter.promise.public_id}" if letter.promise_id else page),
            *_after(letter),
            _signed(letter.sender),
        ]
        return _message(letter, subject, words, blocks, stop=stop)


def _message(letter, subject, words, blocks, *, stop):
    firm = Workspace.current().firm_name
    why = _("%(owner)s of %(firm)s wrote you this. The link is for you alone.") % {
        "owner": letter.sender.name,
        "firm": firm,
    }
    stopping = _("No more of these mails")
    return Message(
        subject,
        plain(*blocks, foot=f"{why}\n{stopping}: {stop}"),
        str(frame(subject, words, *blocks, foot=format_html("{} {}.", why, link(stopping, stop)))),
    )


def _signed(sender):
    firm = Workspace.current()
    phone = sender.phone or firm.phone
    return signature(sender.name, f"{firm.firm_name}, {phone}" if phone else firm.firm_name)


# -------------------------------------------------------------------- subjects


def subject_of(letter, *, now):
    """At most fifty characters; what is promised is shortened, never the rest."""
    if letter.kind == Kind.PAGE:
        return _("What we promised each other")
    if letter.promise is None:
        count = len(asked_after(letter))
        return ngettext("%d thing you said you would do", "%d things you said you would do", count) % count
    form = {
        Kind.OFFER: _("Agreed? %(what)s"),
        Kind.MOVE: _("Another date for: %(what)s?"),
        Kind.DONE: _("Done: %(what)s"),
        Kind.MOVED: _("New date: %(what)s"),
        Kind.NUDGE: _("%(what)s, for %(day)s"),
    }[letter.kind]
    day = weekday(letter.promise.due_date) if letter.kind == Kind.NUDGE else ""
    if letter.kind == Kind.NUDGE and not 0 <= (letter.promise.due_date - now.date()).days < 7:
        day = day_month(letter.promise.due_date)
    room = SUBJECT - len(form % {"what": "", "day": day})
    return form % {"what": Truncator(letter.promise.what).chars(max(room, 12)), "day": day}


# -------------------------------------------------------------------- the usual words


def usual_words(letter, *, now):
    """What stands in the letter unless its writer says it in words of their own."""
    with translation.override(letter.contact.language):
        return USUAL[letter.kind](letter, now)


def _offer_words(letter, now):
    if letter.promise.is_ours:
        return _("This is what I would like to promise you. Is it what you need? It counts once you agree.")
    return _("This is how I understood what you will do for us. Is it right? It counts once you agree.")


def _move_words(letter, now):
    if letter.promise.is_ours:
        return _("May we move what we promised you to another day?")
    return _("Would another day be better for what you promised us?")


def _done_words(letter, now):
    return _("We have done what we promised you. Is it what we agreed?")


def _moved_words(letter, now):
    return _("The date we agreed on has changed. This is the new one, so that we both have it in writing.")


def asked_after(letter):
    """What of the things a letter asks after is still open, and still theirs."""
    return [
        promise
        for promise in letter.promises
        if promise.is_active and not promise.is_ours and promise.promisor_contact_id == letter.contact_id
    ]


def _nudge_words(letter, now):
    promise = letter.promise
    if promise is None:
        return _("You said you would do these things. Do the days still work? If one does not, tell me which day does.")
    due = when(promise.due_date, promise.due_time, promise.due_zone, contact=letter.contact, now=now)
    said = _("You said: “%(what)s”, by %(due)s.") % {"what": promise.what, "due": due}
    if promise.due_at < now:
        return said + " " + _("That day has passed. Which day works for you?")
    day = weekday(promise.due_date)
    return said + " " + _("Does %(day)s still work? If not, tell me which day does.") % {"day": day}


def _page_words(letter, now):
    return _("This is what we have promised each other and what is still open, so that nothing gets lost.")


USUAL = {
    Kind.OFFER: _offer_words,
    Kind.MOVE: _move_words,
    Kind.DONE: _done_words,
    Kind.MOVED: _moved_words,
    Kind.NUDGE: _nudge_words,
    Kind.PAGE: _page_words,
}


# -------------------------------------------------------------------- the facts


def _terms(letter, now):
    one = Shown(letter.promise, letter.contact, now)
    return [quote("\n".join([*_what(letter.promise), _("By %s") % one.due]))]


def _what(promise):
    yield promise.what
    if promise.done_when:
        yield pgettext("client", "Done when: %s") % promise.done_when


def _asked_terms(letter, now):
    one = shown(letter.promise, letter.contact, now=now)
    asked = [_("Now: %s") % one.due]
    if one.request:
        asked.append(_("Instead: %s") % one.new_due)
    return [quote("\n".join([*_what(letter.promise), *asked]))]


def _done_terms(letter, now):
    one = Shown(letter.promise, letter.contact, now)
    agreed = [_("Agreed for: %s") % one.due]
    if letter.promise.done_at:
        agreed.append(_("Done on: %s") % one.done_on)
    return [quote("\n".join([*_what(letter.promise), *agreed]))]


def _moved_terms(letter, now):
    promise, contact = letter.promise, letter.contact
    move = letter.renegotiation or promise.renegotiations.filter(state="accepted").order_by("-decided_at").first()
    before = []
    if move:
        old = timezone.localtime(move.old_due_at, zone_of(promise.due_zone)).date()
        before = [_("Before: %s") % when(old, None, promise.due_zone, contact=contact, now=now)]
    return [quote("\n".join([*_what(promise), *before, _("Now: %s") % Shown(promise, contact, now).due]))]


def _both_sides(letter, now):
    found = open_between(letter.contact, now=now)
    blocks = []
    for heading, mine in (
        (_("We promised you"), [one for one in found if one.promise.is_ours]),
        (_("You promised us"), [one for one in found if not one.promise.is_ours]),
    ):
        if mine:
            blocks.append(rows(heading, [line(one.promise.what, who=_row_words(one)) for one in mine[:ROWS]]))
    return blocks


def _things_asked_after(letter, now):
    if letter.promise_id:
        return []  # the words say it
    things = [Shown(promise, letter.contact, now) for promise in asked_after(letter)]
    return [
        rows(
            _("You promised us"), [line(one.promise.what, who=pgettext("client", "by %s") % one.due) for one in things]
        )
    ]


def _row_words(one):
    if one.offered_to_them or one.offered_by_them:
        return _("not agreed yet, %s") % one.due
    if one.promise.is_delivered:
        return pgettext("client", "done on %s") % one.done_on
    return pgettext("client", "by %s") % one.due


FACTS = {
    Kind.OFFER: _terms,
    Kind.MOVE: _asked_terms,
    Kind.DONE: _done_terms,
    Kind.MOVED: _moved_terms,
    Kind.NUDGE: _things_asked_after,
    Kind.PAGE: _both_sides,
}


def _button(letter):
    return {
        Kind.OFFER: _("Agree, or say what would be right"),
        Kind.MOVE: _("Say yes, or which day works"),
        Kind.DONE: _("Say whether it is right"),
        Kind.MOVED: _("See what we agreed"),
        Kind.NUDGE: _("It is done, or another day"),
        Kind.PAGE: _("See what we promised each other"),
    }[letter.kind]


def _after(letter):
    """What silence means, where it means something."""
    if letter.kind == Kind.DONE and letter.promise.is_delivered:
        day = full_day(letter.promise.silence_ends_on())
        return [quiet(_("If we hear nothing until %s, we take it as right.") % day)]
    if letter.kind == Kind.MOVE:
        return [quiet(_("The day agreed on stands until you say yes."))]
    return []
