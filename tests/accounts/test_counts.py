"""What web processes count together stands in Redis, and a Redis that is away stops nobody."""

import pytest

from accounts.counts import SharedCounts
from tests.services import NotHere, Redis


@pytest.fixture(autouse=True)
def _not_quiet(monkeypatch):
    monkeypatch.setattr(SharedCounts, "quiet_until", 0.0)


@pytest.fixture(scope="module")
def redis():
    try:
        with Redis() as server:
            yield f"unix://{server.socket}"
    except NotHere as reason:
        pytest.skip(str(reason))


def process_of(address):
    """One web process's view."""
    return SharedCounts(address, {"KEY_PREFIX": "counts"})


def test_two_processes_count_together(redis):
    one, other = process_of(redis), process_of(redis)

    added = [one.add("misses", 0, 60), other.add("misses", 0, 60)]

    assert added == [True, False]
    assert [one.incr("misses"), other.incr("misses"), one.get("misses")] == [1, 2, 2]


def test_lists_of_moments_come_back_as_they_were(redis):
    process_of(redis).set("tries", [1795300499.854, 1795300501.25], 60)

    assert process_of(redis).get("tries") == [1795300499.854, 1795300501.25]
    assert process_of(redis).get("nothing", "missing") == "missing"


def test_a_count_that_is_over_is_no_count(redis):
    with pytest.raises(ValueError, match="not found"):
        process_of(redis).incr("never")


def test_without_redis_each_process_counts_for_itself(caplog):
    away = process_of("redis://127.0.0.1:1/0")

    assert [away.add("alone", 0, 60), away.incr("alone"), away.incr("alone"), away.get("alone")] == [True, 1, 2, 2]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_nothing_here_may_flush_the_broker(redis):
    with pytest.raises(NotImplementedError):
        process_of(redis).clear()
