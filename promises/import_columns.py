"""Which column of a file is which field of a promise: the headers and words of order books, task lists, help desks."""

from accounts.tables import guess_columns, plain_header

# Our field: what other programs call its column. Earlier fields choose their column first.
COLUMNS = {
    "external_id": [
        "promise id", "order id", "order number", "order no", "task id", "ticket id", "issue id", "job id", "record id",
        "reference", "id",
    ],
    "client_external_id": [
        "customer id", "client id", "account id", "company id", "organization id", "organisation id", "customer number",
        "client number",
    ],
    "owner_email": ["owner e-mail", "owner mail", "assignee email", "employee email", "responsible email"],
    "owner_external_id": ["employee id", "owner id", "user id", "assignee id", "staff id", "sales rep id"],
    "contact_external_id": ["contact id", "person id"],
    "contact_email": ["contact e-mail", "contact mail", "promised to email"],
    "made_on": [
        "made", "promised on", "promised at", "agreed on", "agreed", "order date", "ordered on", "made at",
        "created on", "created at", "created", "created date", "creation date", "date created", "start date", "opened",
        "opened at", "date",
    ],
    "due": [
        "due on", "due date", "due at", "required date", "required by", "required", "deadline", "promised for",
        "promised date", "promise date", "by when", "delivery due", "target date", "expected date",
    ],
    "done_on": [
        "done", "done at", "date done", "shipped date", "shipped on", "shipped", "delivered on", "delivered at",
        "delivered", "delivery date", "completed on", "completed at", "completed", "completed date", "completion date",
        "date completed",
        "finished on", "finished", "closed on", "closed at", "closed", "closed date", "resolved at", "resolved",
    ],
    "what": ["promise", "what was promised", "title", "subject", "task", "task name", "summary", "description", "name"],
    "done_when": ["done if", "definition of done", "acceptance criteria", "acceptance"],
    "importance": ["priority", "critical", "urgency"],
    "client": [
        "client name", "customer", "customer name", "company", "company name", "account", "account name",
        "organisation", "organization", "organisation name", "organization name",
    ],
    "owner": ["owner name", "employee", "employee name", "assignee", "assigned to", "responsible", "promisor", "who"],
    "contact": ["contact name", "contact person", "promisee", "promised to", "to whom", "person"],
    "direction": ["who promised", "side"],
}  # fmt: skip
# Cells that no other text can slip into unseen: a number that must be known, an address, a date.
UNMISTAKABLE = {
    "external_id", "client_external_id", "owner_email", "owner_external_id", "contact_external_id", "contact_email",
    "made_on", "due", "done_on",
}  # fmt: skip
DATES = ("made_on", "due", "done_on")
NOT_DONE = {"open", "pending", "not done", "not yet", "never", "no", "nan", "nat", "0", "0000-00-00"}
CRITICAL = {"critical", "high", "highest", "urgent", "yes", "true", "1", "p1"}
NORMAL = {"normal", "medium", "low", "lowest", "no", "false", "0", "p2", "p3", "p4"}
THEIRS = {"theirs", "their", "they", "client", "customer", "in", "incoming", "they promised"}
SAMPLE = (
    "Promise ID,Client,Owner e-mail,Promise,Made on,Due,Done on,Contact,Done when\n"
    "P-1,Tidewell Water,priya@firm.example,Send the draft fee note,2026-03-02,2026-03-13 17:00,2026-03-12,Rosa Delgado,"
    "Rosa has it in her hands\n"
    "P-2,Tidewell Water,priya@firm.example,Review the tariff model,2026-03-02,2026-12-18,,Rosa Delgado,\n"
)


def find_columns(headers):
    """{our field: their header}."""
    return guess_columns(headers, COLUMNS)


def is_order(columns):
    """The rows are orders: what was promised needs no words then."""
    return plain_header(columns.get("external_id", "")).startswith("order")


def certain_up_to_the_tear(headers, columns):
    """Do all used columns stand, one after the other, before any in which a text may have been torn apart?

    Then a row with cells too many can still be read: what a tear moved stands behind everything we look at.
    """
    fields = {header: field for field, header in columns.items()}
    after_a_text = False
    for header in headers:
        certain = fields.get(header) in UNMISTAKABLE
        if header in fields and (after_a_text or not certain):
            return False
        after_a_text |= not certain
    return True
