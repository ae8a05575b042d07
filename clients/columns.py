"""Which column of a file is which field of ours: the headers and words of the common programs."""

from accounts.tables import guess_columns, plain_header

# Our field: what other programs call its column. Earlier fields choose their column first.
COLUMNS = {
    "contact_external_id": ["contact id", "contact record id", "person id", "record id - contact"],
    "owner_email": ["account owner email", "company owner email", "record owner email", "owner e-mail", "owner mail"],
    "owner_external_id": [
        "owner id",
        "hubspot owner id",
        "account owner id",
        "company owner id",
        "employee id",
        "owner number",
    ],
    "owner": ["account owner", "company owner", "record owner", "organization - owner", "account manager", "sales rep"],
    "contact_first_name": ["first name", "given name", "forename", "first"],
    "contact_last_name": ["last name", "surname", "family name", "last"],
    "contact_name": [
        "contact",
        "contact person",
        "primary contact",
        "contact full name",
        "full name",
        "person",
        "person - name",
    ],
    "job_title": ["contact title", "title", "position", "job", "contact job title", "role"],
    "email": [
        "e-mail",
        "email address",
        "contact email",
        "primary email",
        "work email",
        "person - email",
        "email - work",
        "person - email - work",
        "mail",
    ],
    "contact_phone": ["direct phone", "mobile phone", "mobile", "contact phone number", "person - phone"],
    "external_id": [
        "customer id",
        "account id",
        "company id",
        "client id",
        "organization id",
        "organisation id",
        "record id",
        "record id - company",
        "company record id",
        "customer number",
        "id",
    ],
    "company_name": [
        "company",
        "account name",
        "account",
        "organisation",
        "organization",
        "organisation name",
        "organization name",
        "organization - name",
        "client name",
        "client",
        "customer name",
        "customer",
        "business name",
        "firm",
        "associated company",
        "name",
    ],
    "phone": ["phone number", "company phone", "main phone", "telephone", "business phone", "account phone"],
    "website": ["website url", "company domain name", "domain", "web site", "homepage", "web", "url"],
    "city": ["billing city", "town", "mailing city", "location"],
    "country": ["country/region", "billing country", "country name", "mailing country", "country code"],
    "industry": ["sector", "branch"],
    "kind": ["type", "account type", "relationship"],
    "stage": ["lifecycle stage", "status"],
    "value_band": ["band", "rating", "tier", "segment"],
    "partner_since": ["customer since", "client since", "partner since date"],
    "time_zone": ["timezone", "tz"],
    "tags": ["labels", "label", "tag"],
}
KINDS = {"customer": "client", "client": "client", "partner": "partner", "reseller": "partner", "prospect": "prospect"}
STAGES = {
    "customer": "active", "active": "active", "onboarding": "onboarding", "dormant": "dormant", "inactive": "dormant",
    "ended": "ended", "former": "ended", "prospect": "prospect", "lead": "prospect", "opportunity": "prospect",
}  # fmt: skip
SAMPLE = (
    "Company,Company ID,Owner e-mail,Contact name,Job title,E-mail,Phone,City,Country,Website,Industry\n"
    "Tidewell Water,T-1,priya@firm.example,Rosa Delgado,Finance director,rosa@tidewell.example,+44 113 496 0101,"
    "Leeds,UK,tidewell.example,Water utility\n"
)


def find_columns(headers):
    """{our field: their header}. In a list of people “Name” is the person's, and a bare “ID” numbers the person."""
    columns = guess_columns(headers, COLUMNS)
    if "company_name" not in columns or plain_header(columns["company_name"]) == "name":
        return columns
    by_parts = {"contact_first_name", "contact_last_name"} & columns.keys()
    bare = next((header for header in headers if plain_header(header) == "name"), "")
    if bare and not by_parts and "contact_name" not in columns:
        columns["contact_name"] = bare
        by_parts = {bare}
    if by_parts and plain_header(columns.get("external_id", "")) in ("id", "recordid"):
        columns.setdefault("contact_external_id", columns.pop("external_id"))
    return columns
