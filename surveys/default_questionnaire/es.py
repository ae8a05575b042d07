"""The words in Spanish, with “usted”."""

DISAGREE, AGREE = "Nada de acuerdo", "Totalmente de acuerdo"
WORDS = {
    "overall": {
        "text": "En conjunto, ¿cómo es trabajar con nosotros?",
        "low": "Muy malo",
        "high": "Excelente",
    },
    "promises_kept": {"text": "Hacemos lo que hemos prometido."},
    "promises_warning": {"text": "Cuando no podemos cumplir una fecha, le avisamos con antelación."},
    "responsiveness": {"text": "Cuando nos pregunta algo, recibe una respuesta con rapidez."},
    "respect": {"text": "Le tratamos con respeto, tanto a usted como a sus colegas."},
    "trust_honest": {"text": "Puede creer lo que le decimos."},
    "trust_interest": {"text": "Ponemos su interés en primer lugar, incluso cuando nos cuesta."},
    "transparency": {"text": "Somos transparentes con usted, también sobre lo que ha salido mal."},
    "cooperation": {"text": "Es fácil trabajar con nuestro equipo."},
    "understanding": {"text": "Entendemos su negocio y le respaldamos."},
    "same_page": {"text": "Usted y nosotros estamos de acuerdo en qué significa el éxito."},
    "value_results": {"text": "Nuestro trabajo le aporta los resultados que deseaba."},
    "value_price": {"text": "Lo que recibe vale lo que paga."},
    "continue": {"text": "Volvería a elegir trabajar con nosotros."},
    "recommend": {
        "text": "¿Qué probabilidad hay de que nos recomiende a alguien que conozca?",
        "low": "Nada probable",
        "high": "Con toda seguridad",
    },
    "matters_most": {
        "text": "¿Cuáles de estos aspectos son los dos que más le importan?",
        "hint": "Elija uno o dos.",
        "options": {
            "respect": "Un trato respetuoso",
            "trust": "Poder confiar en nosotros",
            "cooperation": "Trabajar juntos con facilidad",
            "transparency": "Que se le informe con transparencia",
            "promises": "Promesas que se cumplen",
            "responsiveness": "Respuestas rápidas",
            "value": "Resultados para su negocio",
            "same_page": "Estar de acuerdo en qué es el éxito",
            "understanding": "Sentir comprensión y apoyo",
        },
    },
    "better": {
        "text": "¿Qué deberíamos hacer mejor?",
        "hint": "Con una sola cosa basta. Puede hablar con toda franqueza.",
    },
    "not_done": {"text": "¿Hay algo que prometimos y no hemos hecho?"},
    "call": {"text": "¿Podemos llamarle para hablar de sus respuestas?"},
}
