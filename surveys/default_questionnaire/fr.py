"""The words in French, with “vous”; a narrow no-break space stands before a question mark."""

DISAGREE, AGREE = "Pas du tout d’accord", "Tout à fait d’accord"
WORDS = {
    "overall": {
        "text": "Dans l’ensemble, comment se passe la collaboration avec nous\u202f?",
        "low": "Très mal",
        "high": "Parfaitement bien",
    },
    "promises_kept": {"text": "Nous faisons ce que nous avons promis."},
    "promises_warning": {"text": "Lorsque nous ne pouvons pas tenir un délai, nous vous prévenons à temps."},
    "responsiveness": {"text": "Lorsque vous nous posez une question, vous obtenez rapidement une réponse."},
    "respect": {"text": "Nous vous traitons avec respect, vous et vos collègues."},
    "trust_honest": {"text": "Vous pouvez croire ce que nous vous disons."},
    "trust_interest": {"text": "Nous faisons passer votre intérêt en premier, même lorsque cela nous coûte."},
    "transparency": {"text": "Nous sommes transparents avec vous, y compris sur ce qui n’a pas fonctionné."},
    "cooperation": {"text": "Il est facile de travailler avec nos équipes."},
    "understanding": {"text": "Nous comprenons votre activité et nous sommes à vos côtés."},
    "same_page": {"text": "Vous et nous sommes d’accord sur ce qu’est la réussite."},
    "value_results": {"text": "Notre travail vous apporte les résultats que vous souhaitiez."},
    "value_price": {"text": "Ce que vous recevez vaut le prix que vous payez."},
    "continue": {"text": "Vous choisiriez à nouveau de travailler avec nous."},
    "recommend": {
        "text": "Quelle est la probabilité que vous nous recommandiez à une personne de votre entourage\u202f?",
        "low": "Pas du tout probable",
        "high": "Tout à fait certain",
    },
    "matters_most": {
        "text": "Parmi ces points, quels sont les deux qui comptent le plus pour vous\u202f?",
        "hint": "Choisissez-en un ou deux.",
        "options": {
            "respect": "Des échanges respectueux",
            "trust": "Pouvoir nous faire confiance",
            "cooperation": "Une collaboration facile",
            "transparency": "Une information transparente",
            "promises": "Des promesses tenues",
            "responsiveness": "Des réponses rapides",
            "value": "Des résultats pour votre entreprise",
            "same_page": "Être d’accord sur ce qu’est la réussite",
            "understanding": "Être compris et soutenu",
        },
    },
    "better": {
        "text": "Que devrions-nous améliorer\u202f?",
        "hint": "Un seul point suffit. La franchise est la bienvenue.",
    },
    "not_done": {"text": "Y a-t-il quelque chose que nous avons promis et que nous n’avons pas fait\u202f?"},
    "call": {"text": "Pouvons-nous vous appeler au sujet de vos réponses\u202f?"},
}
