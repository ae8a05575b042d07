import pytest

from clients.names import name_key, searchable, web_domain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Königlich  Essen", "koniglich essen"),
        ("STRASSE Straße", "strasse strasse"),
        ("Łódź Ørsted", "lodz orsted"),
        ("ﬁne", "fine"),
    ],
)
def test_text_is_searched_without_accents_and_case(text, plain):
    assert searchable(text) == plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Becker GmbH & Co. KG", "becker"),
        ("The Corbel & Stone, Ltd.", "Corbel Stone"),
        ("S.A. Moulin", "moulin sa"),
        ("Ltd", "LTD"),
    ],
)
def test_legal_forms_and_signs_make_no_other_name(one, other):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://www.Tidewell.co.uk/about?x=1", "tidewell.co.uk"),
        ("tidewell.example", "tidewell.example"),
        ("", ""),
        ("not an address", ""),
        ("http://[::1", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_the_domain_of_an_address(address, domain):
    assert web_domain(address) == domain
