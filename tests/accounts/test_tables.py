"""Reading a table out of whatever somebody has."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from accounts.tables import NotATable, Report, guess_columns, read_table


def cells(table):
    return [list(row.cells.values()) for row in table.rows]


@pytest.mark.parametrize(
    "content",
    [
        "name,city\nKöniglich Essen,Brandenburg\n".encode(),
        "\ufeffname,city\nKöniglich Essen,Brandenburg\n".encode(),
        "name;city\r\nKöniglich Essen;Brandenburg\r\n".encode(),
        "name\tcity\nKöniglich Essen\tBrandenburg\n".encode("latin-1"),
        "name,city\nKöniglich Essen,Brandenburg".encode("cp1252"),
        '"name","city"\n"Königlich Essen","Brandenburg"\n'.encode(),
        "name,city\nKöniglich Essen,Brandenburg\n".encode("utf-16"),
        "\n\n , \nname,city\n\nKöniglich Essen , Brandenburg,,\n".encode(),
    ],
)
def test_encodings_separators_and_quotes_do_not_matter(content):
    table = read_table(content)

    assert (table.headers, cells(table), table.refused) == (
        ["name", "city"],
        [["Königlich Essen", "Brandenburg"]],
        [],
    )


def test_a_quoted_cell_may_hold_anything_and_lines_are_counted_as_in_the_file():
    table = read_table(b'name,notes\n"A, ""B""","two\nlines"\nC,d\n')

    assert cells(table) == [['A, "B"', "two\nlines"], ["C", "d"]]
    assert [row.number for row in table.rows] == [2, 4]


@pytest.mark.parametrize("nothing", ["NULL", "null", "N/A", "-", "", "  ", "None"])
def test_cells_that_say_nothing_are_empty(nothing):
    assert cells(read_table(f"a,b\nx,{nothing}\n".encode())) == [["x", ""]]


def test_short_rows_are_filled_and_long_ones_refused_with_their_number():
    table = read_table(b"a,b\n1\n1,2,3\n4,5\n1,2,,\n")

    assert cells(table) == [["1", ""], ["4", "5"], ["1", "2"]]
    assert table.refused == [
        (3, "This row has 1 cell more than the header. Is a text with a comma missing its quotes?")
    ]


def test_a_row_with_a_nul_is_refused_and_the_others_are_read():
    table = read_table(b"name,city\nAcme,York\nEv\0il,Hull\nZeta,Leeds\n")

    assert [row.get("name") for row in table.rows] == ["Acme", "Zeta"]
    assert [number for number, _reason in table.refused] == [3]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "This file is empty."),
        (b"\n \n,,\n", "This file is empty."),
        (b"\xef\xbb\xbf", "This file is empty."),
        (b"\0" * 1000, "This file is empty."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0", "We could not read a table in this file. Save it as CSV or XLSX."),
        (b"\xff\xfea", "We could not read a table in this file. Save it as CSV or XLSX."),
        (b"PK\x03\x04 not a zip", "This workbook is damaged. Open it, save it again as XLSX or CSV, and try again."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99,
            "This is an old XLS workbook. Save it as XLSX or CSV and try again.",
        ),
        (
            b"x" * (20 * 1024 * 1024 + 1),
            "This file is larger than 20 MB. Split it and import the parts one after the other.",
        ),
        (b"a," * 600 + b"b\n", "This file has more than 500 columns."),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(content, says):
    with pytest.raises(NotATable) as refusal:
        read_table(content)

    assert str(refusal.value) == says


def test_a_path_that_cannot_be_read_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(NotATable, match="cannot be read: No such file or directory"):
        read_table(tmp_path / "nothing.csv")
    with pytest.raises(NotATable, match="cannot be read: Is a directory"):
        read_table(str(tmp_path))


def xlsx(*rows, sheets=1):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for _ in range(sheets - 1):
        book.create_sheet()
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def test_a_workbook_is_read_from_its_first_sheet():
    table = read_table(xlsx(["name", "number"], ["Königlich Essen", 17], [None, None], ["N/A", 1.5], sheets=2))

    assert cells(table) == [["Königlich Essen", "17"], ["", "1.5"]]
    assert table.notes == ["Only the first sheet, “Sheet”, was read."]


def test_a_workbook_that_unpacks_to_something_huge_is_refused_before_it_is_unpacked():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (61 * 1024 * 1024))

    with pytest.raises(NotATable, match="too large once unpacked"):
        read_table(bomb.getvalue())


def test_another_archive_is_no_workbook():
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("a.txt", "hello")

    with pytest.raises(NotATable, match="could not read a table"):
        read_table(kept.getvalue())


def test_columns_are_found_whatever_their_case_and_spacing():
    headers = ["Company Name", "contact_name", "E-Mail", "customerID", "Straße"]

    assert guess_columns(
        headers,
        {"external_id": ["customer id"], "name": ["companyName"], "contact": ["Contact Name"], "email": ["e mail"]},
    ) == {"external_id": "customerID", "name": "Company Name", "contact": "contact_name", "email": "E-Mail"}


def test_a_column_is_used_once_and_the_first_of_two_counts():
    table = read_table(b"id,name,name\n1,first,second\n")

    assert table.rows[0].get("name") == "first"
    assert guess_columns(table.headers, {"number": ["id"], "external_id": ["id"]}) == {"number": "id"}


def test_a_report_survives_being_stored():
    from accounts.import_report import Change

    report = Report(what="people", notes=["Read as Latin-1."], columns={"name": "Name"}, left_out=["Photo"])
    report.add_new(2, "A")
    report.add_changed(3, "B", [Change("phone", "1", "2")])
    report.add_same(4, "C")
    report.refuse(5, "", "There is no name.")

    assert Report.from_json(report.as_json()) == report
    assert report.as_text().splitlines() == [
        "Read as Latin-1.",
        "Columns left out: Photo.",
        "Row 5 refused, without a name: There is no name.",
        "Row 3 changed, B:",
        "    phone: 1 → 2",
        "People: 1 new, 1 changed, 1 the same, 1 refused.",
    ]
