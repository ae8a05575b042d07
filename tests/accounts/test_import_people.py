"""People from a file, on the command line and through the page."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import ImportFile, Origin, Role, User
from tests.conftest import browser_of
from tests.make import make_administrator, make_user

# The shape of the Northwind employees: a number, names apart, a picture in hexadecimal, NULL for nothing.
EMPLOYEES = """employeeID,lastName,firstName,title,titleOfCourtesy,country,homePhone,photo,notes,reportsTo
1,Davolio,Nancy,"Sales Representative",Ms.,USA,(206) 555-9857,0x151C2F,"Said ""yes"", twice.",2
2,Fuller,Andrew,"Vice President, Sales",Dr.,USA,(206) 555-9482,0x151C2F,"French, Italian",NULL
5,Buchanan,Steven,"Sales Manager",Mr.,UK,(71) 555-4848,0x151C2F,NULL,2
"""


@pytest.fixture
def employees(tmp_path):
    path = tmp_path / "employees.csv"
    path.write_text(EMPLOYEES)
    return path


def run(path, **options):
    """(exit code, what was printed)."""
    said = io.StringIO()
    try:
        call_command("import_people", str(path), stdout=said, **options)
    except SystemExit as ended:
        return ended.code, said.getvalue()
    return 0, said.getvalue()


def test_employees_become_people_who_can_own_but_not_sign_in(db, employees):
    code, said = run(employees, domain="northwind.example")

    assert code == 0
    assert said.splitlines()[-1] == "People: 3 new, 0 changed, 0 the same, 0 refused."
    people = User.objects.order_by("external_id")
    assert [(p.email, p.name, p.job_title, p.phone, p.country, p.external_id) for p in people] == [
        ("nancy.davolio@northwind.example", "Nancy Davolio", "Sales Representative", "(206) 555-9857", "US", "1"),
        ("andrew.fuller@northwind.example", "Andrew Fuller", "Vice President, Sales", "(206) 555-9482", "US", "2"),
        ("steven.buchanan@northwind.example", "Steven Buchanan", "Sales Manager", "(71) 555-4848", "GB", "5"),
    ]
    assert {(p.origin, p.role, p.has_usable_password()) for p in people} == {
        (Origin.IMPORT, Role.ACCOUNT_MANAGER, False)
    }


def test_a_second_run_changes_nothing(db, employees):
    run(employees, domain="northwind.example")
    before = list(User.objects.order_by("pk").values())

    code, said = run(employees, domain="northwind.example")

    assert (code, said.splitlines()[-1]) == (0, "People: 0 new, 0 changed, 3 the same, 0 refused.")
    assert list(User.objects.order_by("pk").values()) == before


def test_a_dry_run_says_it_all_and_writes_nothing(db, employees):
    code, said = run(employees, domain="northwind.example", dry_run=True)

    assert code == 0
    assert "Row 2 new, Nancy Davolio" in said
    assert said.splitlines()[-1] == (
        "People: 3 new, 0 changed, 0 the same, 0 refused. This was a dry run: nothing was written."
    )
    assert not User.objects.exists()


def test_a_changed_cell_changes_the_person_and_an_empty_one_does_not(db, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("id,name,email,title,phone\n1,Tom Okafor,tom@firm.example,Surveyor,111\n")
    run(path)
    path.write_text("id,name,email,title,phone\n1,Tom Okafor,tom@firm.example,Director,\n")

    code, said = run(path)

    assert (code, said.splitlines()[:2]) == (0, ["Row 2 changed, Tom Okafor:", "    job title: Surveyor → Director"])
    person = User.objects.get()
    assert (person.job_title, person.phone, person.version) == ("Director", "111", 2)


def test_refused_rows_are_named_and_the_others_are_in(db, tmp_path):
    make_user(name="Taken Person", email="taken@firm.example", external_id="77")
    path = tmp_path / "people.csv"
    path.write_text(
        "id,name,email,role,timezone\n"
        "1,Good One,good@firm.example,manager,Berlin\n"
        "2,,,,\n"
        "3,No Address,,,\n"
        "4,Bad Address,not-an-address,,\n"
        "5,Bad Role,role@firm.example,emperor,\n"
        "6,Bad Zone,zone@firm.example,,Atlantis\n"
        "8,Other Person,taken@firm.example,,\n"
        "9,Twice,good@firm.example,,\n"
        "10,Too,many@firm.example,,,cells\n"
        f"11,{'x' * 500},long@firm.example,,\n"
    )

    code, said = run(path)

    assert code == 1
    assert said.splitlines() == [
        "Row 3 refused, without a name: There is no name.",
        "Row 4 refused, No Address: There is no e-mail. Give a domain to make one from the name.",
        "Row 5 refused, Bad Address: e-mail: Enter a valid email address.",
        "Row 6 refused, Bad Role: We know no role “emperor”.",
        "Row 7 refused, Bad Zone: We know no time zone “Atlantis”.",
        "Row 8 refused, Other Person: Taken Person has this e-mail already.",
        "Row 9 refused, Twice: Good One has this e-mail already.",
        "Row 10 refused, without a name: This row has 1 cell more than the header. "
        "Is a text with a comma missing its quotes?",
        f"Row 11 refused, {'x' * 500}: name: At most 120 characters fit here; this has 500.",
        "People: 1 new, 0 changed, 0 the same, 9 refused.",
    ]
    assert User.objects.get(external_id="1").role == Role.MANAGER
    assert User.objects.get(external_id="1").time_zone == "Europe/Berlin"


def test_somebody_known_by_address_gains_their_number(db, tmp_path):
    person = make_user(name="Tom Okafor", email="Tom@firm.example", role=Role.ADMINISTRATOR)
    path = tmp_path / "people.csv"
    path.write_text("id;Full name;E-Mail;role\n7;Tom Okafor;TOM@firm.example;account manager\n")

    run(path)

    kept = User.objects.get()
    assert (kept.pk, kept.external_id, kept.role) == (person.pk, "7", Role.ADMINISTRATOR)  # a file takes no role away


@pytest.mark.parametrize(
    ("first", "last", "address"),
    [
        ("Zoë", "Lindqvist", "zoe.lindqvist@firm.example"),
        ("Jürgen", "Groß-Weiß", "jurgen.grossweiss@firm.example"),
        ("Søren", "O'Neil", "soren.oneil@firm.example"),
    ],
)
def test_addresses_are_made_of_plain_letters(db, tmp_path, first, last, address):
    path = tmp_path / "people.csv"
    path.write_text(f"first name,last name\n{first},{last}\n", encoding="latin-1")

    run(path, domain="firm.example")

    assert User.objects.get().email == address


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "This file is empty."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "We could not read a table in this file. Save it as CSV or XLSX."),
    ],
)
def test_what_is_no_table_ends_with_a_sentence(db, tmp_path, content, says):
    path = tmp_path / "people.csv"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=says):
        run(path)


def test_a_table_without_the_columns_says_which_it_has(db, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("colour,size\nred,1\n")

    code, said = run(path)

    assert code == 1
    assert "No column holds a name or an e-mail. Columns found: colour, size." in said


def test_a_bad_domain_is_refused(db, employees):
    with pytest.raises(CommandError, match="is not a domain"):
        run(employees, domain="not a domain")


# ------------------------------------------------------------------ the page


def upload(browser, content=EMPLOYEES, name="employees.csv", **more):
    content = content.encode() if isinstance(content, str) else content
    return browser.post(
        reverse("import_people"),
        {"file": SimpleUploadedFile(name, content), "domain": "northwind.example"} | more,
    )


def test_a_file_is_shown_first_and_written_when_said_so(admin_web):
    where = upload(admin_web)["Location"]

    preview = admin_web.get(where)
    assert preview.context["report"].counts == {"new": 3, "changed": 0, "same": 0, "refused": 0}
    assert "Nothing has been written yet" in preview.content.decode()
    assert User.objects.count() == 1

    for _double_click in range(2):
        answer = admin_web.post(where, follow=True)

    assert answer.context["report"].counts == {"new": 3, "changed": 0, "same": 0, "refused": 0}
    assert "Nancy Davolio" in answer.content.decode()
    assert User.objects.count() == 4
    assert bytes(ImportFile.objects.get().content) == b""  # kept no longer than needed


def test_a_file_belongs_to_who_uploaded_it(admin_web):
    where = upload(admin_web)["Location"]
    other = browser_of(make_administrator())

    assert [other.get(where).status_code, other.post(where).status_code] == [404, 404]
    assert User.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "empty.csv", "This file is empty."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "x.png", "We could not read a table in this file."),
        (b"PK\x03\x04", "x.xlsx", "This workbook is damaged."),
    ],
)
def test_a_file_without_a_table_is_refused_on_the_page(admin_web, content, name, says):
    answer = upload(admin_web, content, name)

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not ImportFile.objects.exists()


def test_no_file_and_a_bad_domain_are_refused_on_the_page(admin_web):
    answer = admin_web.post(reverse("import_people"), {"domain": "not a domain"})

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"file": ["Choose a file first."]}
    assert answer.context["options"].errors == {"domain": ["Write a domain such as example.org."]}


def test_refused_rows_are_shown_with_their_reason(admin_web):
    where = upload(admin_web, "name,email\n<script>,bad\nTom,tom@firm.example\n")["Location"]

    page = admin_web.get(where).content.decode()

    assert "&lt;script&gt;" in page
    assert "e-mail: Enter a valid email address." in page


def test_the_sample_is_a_file_that_works(admin_web, db):
    sample = admin_web.get(reverse("import_people"), {"sample": "1"}).content

    report = admin_web.get(upload(admin_web, sample)["Location"]).context["report"]

    assert report.counts == {"new": 1, "changed": 0, "same": 0, "refused": 0}


# ------------------------------------------------------------------ the first person


def make_admin(*arguments, **options):
    said = io.StringIO()
    call_command("create_admin", *arguments, stdout=said, **options)
    return said.getvalue()


def test_the_first_administrator_gets_a_link_without_a_terminal(client, db):
    said = make_admin("Ada@Firm.example", name="Ada Quill")

    person = User.objects.get()
    link = said.splitlines()[-1]
    assert (person.email, person.name, person.role) == ("ada@firm.example", "Ada Quill", Role.ADMINISTRATOR)
    assert client.get(link.removeprefix("http://localhost:8000")).status_code == 200


def test_a_password_comes_from_the_environment(db, monkeypatch):
    monkeypatch.setenv("FIRST_PASSWORD", "a long enough password")

    said = make_admin("ada@firm.example", password_env="FIRST_PASSWORD")

    assert User.objects.get().check_password("a long enough password")
    assert "http" not in said


@pytest.mark.parametrize(
    ("address", "password", "says"),
    [
        ("nonsense", "a long enough password", "is not an e-mail address"),
        ("ada@firm.example", "short", "too short"),
        ("ada@firm.example", "", "is empty or not set"),
    ],
)
def test_what_cannot_be_is_said_and_nobody_is_made(db, monkeypatch, address, password, says):
    monkeypatch.setenv("FIRST_PASSWORD", password)

    with pytest.raises(CommandError, match=says):
        make_admin(address, password_env="FIRST_PASSWORD")

    assert not User.objects.exists()


def test_a_known_person_becomes_an_administrator_again(db):
    make_user(name="Ada Quill", email="ada@firm.example", is_active=False)

    said = make_admin("ada@firm.example")

    person = User.objects.get()
    assert (person.role, person.is_active, person.name) == (Role.ADMINISTRATOR, True, "Ada Quill")
    assert said.splitlines()[0] == "Ada Quill <ada@firm.example> is now an administrator."
