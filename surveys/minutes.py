"""How long it takes to answer, reckoned from the questions: said in the mail that asks and on the page."""

SECONDS = {"scale": 13, "choice": 13, "yes_no": 8, "pick": 20, "text": 45, "call": 15, "contact": 25}


def asked_of(questions):
    """Those everybody is asked: no headings, and none that depends on another answer."""
    return [question for question in questions if question.takes_answer and not question.show_if]


def minutes_of(questions):
    """Whole minutes, at least one; what people need for each kind on a telephone."""
    return max(1, round(sum(SECONDS.get(question.kind, 15) for question in questions) / 60))
