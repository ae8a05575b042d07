"""The words in English."""

DISAGREE, AGREE = "Not at all", "Completely"
WORDS = {
    "overall": {"text": "All in all, how is it to work with us?", "low": "Very poor", "high": "Excellent"},
    "promises_kept": {"text": "We do what we said we would."},
    "promises_warning": {"text": "When we can’t keep a date, we tell you early."},
    "responsiveness": {"text": "When you ask us something, you get an answer quickly."},
    "respect": {"text": "We treat you and your colleagues with respect."},
    "trust_honest": {"text": "You can believe what we tell you."},
    "trust_interest": {"text": "We put your interest first, even when it costs us."},
    "transparency": {"text": "We are open with you, also about what went wrong."},
    "cooperation": {"text": "Working with our people is easy."},
    "understanding": {"text": "We understand your business and stand behind you."},
    "same_page": {"text": "You and we agree on what success looks like."},
    "value_results": {"text": "Our work brings you the results you wanted."},
    "value_price": {"text": "What you get is worth what you pay."},
    "continue": {"text": "You would choose to work with us again."},
    "recommend": {
        "text": "How likely are you to recommend us to somebody you know?",
        "low": "Not at all likely",
        "high": "Certain to",
    },
    "matters_most": {
        "text": "Which two of these matter most to you?",
        "hint": "Choose one or two.",
        "options": {
            "respect": "Being treated with respect",
            "trust": "Being able to trust us",
            "cooperation": "Working together easily",
            "transparency": "Being told things openly",
            "promises": "Promises that are kept",
            "responsiveness": "Quick answers",
            "value": "Results for your business",
            "same_page": "Agreeing on what success is",
            "understanding": "Being understood and supported",
        },
    },
    "better": {"text": "What should we do better?", "hint": "One thing is enough. Blunt is welcome."},
    "not_done": {"text": "Is there anything we promised and have not done?"},
    "call": {"text": "May we call you about your answers?"},
}
