"""Pages of long lists: exact up to a thousand, complete beyond."""

import pytest

from accounts.paging import BoundedPaginator


def page_of(total, number, per_page=50):
    return BoundedPaginator(range(1, total + 1), per_page).get_page(number)


@pytest.mark.parametrize(
    ("total", "number", "first", "last", "further", "count", "more"),
    [
        (0, 1, 0, 0, False, 0, False),
        (1, 1, 1, 1, False, 1, False),
        (50, 1, 1, 50, False, 50, False),
        (51, 1, 1, 50, True, 51, False),
        (51, 2, 51, 51, False, 51, False),
        (1000, 20, 951, 1000, False, 1000, False),
        (1001, 20, 951, 1000, True, 1000, True),
        (1001, 21, 1001, 1001, False, 1000, True),
        (10_009, 201, 10_001, 10_009, False, 1000, True),
    ],
)
def test_a_page_says_where_it_stands(total, number, first, last, further, count, more):
    page = page_of(total, number)
    assert (page.start_index(), page.end_index(), page.has_next()) == (first, last, further)
    assert (page.paginator.count, page.paginator.is_more) == (count, more)
    assert list(page) == (list(range(first, last + 1)) if total else [])


@pytest.mark.parametrize("number", ["", "x", "-3", "²", None, "1" * 40, 0])
def test_what_is_no_page_is_the_first(number):
    assert page_of(120, number).number == 1


def test_a_page_too_far_is_the_last_one_counted():
    assert page_of(120, 99).number == 3
    assert list(page_of(120, 99)) == list(range(101, 121))


def test_pages_join_without_a_gap():
    assert [one for number in range(1, 32) for one in page_of(1530, number)] == list(range(1, 1531))
