"""The words in German, with “Sie”."""

DISAGREE, AGREE = "Trifft gar nicht zu", "Trifft voll zu"
WORDS = {
    "overall": {
        "text": "Alles in allem: Wie ist die Zusammenarbeit mit uns?",
        "low": "Sehr schlecht",
        "high": "Ausgezeichnet",
    },
    "promises_kept": {"text": "Wir tun, was wir zugesagt haben."},
    "promises_warning": {"text": "Wenn wir einen Termin nicht halten können, sagen wir Ihnen frühzeitig Bescheid."},
    "responsiveness": {"text": "Wenn Sie uns etwas fragen, erhalten Sie schnell eine Antwort."},
    "respect": {"text": "Wir begegnen Ihnen und Ihren Kolleginnen und Kollegen mit Respekt."},
    "trust_honest": {"text": "Was wir Ihnen sagen, können Sie uns glauben."},
    "trust_interest": {"text": "Wir stellen Ihr Interesse an die erste Stelle, auch wenn es uns etwas kostet."},
    "transparency": {"text": "Wir gehen offen mit Ihnen um, auch wenn etwas schiefgegangen ist."},
    "cooperation": {"text": "Die Zusammenarbeit mit den Menschen bei uns ist unkompliziert."},
    "understanding": {"text": "Wir verstehen Ihr Geschäft und stehen hinter Ihnen."},
    "same_page": {"text": "Sie und wir sind uns einig, was Erfolg bedeutet."},
    "value_results": {"text": "Unsere Arbeit bringt Ihnen die Ergebnisse, die Sie sich gewünscht haben."},
    "value_price": {"text": "Was Sie von uns bekommen, ist seinen Preis wert."},
    "continue": {"text": "Sie würden sich wieder für die Zusammenarbeit mit uns entscheiden."},
    "recommend": {
        "text": "Wie wahrscheinlich ist es, dass Sie uns jemandem aus Ihrem Umfeld empfehlen?",
        "low": "Überhaupt nicht wahrscheinlich",
        "high": "Ganz sicher",
    },
    "matters_most": {
        "text": "Welche zwei dieser Punkte sind Ihnen am wichtigsten?",
        "hint": "Wählen Sie einen oder zwei.",
        "options": {
            "respect": "Respektvoller Umgang",
            "trust": "Uns vertrauen zu können",
            "cooperation": "Unkomplizierte Zusammenarbeit",
            "transparency": "Offen informiert zu werden",
            "promises": "Zusagen, die eingehalten werden",
            "responsiveness": "Schnelle Antworten",
            "value": "Ergebnisse für Ihr Unternehmen",
            "same_page": "Einigkeit darüber, was Erfolg ist",
            "understanding": "Verstanden und unterstützt zu werden",
        },
    },
    "better": {"text": "Was sollten wir besser machen?", "hint": "Ein Punkt genügt. Offene Worte sind willkommen."},
    "not_done": {"text": "Gibt es etwas, das wir zugesagt und nicht getan haben?"},
    "call": {"text": "Dürfen wir Sie zu Ihren Antworten anrufen?"},
}
