"""Whoever reads a log cannot use the links in it."""

from accounts.logs import mask_tokens

TOKEN = "q8Zr_-" + "x" * 37


def test_tokens_are_masked_wherever_they_stand_in_a_line():
    line = mask_tokens(
        None,
        "info",
        {
            "event": f'"GET /s/{TOKEN}/ HTTP/1.1" 200',
            "path": f"/u/{TOKEN}/",
            "links": [f"https://crm.example/p/{TOKEN}/", f"/a/{TOKEN}/"],
            "reset": f"/accounts/password/reset/key/u_abcdefgh/c9-{'0' * 40}/",
            "page": "/surveys/new/audience/",
            "status": 200,
        },
    )

    assert line == {
        "event": '"GET /s/…/ HTTP/1.1" 200',
        "path": "/u/…/",
        "links": ["https://crm.example/p/…/", "/a/…/"],
        "reset": "/accounts/password/reset/key/…",
        "page": "/surveys/new/audience/",
        "status": 200,
    }
