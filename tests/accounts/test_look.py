"""Words and marks, as a template writes them."""

import datetime as dt
from types import SimpleNamespace

import pytest
import time_machine
from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from accounts.templatetags import look, page

UTC = dt.UTC
NOW = dt.datetime(2026, 11, 19, 10, 0, tzinfo=UTC)  # a Thursday


@pytest.fixture(autouse=True)
def _thursday_morning_in_london():
    with time_machine.travel(NOW, tick=False), timezone.override("Europe/London"), translation.override("en-gb"):
        yield


def drawn(source, **context):
    return Template(source).render(Context(context))


def test_an_icon_is_decoration_out_of_the_sprite():
    assert drawn('{% icon "phone" "i-sm" %}') == (
        '<svg class="i i-sm" aria-hidden="true"><use href="/static/icons.svg#phone"/></svg>'
    )


def test_what_people_type_is_escaped_everywhere():
    nasty = '"><script>'

    for source in (
        "{% icon nasty %}",
        "{% avatar nasty %}",
        "{% icon 'x' nasty %}",
        "{{ 3|money:nasty }}",
        "{{ 3|plural:nasty_words }}",
    ):
        assert "<script>" not in drawn(source, nasty=nasty, nasty_words=f"a,{nasty}")


def test_a_face_is_two_letters_in_the_same_colour_each_time():
    person = SimpleNamespace(name="Priya Anne Raman")

    assert drawn("{% avatar person %}", person=person) == drawn("{% avatar name %}", name="Priya Anne Raman")
    assert ">PR</span>" in drawn("{% avatar person %}", person=person)


@pytest.mark.parametrize(
    ("name", "letters"), [("李明", "李"), ("", "?"), ("ada", "A"), ("Élodie de Brún", "ÉB"), ("  ", "?")]
)
def test_initials_of_any_name(name, letters):
    assert look.initials(name) == letters


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (dt.date(2026, 11, 20), "Fri 20 Nov"),
        (dt.date(2025, 11, 17), "Mon 17 Nov 2025"),
        (dt.datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "Wed 1 Jul"),
        (None, ""),
    ],
)
def test_a_day_has_its_year_only_when_it_is_another(value, words):
    assert look.day(value) == words


def test_a_day_is_the_readers_own():
    late_in_london = dt.datetime(2026, 11, 19, 23, 30, tzinfo=UTC)

    with timezone.override("Asia/Tokyo"):
        assert (look.day(late_in_london), look.clock(late_in_london)) == ("Fri 20 Nov", "08:30")


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (dt.timedelta(seconds=20), "just now"),
        (dt.timedelta(minutes=5), "5 min ago"),
        (dt.timedelta(hours=3), "3 h ago"),
        (dt.timedelta(hours=11), "yesterday"),
        (dt.timedelta(days=4), "4 days ago"),
        (dt.timedelta(days=60), "Sun 20 Sep"),
        (-dt.timedelta(minutes=5), "in 5 min"),
        (-dt.timedelta(hours=3), "in 3 h"),
        (-dt.timedelta(days=1), "tomorrow"),
        (-dt.timedelta(days=3), "in 3 days"),
    ],
)
def test_how_long_ago(distance, words):
    assert look.ago(NOW - distance) == words


def test_a_moment_carries_the_whole_of_it_for_machines_and_titles():
    assert drawn("{% moment at 'both' %}", at=NOW) == (
        '<time datetime="2026-11-19T10:00+00:00" title="Thursday 19 November 2026, 10:00 GMT">Thu 19 Nov, 10:00</time>'
    )
    assert drawn("{% moment on %}", on=dt.date(2026, 11, 20)) == (
        '<time datetime="2026-11-20" title="Friday 20 November 2026">Fri 20 Nov</time>'
    )
    assert drawn("{% moment nothing %}", nothing=None) == ""


@pytest.mark.parametrize(
    ("due_at", "kind", "words"),
    [
        (NOW - dt.timedelta(days=2), "tag-late", "2 days late"),
        (NOW - dt.timedelta(minutes=70), "tag-late", "1 h late"),
        (NOW - dt.timedelta(minutes=7), "tag-late", "7 min late"),
        (NOW + dt.timedelta(hours=2), "tag-soon", "by 12:00"),
        (NOW + dt.timedelta(days=1), "", "tomorrow"),
        (NOW + dt.timedelta(days=5), "", "Tue 24 Nov"),
    ],
)
def test_when_something_is_due_is_a_word_and_not_only_a_colour(due_at, kind, words):
    html = drawn("{% due_tag due_at now %}", due_at=due_at, now=NOW)

    assert f">{words}</time>" in html
    assert ("tag-" in html) == bool(kind)
    assert kind in html


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.5, "+0.5"),
        (-2, "−2.0"),
        (0, "0"),
        (-0.0, "0"),
        (-0.04, "0"),
        (0.05, "+0.1"),
        (None, "–"),
        ("", "–"),
        (float("nan"), "–"),
    ],
)
def test_a_gap_has_a_real_minus_and_no_negative_nothing(value, words):
    assert look.gap(value) == words


@pytest.mark.parametrize(
    ("value", "currency", "words"),
    [
        (420_000, "GBP", "£420k"),
        (9_500, "EUR", "€9,500"),
        (1_200_000, "USD", "$1.2m"),
        (2_000_000, "GBP", "£2m"),
        (999_600, "GBP", "£1m"),
        (420_000, "CHF", "CHF 420k"),
        (-12_000, "GBP", "−£12k"),
        (0, "GBP", "£0"),
        (None, "GBP", "–"),
    ],
)
def test_money_is_short(value, currency, words):
    assert look.money(value, currency) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 clients"), (1, "1 client"), (1200, "1,200 clients"), (["a"], "1 client")]
)
def test_one_client_two_clients(count, words):
    assert look.plural(count, "client,clients") == words


class Sample(forms.Form):
    what = forms.CharField(error_messages={"required": "Say what you promise."})
    how = forms.ChoiceField(choices=[("call", "Called")], widget=forms.RadioSelect)
    key = forms.CharField(widget=forms.HiddenInput)


def test_the_summary_links_each_problem_to_its_field():
    html = drawn("{% field_errors form %}", form=Sample({"key": ""}))

    assert '<a href="#id_what">What: Say what you promise.</a>' in html
    assert '<a href="#id_how_0">How: This field is required.</a>' in html
    assert "<span>This field is required.</span>" in html
    assert drawn("{% field_errors form %}", form=Sample()).strip() == ""


def test_the_summary_of_several_forms_tells_the_problems_of_each():
    formset = forms.formset_factory(Sample, extra=0)(
        {
            "form-TOTAL_FORMS": "2",
            "form-INITIAL_FORMS": "2",
            "form-0-what": "x",
            "form-0-how": "call",
            "form-0-key": "k",
        }
    )
    html = drawn("{% field_errors form %}", form=formset)

    assert 'href="#id_form-0-what"' not in html
    assert 'href="#id_form-1-what"' in html


@pytest.mark.parametrize(
    ("tags", "url"),
    [
        ("undo:/promises/p_1/undo/", "/promises/p_1/undo/"),
        ("undo://evil.example/", ""),
        ("undo:https://evil.example", ""),
        ("", ""),
    ],
)
def test_undo_posts_to_an_address_of_ours_or_nowhere(tags, url):
    assert page.undo_url(Message(constants.SUCCESS, "Kept.", extra_tags=tags)) == url


def test_a_column_sorts_keeps_the_filter_and_forgets_the_page():
    request = RequestFactory().get("/clients/", {"q": "a&b", "sort": "name", "page": "3"})
    source = "{% sort_link 'name' as link %}{{ link.url }} {{ link.aria }}"

    assert drawn(source, request=request) == "?q=a%26b&amp;sort=-name ascending"


def test_a_kept_part_holds_nobody_elses_words():
    """It is drawn once; the name it was asked with, the token and the address are each reader's own."""
    from django.template import Context, Template
    from django.test import RequestFactory

    menu_end = '{% kept "components/_nav_end.html" signed_in=True reader=reader theme="dark" mailbox=False %}'

    def end_of(reader, path, token):
        known = {"reader": reader, "request": RequestFactory().get(path), "csrf_token": token}
        return Template(menu_end).render(Context(known))

    first, second = end_of("Ann <zz-path zz>", '/a/?q="zz-token-zz"', "t0"), end_of("Ben", "/b/", "t1")

    assert [first.count(words) for words in ("Ann &lt;", "Ben", "t1", 'value="/b/"')] == [1, 0, 0, 0]
    assert [second.count(words) for words in ("Ann", ">Ben<", 'value="t1"', 'value="/b/"')] == [0, 1, 2, 1]
    assert 'name="next" value="/a/?q=%22zz-token-zz%22"' in first


def test_no_word_of_a_kept_part_turns_into_a_token_or_an_address():
    """What people write may look like a stand-in, as far as they can know one."""
    from django.template import Context, Template
    from django.test import RequestFactory

    source = '{% kept "dashboard/_day_quiet.html" id="c1" client=name url="/" phone="" wrote="" days=3 rhythm=2 %}'
    known = {"name": "zz-token-zz zz-path zz", "request": RequestFactory().get("/secret/"), "csrf_token": "t0"}

    shown = Template(source).render(Context(known))

    assert "zz-token-zz zz-path zz" in shown
    assert "t0" not in shown
