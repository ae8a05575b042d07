"""Mail gateways with a real browser inside: they load every page of every mail, run its scripts, and click nothing."""

import pytest
from django.core import mail

from tests.client_mails import changes, every_row, send_every_one, urls_of

# Without worker and clock beside it, so that only what the browser does can change a row.
pytestmark = pytest.mark.django_db(transaction=True)

LONG_ENOUGH = 300  # milliseconds: what a page does by itself it has begun by then


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_loading_every_page_of_every_mail_changes_not_one_row(live_server, chromium, script):
    mails = send_every_one(mail.outbox)
    paths = sorted({path for one in mails.values() for path in urls_of(one)})
    before = every_row()
    context = chromium.new_context(java_script_enabled=script)
    page = context.new_page()
    posted = []
    page.on("request", lambda request: posted.append(request.url) if request.method != "GET" else None)

    for path in paths:
        for _turn in range(2):
            assert page.goto(live_server.url + path, wait_until="load").status == 200, path
        page.mouse.wheel(0, 2000)  # some scroll, so that what is loaded late is loaded
        page.wait_for_timeout(LONG_ENOUGH)
    page.goto("about:blank")  # what a page does when it is left
    page.wait_for_timeout(LONG_ENOUGH)
    context.close()

    assert posted == []
    assert changes(before, every_row()) == {}
