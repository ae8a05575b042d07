"""Large counts are kept for a minute, small ones never."""

import pytest
from django.core.cache import caches

from accounts.large import LARGE, counted


@pytest.fixture(autouse=True)
def _clean():
    caches["large"].clear()
    yield
    caches["large"].clear()


def ask(key, numbers):
    return counted(key, lambda: numbers.pop(0), size=lambda number: number)


def test_a_small_count_is_exact_every_time():
    numbers = [LARGE, LARGE - 1]
    assert [ask("a b", numbers), ask("a b", numbers)] == [LARGE, LARGE - 1]


def test_a_large_count_is_kept_under_its_own_key():
    numbers = [LARGE + 1, LARGE + 2]
    assert [ask("a b", numbers), ask("a b", numbers), ask("c", numbers)] == [LARGE + 1, LARGE + 1, LARGE + 2]


def test_a_large_count_is_taken_anew_after_a_minute(clock):
    numbers = [LARGE + 1, LARGE + 2]
    ask("a", numbers)
    clock.shift(61)
    assert ask("a", numbers) == LARGE + 2
