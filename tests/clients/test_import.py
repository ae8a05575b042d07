"""Clients from a file: everything taken that can be, the rest refused with the row and the reason."""

from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from accounts.tables import read_table
from clients.importing import import_clients
from clients.models import Client, Contact
from clients.zones import country_name, zone_in
from tests.make import make_client, make_contact, make_user

pytestmark = pytest.mark.django_db

SHOP = (
    "customerID,companyName,contactName,contactTitle,address,city,region,postalCode,country,phone,fax\n"
    "MUELL,Müller Feinkost,Ana Übel,Owner,Obere Str. 57,Berlin,NULL,12209,Germany,030-0074321,NULL\n"
    "ROUGE,Rouge et fils,Zoé Petit,Sales,24, place Verte,Strasbourg,NULL,67000,France,88.60,NULL\n"
    "SLOPE,Slope Foods,Jo Hill,Owner,1 Main St,Boise,ID,83720,USA,(208) 555,NULL\n"
)


@pytest.fixture
def owner():
    return make_user(name="Nancy Hall", email="nancy@firm.example", external_id="1")


def take(text, **options):
    return import_clients(read_table(text.encode() if isinstance(text, str) else text), **options)


def test_each_row_is_a_client_with_one_person_and_the_second_run_changes_nothing(owner):
    first, second = take(SHOP, owner=owner), take(SHOP, owner=owner)

    assert first.counts == {"new": 3, "changed": 0, "same": 0, "refused": 0}
    assert second.counts == {"new": 0, "changed": 0, "same": 3, "refused": 0}
    assert [(c.name, c.country, c.time_zone, c.contacts.get().name) for c in Client.objects.all()] == [
        ("Müller Feinkost", "Germany", "Europe/Berlin", "Ana Übel"),
        ("Rouge et fils", "France", "Europe/Paris", "Zoé Petit"),
        ("Slope Foods", "United States", "America/Boise", "Jo Hill"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_usual_encodings_and_separators_are_read(owner, encoding, separator):
    text = "Company,City\nMüller,Köln\n".replace(",", separator)

    take(text.encode(encoding), owner=owner)

    assert Client.objects.values_list("name", "city").get() == ("Müller", "Köln")


def test_a_dry_run_says_what_would_happen_and_writes_nothing(owner):
    report = take(SHOP, owner=owner, dry_run=True)

    assert (report.counts["new"], Client.objects.count(), Contact.objects.count()) == (3, 0, 0)


def test_owners_are_found_and_unknown_ones_refuse_their_row(owner):
    gone = make_user(name="Gone Away", is_active=False)
    report = take(
        "Company,Owner email,Owner id,Owner\nA,nancy@firm.example,,\nB,,1,\nC,,,Nancy Hall\n"
        f"D,who@firm.example,,\nE,,77,\nF,,,{gone.name}\nG,,,\n"
    )

    assert list(Client.objects.values_list("name", "owner__name")) == [(name, "Nancy Hall") for name in "ABC"]
    assert [(line.number, line.reason) for line in report.refused] == [
        (5, "We know no owner “who@firm.example”."),
        (6, "We know no owner “77”."),
        (7, "The owner Gone Away no longer works here."),
        (8, "No owner: name one in the file, or one for all rows without."),
    ]


def test_several_rows_of_one_client_bring_several_people(owner):
    text = (
        "Account Name,First Name,Last Name,Email,Phone\n"
        "Tidewell Ltd,Rosa,Delgado,rosa@t.example,1\nTidewell,Martin,Yeo,martin@t.example,2\n"
    )

    counts = [take(text, owner=owner).counts for _ in range(2)]

    assert [(count["new"], count["changed"], count["same"]) for count in counts] == [(1, 1, 0), (0, 0, 2)]
    assert list(Client.objects.get().contacts.values_list("name", "phone")) == [
        ("Martin Yeo", "2"),
        ("Rosa Delgado", "1"),
    ]


def test_a_correction_made_here_stays_until_the_file_says_something_new(owner):
    take("Company ID,Company,City,Contact name,Job title\n1,Tidewell,Leeds,Rosa,CFO\n", owner=owner)
    Client.objects.update(city="York")
    Contact.objects.update(job_title="Finance director")

    unchanged = take("Company ID,Company,City,Contact name,Job title\n1,Tidewell,Leeds,Rosa,CFO\n")
    kept = (Client.objects.get().city, Contact.objects.get().job_title)
    changed = take("Company ID,Company,City,Contact name,Job title\n1,Tidewell,Hull,Rosa,CFO\n")

    assert (unchanged.counts["same"], kept) == (1, ("York", "Finance director"))
    assert [(c.label, c.old, c.new) for c in changed.changed[0].changes] == [("city", "York", "Hull")]


def test_a_client_made_here_is_recognised_by_its_name(owner):
    client = make_client(name="Tidewell Water", owner=owner)
    make_contact(client=client, name="Rosa Delgado", email="rosa@t.example")

    report = take("Company,Company ID,Contact,Email\nTidewell Water Ltd.,T1,Rosa M. Delgado,rosa@t.example\n")

    assert report.counts["changed"] == 1
    assert (Client.objects.get().external_id, Contact.objects.get().name) == ("T1", "Rosa M. Delgado")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",x@y.example", "There is no name of a client."),
        ("A,not an address", "e-mail: Enter a valid email address."),
        ("A" * 201 + ",", "name: At most 200 characters fit here; this has 201."),
    ],
)
def test_a_bad_row_is_refused_and_the_others_are_in(owner, row, reason):
    report = take(f"Company,Email\n{row}\nGood,g@h.example\n", owner=owner)

    assert [(line.number, line.reason) for line in report.refused] == [(2, reason)]
    assert Client.objects.get().name == "Good"


def test_a_file_without_a_name_column_says_so(owner):
    report = take("Colour,Size\nred,1\n", owner=owner)

    assert "No column holds the name of a client." in report.refused[0].reason


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "Record ID,Company name,Company owner,Company Domain Name",
            {"company_name", "website", "owner", "external_id"},
        ),
        ("Account ID,Account Name,Account Owner,Billing Country,Website", {"company_name", "country", "website"}),
        ("ID,Organization,Name,Email - Work,Owner", {"company_name", "contact_name", "owner"}),
        ("Organization - Name,Person - Name,Person - Email", {"company_name", "contact_name", "email"}),
        ("Record ID,First Name,Last Name,Email,Associated Company", {"company_name", "contact_external_id"}),
    ],
)
def test_columns_of_common_programs_are_recognised(header, expected):
    report = take(header + "\n")

    assert expected <= set(report.columns)


def test_the_command_ends_with_1_when_rows_were_refused(tmp_path, owner):
    file = tmp_path / "clients.csv"
    file.write_text("Company,Owner email\nA,\nB,who@firm.example\n", encoding="utf-8")
    said = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("import_clients", str(file), owner=owner.email, stdout=said)

    assert ended.value.code == 1
    assert "Row 3 refused, B: We know no owner “who@firm.example”." in said.getvalue()
    assert Client.objects.get().name == "A"


def test_the_command_says_what_is_wrong_with_its_arguments(tmp_path, owner):
    empty = tmp_path / "empty.csv"
    empty.write_text("")

    for arguments in ((str(empty),), ("nowhere.csv",), (str(empty), "--owner", "nobody@firm.example")):
        with pytest.raises(CommandError):
            call_command("import_clients", *arguments)


def test_an_administrator_imports_on_the_page(admin_web):
    file = SimpleUploadedFile("clients.csv", SHOP.encode())

    preview = admin_web.post("/import/clients/", {"file": file, "owner": admin_web.user.public_id}, follow=True)
    before = Client.objects.count()
    done = admin_web.post(preview.redirect_chain[-1][0], follow=True)

    assert (preview.status_code, before, done.status_code, Client.objects.count()) == (200, 0, 200, 3)


def test_the_import_page_is_for_administrators(web, manager_web):
    assert [browser.get("/import/clients/").status_code for browser in (web, manager_web)] == [404, 404]


@pytest.mark.parametrize(
    ("country", "city", "zone"),
    [
        ("Germany", "", "Europe/Berlin"),
        ("USA", "Eugene", ""),
        ("USA", "Anchorage", "America/Anchorage"),
        ("UK", "", "Europe/London"),
        ("Narnia", "Paris", ""),
    ],
)
def test_the_zone_of_a_place_where_it_is_not_in_doubt(country, city, zone):
    assert zone_in(country, city) == zone


@pytest.mark.parametrize(
    ("text", "name"), [("USA", "United States"), ("uk", "United Kingdom"), ("DE", "Germany"), ("Narnia", "Narnia")]
)
def test_countries_have_one_name(text, name):
    assert country_name(text) == name


def test_two_clients_with_one_number_are_not_made_one(owner):
    report = take("id,Company\n9,Twin One\n9,Twin Two\n", owner=owner)

    assert [(line.number, line.name, line.reason) for line in report.refused] == [
        (3, "Twin Two", "An earlier row gives the number 9 to Twin One.")
    ]
    assert Client.objects.get().name == "Twin One"


def test_a_header_with_nothing_under_it_says_so(owner):
    assert take("Company,City\n", owner=owner).notes == ["There are no rows under the header."]


@pytest.mark.parametrize(("was", "then"), [("bounced", "ok"), ("unsubscribed", "unsubscribed"), ("ok", "ok")])
def test_another_address_ends_mail_that_comes_back_and_nobody_s_wish_to_be_left_alone(owner, was, then):
    rows = "Company,Contact ID,Contact name,Email\nRouge,R1,Zoé Petit,{}\n"
    take(rows.format("zoe@old.example"), owner=owner)
    Contact.objects.update(mail_state=was)

    take(rows.format("zoe@old.example"), owner=owner)
    before = Contact.objects.get().mail_state
    take(rows.format("zoe@new.example"), owner=owner)

    zoe = Contact.objects.get()
    assert (before, zoe.email, zoe.mail_state) == (was, "zoe@new.example", then)
