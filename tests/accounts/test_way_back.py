"""A form sends its reader back only to a page of ours."""

import pytest
from django.test import RequestFactory

from accounts.way_back import way_back


@pytest.mark.parametrize("wanted", ["/", "/clients/?q=ö&page=2", "/promises/w_1/#story"])
def test_a_path_of_ours_is_taken(wanted):
    assert way_back(RequestFactory().post("/", {"next": wanted})) == wanted


@pytest.mark.parametrize(
    "wanted",
    ["", "my_day", "a\0b", "/a\0b", "/a\r\nSet-Cookie: a=b", "//evil.example", "/\\evil.example", "https://evil.example/",
     "http:///evil.example", "javascript:alert(1)", "/" + "a" * 3000, "²"],
)  # fmt: skip
def test_anything_else_is_not(wanted):
    assert way_back(RequestFactory().post("/", {"next": wanted})) == ""


def test_a_name_of_a_view_is_no_page_to_go_back_to(web):
    answer = web.post("/profile/theme/", {"theme": "dark", "next": "no_such_view"})

    assert (answer.status_code, answer["Location"]) == (302, "/profile/")
