"""The standard questionnaire: about five minutes, the same every year so that trends hold.

Keys are for ever. A language is added by giving each question its words under that language's code. We are asked the
same questions beforehand: "what will this client answer?".
"""

NAME = "Standard questionnaire"

DISAGREE, AGREE = "Not at all", "Completely"


def _scale(key, dimension, text, *, hint="", low=DISAGREE, high=AGREE, required=False):
    words = {"text": text, "hint": hint, "low": low, "high": high}
    return {"key": key, "kind": "scale", "dimension": dimension, "required": required, "wording": {"en-gb": words}}


def _other(key, kind, text, *, hint="", options=None, pick_up_to=None):
    words = {"text": text, "hint": hint, "options": options or {}}
    return {"key": key, "kind": kind, "pick_up_to": pick_up_to, "wording": {"en-gb": words}}


WHAT_MATTERS = {
    "respect": "Being treated with respect",
    "trust": "Being able to trust us",
    "cooperation": "Working together easily",
    "transparency": "Being told things openly",
    "promises": "Promises that are kept",
    "responsiveness": "Quick answers",
    "value": "Results for your business",
    "same_page": "Agreeing on what success is",
    "understanding": "Being understood and supported",
}

QUESTIONS = [
    _scale("overall", "overall", "All in all, how is it to work with us?", low="Very poor", high="Excellent"),
    _scale("promises_kept", "promises", "We do what we said we would."),
    _scale("promises_warning", "promises", "When we can’t keep a date, we tell you early."),
    _scale("responsiveness", "responsiveness", "When you ask us something, you get an answer quickly."),
    _scale("respect", "respect", "We treat you and your colleagues with respect."),
    _scale("trust_honest", "trust", "You can believe what we tell you."),
    _scale("trust_interest", "trust", "We put your interest first, even when it costs us."),
    _scale("transparency", "transparency", "We are open with you, also about what went wrong."),
    _scale("cooperation", "cooperation", "Working with our people is easy."),
    _scale("understanding", "understanding", "We understand your business and stand behind you."),
    _scale("same_page", "same_page", "You and we agree on what success looks like."),
    _scale("value_results", "value", "Our work brings you the results you wanted."),
    _scale("value_price", "value", "What you get is worth what you pay."),
    _scale("continue", "continue", "You would choose to work with us again."),
    _scale(
        "recommend",
        "recommend",
        "How likely are you to recommend us to somebody you know?",
        low="Not at all likely",
        high="Certain to",
    ),
    _other(
        "matters_most",
        "pick",
        "Which two of these matter most to you?",
        hint="Choose one or two.",
        options=WHAT_MATTERS,
        pick_up_to=2,
    ),
    _other("better", "text", "What should we do better?", hint="One thing is enough. Blunt is welcome."),
    _other("not_done", "text", "Is there anything we promised and have not done?"),
    _other("call", "call", "May we call you about your answers?"),
]
