"""Real files have commas without quotes; where it is certain what was meant, the row is put back together."""

from accounts.tables import read_table


def test_a_comma_without_quotes_is_read_as_part_of_the_text():
    table = read_table(
        b"company,address,city,fax\nBlondel,24, place Kleber,Strasbourg,88\nMineiro,Av. Lusiadas, 23,Sao Paulo,NULL\n"
    )

    assert [row.cells for row in table.rows] == [
        {"company": "Blondel", "address": "24, place Kleber", "city": "Strasbourg", "fax": "88"},
        {"company": "Mineiro", "address": "Av. Lusiadas, 23", "city": "Sao Paulo", "fax": ""},
    ]


def test_a_row_with_a_cell_too_many_is_refused_when_it_is_not_certain_what_was_meant():
    table = read_table(b"company,city\nBlondel,24,Strasbourg\nBois, 12,rue,Paris\n")

    assert (table.rows, [line for line, _reason in table.refused]) == ([], [2, 3])
