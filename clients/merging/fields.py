"""Which fields two records are held against each other in, and what the kept one has when nobody chooses."""

CLIENT = (
    "name", "kind", "stage", "owner", "visibility", "industry", "city", "country", "time_zone", "website", "phone",
    "partner_since", "renewal_on", "value_band", "annual_value", "currency", "rhythm_days", "answer_hours", "tags",
    "whats_in_it", "archived_at", "archived_by",
)  # fmt: skip
CONTACT = (
    "name", "job_title", "email", "phone", "language", "time_zone", "survey_part", "mail_state", "mail_state_at",
    "left_at",
)  # fmt: skip
# Said by the merge itself, never chosen.
BY_ITSELF = frozenset({"archived_at", "archived_by", "mail_state", "mail_state_at", "left_at"})
LONG = frozenset({"whats_in_it"})  # both fit one below the other
LISTS = frozenset({"tags"})  # both together


def chosen_from(model):
    names = CLIENT if model.__name__ == "Client" else CONTACT
    return [name for name in names if name not in BY_ITSELF]


def is_empty(value):
    return value in (None, "", [])


def filled(kept, gone):
    """{field: value} for the kept person where nobody was asked: what they lack, the other brings."""
    values = {}
    for name in chosen_from(type(kept)):
        mine, theirs = getattr(kept, name), getattr(gone, name)
        if is_empty(mine) and not is_empty(theirs):
            values[name] = theirs
    if kept.survey_part == kept.SurveyPart.OTHER and gone.survey_part != gone.SurveyPart.OTHER:
        values["survey_part"] = gone.survey_part
    return values | mail_values(kept, gone, email=values.get("email", kept.email)) | there_values(kept, gone)


def mail_values(kept, gone, *, email):
    """Who asked us to stop is left alone, whichever of the two said so; a bounce belongs to its address."""
    state = kept.MailState
    for person in (kept, gone):
        if person.mail_state == state.UNSUBSCRIBED:
            return {"mail_state": person.mail_state, "mail_state_at": person.mail_state_at}
    source = gone if email and email == gone.email else kept
    return {"mail_state": source.mail_state, "mail_state_at": source.mail_state_at}


def there_values(kept, gone):
    """They work there while either record says so."""
    return {"left_at": None if not (kept.left_at and gone.left_at) else max(kept.left_at, gone.left_at)}
