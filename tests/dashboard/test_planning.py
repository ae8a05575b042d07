"""Planning goes on when a planner fails, and when beat is gone."""

import sys
from datetime import timedelta
from types import ModuleType

import pytest
from django.core.management import CommandError, call_command
from django.test import RequestFactory, override_settings

from dashboard import middleware, planners
from dashboard.tasks import tick
from outbox.models import Heartbeat
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned(monkeypatch):
    """Two made-up planners; the list they write their moments into. `planned.broken` makes the first one fail."""

    class Planned(list):
        broken = False

    calls, module = Planned(), ModuleType("made_up_planners")

    def first(now):
        if calls.broken:
            raise ValueError("a bad row")
        calls.append(("first", now))

    module.first = first
    module.second = lambda now: calls.append(("second", now))
    monkeypatch.setitem(sys.modules, "made_up_planners", module)
    monkeypatch.setattr(planners, "PLANNERS", ["made_up_planners.first", "made_up_planners.second"])
    return calls


def test_every_planner_is_there_and_takes_the_moment():
    for name in planners.PLANNERS:
        assert callable(planners.find(name))


def test_a_tick_plans_and_says_when(planned, clock):
    tick()

    assert planned == [("first", NOW), ("second", NOW)]
    assert Heartbeat.objects.get(name="tick").at == NOW


def test_a_planner_that_fails_does_not_stop_the_others(planned, caplog):
    planned.broken = True

    failed = planners.run(NOW)

    assert failed == ["made_up_planners.first"]
    assert planned == [("second", NOW)]
    assert not Heartbeat.objects.filter(name="tick").exists()


def test_the_command_says_which_planner_failed(planned, caplog):
    planned.broken = True

    with pytest.raises(CommandError, match="made_up_planners"):
        call_command("tick")


def test_the_web_plans_only_when_nobody_else_did(planned):
    Heartbeat.beat("tick", NOW)

    assert middleware.tick_if_silent(NOW + timedelta(seconds=140)) is False
    assert middleware.tick_if_silent(NOW + timedelta(seconds=160)) is True
    assert [name for name, _ in planned] == ["first", "second"]


@override_settings(WEB_TICK_SECONDS=60)
def test_a_page_asks_at_most_once_a_minute_and_never_fails(monkeypatch):
    looks, now = [], [1000.0]
    monkeypatch.setattr(middleware.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(middleware.threading, "Thread", lambda target, **_: FakeThread(target))
    monkeypatch.setattr(middleware, "tick_if_silent", lambda now: looks.append(now) or 1 / 0)
    monkeypatch.setattr(middleware.connections, "close_all", lambda: None)
    page = middleware.TickMiddleware(lambda request: "the page")

    for seconds in (0, 30, 61, 62, 100, 125):
        now[0] = 1000.0 + seconds
        assert page(RequestFactory().get("/")) == "the page"

    assert len(looks) == 2


class FakeThread:
    def __init__(self, target):
        self.start = target


def test_a_heartbeat_is_written_now_and_then_and_never_fails_its_process(monkeypatch):
    from dashboard import heartbeats

    seconds = [0.0]
    monkeypatch.setattr(heartbeats.time, "monotonic", lambda: seconds[0])
    monkeypatch.setattr(heartbeats.connection, "close", lambda: None)
    pulse, written = heartbeats.Pulse("worker"), []
    monkeypatch.setattr(heartbeats.Heartbeat, "beat", lambda name, now: written.append(name) or 1 / 0)

    for seconds[0] in (0.0, 2.0, 9.0, 11.0):
        pulse.beat()

    assert written == ["worker", "worker"]
