"""The survey on a phone: by touch, by keyboard, without JavaScript, without a connection, and in four languages."""

import json
import re

import pytest

from tests.e2e.test_story import link_in, mail_to
from tests.services import wait_for

PHONE = {"width": 390, "height": 844, "touch": True}
LANGUAGES = ["en-gb", "de", "fr", "es"]
MAKE = """
import json
from django.utils import timezone
from outbox import links
from outbox.models import Email
from clients.models import Contact
from accounts.models import User
from surveys.models import Invitation, InvitationMessage, Question, Questionnaire, Round

def ask(round, contacts):
    made = []
    for contact in contacts:
        now = timezone.now()
        asked = Invitation.objects.create(round=round, client=contact.client, contact=contact, state="sent",
                                          queued_at=now, invited_at=now)
        email, _new = Email.objects.queue(kind="surveys.invitation", key=f"phone:{asked.pk}", to=contact.email,
                                          to_name=contact.name, subject="How are we doing?")
        Email.objects.filter(pk=email.pk).update(state="sent", sent_at=now, next_try_at=None)
        InvitationMessage.objects.create(invitation=asked, email=email, step=0)
        made.append({"path": f"/s/{links.token(email)}/", "email": contact.email, "name": contact.name.split()[0]})
    return made

def open_round(name, questionnaire):
    return Round.objects.create(name=name, year=2026, state="open", questionnaire=questionnaire,
                                snapshot=questionnaire.as_asked(), created_by=User.objects.get(name="Elaine Marsh"),
                                launched_at=timezone.now())

contacts = Contact.objects.filter(left_at=None, client__archived_at=None).exclude(email="").order_by("pk")
standard = ask(open_round("By phone", Questionnaire.standard()), contacts[:16])
own = Questionnaire.objects.create(name="All kinds")
scale = {"low": "Not at all", "high": "Completely"}
kinds = [
    ("work", "section", {"text": "How we work", "hint": "Thinking of this year."}, {}),
    ("overall", "scale", {"text": "All in all, how is it?", **scale}, {}),
    ("why", "text", {"text": "What went wrong?"}, {"show_if": {"key": "overall", "at_most": 6}}),
    ("late", "scale", {"text": "We are often late.", **scale}, {"reverse": True, "required": True}),
    ("again", "yes_no", {"text": "Would you do it again?"}, {}),
    ("one", "choice", {"text": "Which one?", "options": {"a": "The first", "b": "The second"}}, {}),
    ("who", "contact", {"text": "Whom else may we ask?"}, {}),
]
Question.objects.bulk_create([
    Question(questionnaire=own, position=n, key=key, kind=kind, wording={"en-gb": words}, **more)
    for n, (key, kind, words, more) in enumerate(kinds, 1)
])
long = Questionnaire.objects.create(name="In parts")
rows = []
for part in ("one", "two"):
    rows.append((part, "section", {"text": f"Part {part}"}))
    rows += [(f"{part}{n}", "scale", {"text": f"Question {part} {n}", **scale}) for n in range(7)]
Question.objects.bulk_create([
    Question(questionnaire=long, position=n, key=key, kind=kind, wording={"en-gb": words})
    for n, (key, kind, words) in enumerate(rows, 1)
])
print("LINKS " + json.dumps({"standard": standard, "own": ask(open_round("All kinds", own), contacts[:6]),
                             "long": ask(open_round("In parts", long), contacts[:2])}))
"""


@pytest.fixture(scope="module")
def asked(site):
    """Takes people who are asked: `asked("standard")` is one nobody has used before."""
    said = site.manage("shell", "-c", MAKE)
    people = json.loads(re.search(r"LINKS (.*)", said).group(1))
    return lambda questionnaire="standard": people[questionnaire].pop()


def scales(page):
    return page.locator("fieldset.q:has(.scale)")


def number_of(page, question, number):
    return scales(page).nth(question).locator(f".opt:has([value='{number}'])")


def saved(page, words):
    page.locator("[data-saved]").filter(has_text=re.compile(words)).wait_for()


def chosen(page, key):
    return page.locator(f"[name=q-{key}]:checked").evaluate_all("all => all.map(each => each.value)")


# -------------------------------------------------------------------- the whole survey


def test_the_whole_survey_is_answered_by_touch(open_window, asked):
    person = asked()
    page = open_window(**PHONE)
    page.goto(person["path"])

    small = page.evaluate(
        """() => [...document.querySelectorAll('.opt,.opt-na,.choice,.btn,summary,.sv-foot p a:not(.tel),.sv-lang a')]
            .filter(each => each.checkVisibility() && each.getBoundingClientRect().height < 44)
            .map(each => each.textContent.trim())"""
    )
    assert small == []
    for number in range(scales(page).count()):
        number_of(page, number, number % 11).tap()
    page.get_by_text("Being treated with respect").tap()
    page.get_by_text("Quick answers").tap()
    page.get_by_text("Being told things openly").tap()  # one too many
    page.get_by_text("At most 2. Take one back first.").wait_for()
    page.get_by_label("What should we do better?").fill("Ring back.")
    page.get_by_label("Is there anything we promised and have not done?").fill("The note.")
    page.get_by_text(re.compile("^Yes, ask .* to call me$")).tap()
    page.get_by_label("On which number").fill("0113 496 0000")
    page.get_by_label("When it suits you").fill("mornings")
    page.get_by_label(re.compile("^In confidence")).tap()
    saved(page, r"^19 of 19, saved \d\d:\d\d$")
    assert page.looking.faults() == []

    page.get_by_role("button", name="Send my answers").tap()
    page.get_by_role("heading", name=f"Thank you, {person['name']}").wait_for()
    assert "0113 496 0000" in page.get_by_role("main").inner_text()
    assert page.looking.faults() == []
    assert page.evaluate("localStorage.length") == 0

    page.get_by_role("link", name="Change my answers").tap()
    page.get_by_role("heading", name=re.compile("how are we doing")).wait_for()
    assert [chosen(page, key) for key in ("overall", "matters_most", "call")] == [
        ["0"],
        ["respect", "responsiveness"],
        ["yes"],
    ]


def test_the_whole_survey_is_answered_by_keyboard_alone(open_window, asked):
    person = asked()
    page = open_window(width=390, height=844)
    page.goto(person["path"])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skip to the questions

    ticked, seen = 0, []
    for _press in range(250):
        page.keyboard.press("Tab")
        at = page.evaluate(
            """() => { const e = document.activeElement, box = e.getBoundingClientRect();
                return {name: e.name || "", type: e.type || e.tagName, value: e.value || "",
                        covered: box.top < document.querySelector('.sv-bar').getBoundingClientRect().bottom - 1,
                        group: !!e.closest('.scale')} }"""
        )
        assert not at["covered"], at
        if at["name"] and at["name"] not in seen:
            seen.append(at["name"])
        if at["name"] == "go" and at["value"] == "send":
            page.keyboard.press("Enter")
            break
        if at["type"] == "radio" and at["group"]:
            page.keyboard.press("ArrowRight")
            page.keyboard.press("ArrowRight")
        elif at["type"] == "radio":
            page.keyboard.press("Space")
        elif at["type"] == "checkbox" and ticked < 2:
            ticked += 1
            page.keyboard.press("Space")
        elif at["type"] == "textarea" and at["name"].startswith("q-"):
            page.keyboard.type("Ring back.")
        elif at["name"] == "q-call-phone":
            page.keyboard.type("0113")

    page.get_by_role("heading", name=f"Thank you, {person['name']}").wait_for()
    assert "0113" in page.get_by_role("main").inner_text()
    page.goto(person["path"])
    assert chosen(page, "overall") == ["2"]
    assert chosen(page, "matters_most") == ["respect", "trust"]
    saved(page, "^19 of 19, saved$")


def test_every_kind_of_question_works_and_what_depends_comes_and_goes(open_window, asked):
    page = open_window(**PHONE)
    page.goto(asked("own")["path"])
    why = page.get_by_label("What went wrong?")
    assert why.is_hidden()

    number_of(page, 0, 3).tap()
    why.wait_for()
    assert page.locator("[data-live]").text_content() == "Another question has appeared below."
    why.fill("Everything.")
    number_of(page, 0, 9).tap()
    assert why.is_hidden()
    page.get_by_text("The second").tap()
    page.get_by_label("E-mail").fill("ann at home")
    page.keyboard.press("Tab")
    page.get_by_text("Enter a whole e-mail address").first.wait_for()  # else it may push the button from under the tap
    page.get_by_role("button", name="Send my answers").tap()

    summary = page.locator("[data-error-summary]")
    summary.wait_for()
    assert summary.evaluate("summary => summary === document.activeElement")
    assert page.title().startswith("Error: ")
    assert [fault for fault in page.looking.faults() if "422" not in fault] == []
    page.get_by_label("E-mail").fill("ann@home.example")
    page.get_by_role("button", name="Send my answers").tap()
    page.get_by_role("link", name="Please answer this question: we need it.").tap()
    number_of(page, 1, 2).tap()
    page.get_by_role("button", name="Send my answers").tap()
    page.get_by_role("heading", name=re.compile("Thank you")).wait_for()


def test_a_long_one_goes_part_by_part_and_back(open_window, asked):
    path = asked("long")["path"]
    page = open_window(**PHONE)
    page.goto(path)
    number_of(page, 0, 4).tap()
    page.get_by_role("button", name="Continue").tap()
    page.get_by_text("Part 2 of 2").wait_for()
    number_of(page, 0, 5).tap()
    saved(page, "^2 of 14, saved")
    page.go_back()
    page.get_by_text("Part 1 of 2").wait_for()
    assert chosen(page, "one0") == ["4"]
    page.get_by_role("button", name="Continue").tap()
    page.get_by_text("Part 2 of 2").wait_for()
    page.get_by_role("button", name="Back").tap()
    page.get_by_text("Part 1 of 2").wait_for()
    assert page.looking.faults() == []


# -------------------------------------------------------------------- without a connection


def test_without_a_connection_answers_are_kept_and_sent_when_it_is_back(open_window, asked):
    page = open_window(**PHONE)
    page.goto(asked()["path"])
    page.context.set_offline(True)

    number_of(page, 0, 6).tap()
    page.get_by_label("What should we do better?").fill("Ring back.")
    saved(page, "^No connection. Your answers are kept on this device")
    page.get_by_role("button", name="Send my answers").tap()
    page.get_by_text(re.compile("^Not sent yet: there is no connection")).wait_for()
    page.context.set_offline(False)

    page.get_by_role("heading", name=re.compile("Thank you")).wait_for()
    assert page.evaluate("localStorage.length") == 0


def test_answers_of_a_closed_tab_are_sent_when_it_is_opened_again(open_window, asked):
    path = asked()["path"]
    page = open_window(**PHONE)
    page.goto(path)
    page.context.set_offline(True)
    number_of(page, 0, 6).tap()
    page.get_by_label("What should we do better?").fill("Half a sen")
    context = page.context
    page.close()
    context.set_offline(False)

    again = context.new_page()
    again.goto(path)
    again.locator("[data-saved]").filter(has_text=re.compile("^2 of 19, saved")).wait_for()
    again.reload()

    assert chosen(again, "overall") == ["6"]
    assert again.get_by_label("What should we do better?").input_value() == "Half a sen"


@pytest.mark.parametrize("trouble", [500, 503, "nothing comes back"])
def test_while_the_server_is_in_trouble_the_page_says_so_and_tries_again(open_window, asked, trouble):
    page = open_window(**PHONE)
    page.goto(asked()["path"])
    turns = []

    def answer(route):
        turns.append(route)
        if len(turns) > 2:
            route.continue_()
        elif trouble == "nothing comes back":
            route.fetch()  # saved there, and the answer is lost on its way
            route.abort()
        else:
            route.fulfill(status=trouble, body="Sorry")

    page.route("**/answer/", answer)
    number_of(page, 0, 6).tap()

    saved(page, "^Not saved yet: we cannot be reached. Your answers are kept on this device")
    saved(page, "^1 of 19, saved")
    assert page.locator("[data-live]").text_content() == "What was kept on this device has been sent."


def test_a_refusal_is_said_in_words_beside_the_question(open_window, asked):
    page = open_window(**PHONE)
    page.goto(asked("own")["path"])

    page.get_by_label("E-mail").fill("ann at home")
    page.get_by_label("E-mail").blur()

    page.get_by_role("alert").filter(has_text="Enter a whole e-mail address").wait_for()


# -------------------------------------------------------------------- two tabs, two devices


def test_two_tabs_undo_nothing_of_each_other_and_a_double_click_sends_once(open_window, asked):
    path = asked()["path"]
    first = open_window(**PHONE)
    first.goto(path)
    second = first.context.new_page()
    second.goto(path)
    number_of(first, 0, 7).tap()
    saved(first, "^1 of 19, saved")
    number_of(second, 1, 4).tap()
    saved(second, "^2 of 19, saved")
    number_of(second, 0, 5).tap()
    saved(second, "^2 of 19, saved")

    first.get_by_role("button", name="Send my answers").dblclick()
    first.get_by_role("heading", name=re.compile("Thank you")).wait_for()
    first.goto(path)

    assert (chosen(first, "overall"), chosen(first, "promises_kept")) == (["5"], ["4"])


def test_another_device_gets_a_fresh_link_and_an_older_answer_gives_way_to_a_newer_one(open_window, asked, sink):
    person = asked()
    phone = open_window(**PHONE)
    phone.goto(person["path"])
    number_of(phone, 1, 9).tap()
    saved(phone, "^1 of 19, saved")
    phone.route("**/answer/", lambda route: route.abort())
    number_of(phone, 0, 3).tap()
    saved(phone, "^Not saved yet")
    context = phone.context
    phone.close()

    desk = open_window(width=1440)
    desk.goto(person["path"])
    desk.get_by_role("heading", name="This link is in use in another browser").wait_for()
    assert desk.looking.faults() == []
    desk.get_by_role("button", name="Mail me a fresh link").click()
    desk.get_by_role("heading", name="Look into your mail").wait_for()
    wait_for(lambda: mail_to(sink, person["email"], "link"), seconds=60, what="the fresh link")
    desk.goto(link_in(mail_to(sink, person["email"], "link"), "s"))
    assert chosen(desk, "promises_kept") == ["9"]
    desk.wait_for_timeout(1100)  # an age is counted in seconds
    number_of(desk, 0, 8).click()
    saved(desk, "^2 of 19, saved")

    again = context.new_page()
    again.goto(person["path"])
    again.get_by_role("alert").filter(has_text="You answered this again later").wait_for()
    assert chosen(again, "overall") == ["8"]
    again.get_by_role("button", name="Use my earlier answer instead").tap()
    again.locator("[data-saved]").filter(has_text=re.compile("^2 of 19, saved")).wait_for()
    desk.reload()
    assert chosen(desk, "overall") == ["3"]


def test_the_same_browser_goes_on_where_it_stopped(open_window, asked):
    path = asked()["path"]
    page = open_window(**PHONE)
    page.goto(path)
    number_of(page, 0, 7).tap()
    page.get_by_label("What should we do better?").fill("Ring back")
    saved(page, "^2 of 19, saved")  # what is typed is saved by itself
    context = page.context
    page.close()

    again = context.new_page()
    again.goto(path)

    assert chosen(again, "overall") == ["7"]
    assert again.get_by_label("What should we do better?").input_value() == "Ring back"


# -------------------------------------------------------------------- without JavaScript


def test_without_javascript_everything_can_be_answered_and_sent(open_window, asked):
    page = open_window(**PHONE, script=False)
    page.goto(asked("own")["path"])

    page.get_by_text("Only if you gave 6 or less to “All in all, how is it?”").wait_for()
    number_of(page, 0, 5).tap()
    page.get_by_label("What went wrong?").fill("Late.")
    page.get_by_role("button", name="Send my answers").tap()
    page.get_by_role("link", name="Please answer this question: we need it.").wait_for()
    number_of(page, 1, 0).tap()
    page.get_by_role("button", name="Send my answers").tap()
    page.get_by_role("heading", name=re.compile("Thank you")).wait_for()
    page.get_by_role("link", name="Change my answers").tap()
    page.get_by_role("heading", name=re.compile("how are we doing")).wait_for()

    assert (chosen(page, "overall"), chosen(page, "late")) == (["5"], ["0"])
    assert page.get_by_label("What went wrong?").input_value() == "Late."


# -------------------------------------------------------------------- looks


@pytest.fixture(scope="module")
def reader(asked):
    return asked()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_clean_in_every_language(open_window, reader, language, dark):
    page = open_window(**PHONE, dark=dark)
    faults = {}
    for path in (reader["path"], f"{reader['path']}somebody-else/"):
        page.goto(f"{path}?lang={language}")
        assert page.locator("html").get_attribute("lang") == language
        if found := page.looking.faults():
            faults[path] = found

    assert faults == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [320, 390, 1440])
def test_long_words_and_wide_spacing_never_scroll_sideways_or_are_cut(open_window, reader, language, width):
    page = open_window(width=width, height=700)
    page.goto(f"{reader['path']}?lang={language}")

    def wide():
        return page.evaluate(
            """() => [document.documentElement.scrollWidth > innerWidth,
                ...[...document.querySelectorAll('legend,label,p,a,button,summary,h1,h2')]
                    .filter(each => each.checkVisibility() && !each.closest('.sr')
                                    && getComputedStyle(each).display !== 'inline'
                                    && each.scrollWidth > each.clientWidth + 1)
                    .map(each => each.textContent.trim().slice(0, 60))]"""
        )

    assert wide() == [False]
    # WCAG 1.4.12, by a sheet a reader could have; constructed, for the page takes none from inside
    page.evaluate(
        """() => { const sheet = new CSSStyleSheet();
            sheet.replaceSync('*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}');
            document.adoptedStyleSheets = [sheet]; }"""
    )
    assert wide() == [False]


def test_forced_colours_still_tell_what_is_chosen(open_window, reader):
    page = open_window(**PHONE)
    page.emulate_media(forced_colors="active")
    page.goto(reader["path"] + "?q=overall:7")

    marked = page.locator(".opt:has(:checked)").evaluate("each => getComputedStyle(each).outlineStyle")

    assert marked == "solid"
    assert page.looking.faults(axe=False) == []
