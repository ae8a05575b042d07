"""The standard questionnaire: about five minutes, the same every year so that trends hold.

Keys are for ever. Here is what is asked and in which order; the words are in one module per language, each the same
shape: `DISAGREE` and `AGREE` for the ends of a scale, and `WORDS` with one entry a key. We are asked the same questions
beforehand: "what will this client answer?".
"""

from surveys.default_questionnaire import de, en, es, fr

NAME = "Standard questionnaire"
LANGUAGES = {"en-gb": en, "de": de, "fr": fr, "es": es}
PLAN = [
    ("overall", "scale", {"dimension": "overall"}),
    ("promises_kept", "scale", {"dimension": "promises"}),
    ("promises_warning", "scale", {"dimension": "promises"}),
    ("responsiveness", "scale", {"dimension": "responsiveness"}),
    ("respect", "scale", {"dimension": "respect"}),
    ("trust_honest", "scale", {"dimension": "trust"}),
    ("trust_interest", "scale", {"dimension": "trust"}),
    ("transparency", "scale", {"dimension": "transparency"}),
    ("cooperation", "scale", {"dimension": "cooperation"}),
    ("understanding", "scale", {"dimension": "understanding"}),
    ("same_page", "scale", {"dimension": "same_page"}),
    ("value_results", "scale", {"dimension": "value"}),
    ("value_price", "scale", {"dimension": "value"}),
    ("continue", "scale", {"dimension": "continue"}),
    ("recommend", "scale", {"dimension": "recommend"}),
    ("matters_most", "pick", {"pick_up_to": 2}),
    ("better", "text", {}),
    ("not_done", "text", {}),
    ("call", "call", {}),
]


def wording_of(key, kind, language):
    """The words of one question in one language, in the form `Question.wording` holds them."""
    module = LANGUAGES[language]
    words = {"text": "", "hint": "", **module.WORDS[key]}
    if kind == "scale":
        return {"low": module.DISAGREE, "high": module.AGREE, **words}
    options = {"options": {}, **words}
    return {**options, "order": list(options["options"])} if options["options"] and language == "en-gb" else options


QUESTIONS = [
    {"key": key, "kind": kind, **more, "wording": {code: wording_of(key, kind, code) for code in LANGUAGES}}
    for key, kind, more in PLAN
]
