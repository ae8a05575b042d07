"""The words in which people say when: days, months, “end of the week”, “at noon”, in the languages of the product.

What a word means is in spoken.py; month names and “in two weeks” are left to the date library. Each entry is a piece
of a regular expression, matched without regard to case.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One language. `days` Monday first, `short` ones too short to stand alone; `special` by what they mean."""

    days: tuple
    months: str
    special: dict
    units: str
    within: str  # what leads “in two weeks”
    later: str  # what may follow instead: “two weeks from now”
    numbers: str
    by: str  # a word that makes what follows a due
    on: str  # a word that may lead a day
    at: str  # a word that leads a time
    times: dict  # a word for a time of day: hour, None for the end of the day
    next: str  # before or after a day: in the next calendar week
    this: str
    past: str  # before or after a day: it is gone
    nth: tuple  # first, second, third, fourth, last: of the weekdays in a month
    of: str  # between such a weekday and its month
    month: tuple  # this month and the next, after such a word
    week: tuple  # beside a weekday: this calendar week, the next one
    weeks: str
    shifts: dict  # after a day: so many weeks later
    morning: str  # of the words for a time: 5 is then five in the morning
    tonight: str  # of the words for today: 8 is then eight in the evening
    bare_day: str  # a number after a weekday that can only be a day of the month
    the: str = ""
    short: tuple = ("",) * 7
    ordinal: str = r"\."


EN = Words(
    days=("monday|mon", "tuesday|tues|tue", "wednesday|weds|wed", "thursday|thurs|thur|thu", "friday|fri",
          "saturday|sat", "sunday|sun"),
    months="january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec",
    special={
        "day0": r"today|tonight|this(?= (?:morning|afternoon|evening)\b)|eod"
        r"|e\.o\.d\.|end of (?:the )?(?:day|play)|close of (?:business|play)|cob",
        "day1": r"tomorrow|tmrw|tmr|tomorow", "day2": r"(?:the )?day after tomorrow",
        "week0": r"(?:the )?end of (?:the |this )?week|week[’']?s end|eow|this week",
        "week1": r"(?:the )?end of next week|next week",
        "monday1": r"(?:the )?(?:start|beginning) of (?:next|the) week|early next week",
        "month0": r"(?:the )?end of (?:the |this )?month|month[- ]end|eom|this month",
        "month1": r"(?:the )?end of next month|next month",
        "quarter0": r"(?:the )?end of (?:the |this )?quarter|quarter[- ]end|eoq",
        "year0": r"(?:the )?end of (?:the |this )?year|year[- ]end|eoy",
    },
    units="minutes?|mins?|hours?|hrs?|days?|weeks?|fortnights?|months?",
    within=r"in|within", later=r"from now|from today|[’']s? time",
    numbers="a couple of|couple of|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve",
    by=r"no later than|not later than|at the latest by|due by|due on|due|latest by|by|before|until|till", on=r"on|for",
    at=r"at|by|before", the=r"the\s+",
    times={"noon": 12, "midday": 12, "midnight": None, "first thing": 9, "morning": 12, "lunch ?time": 13, "lunch": 13,
           "afternoon": 17, "evening": None, "night": None, r"eod|end of (?:the )?(?:day|business|play)": None,
           r"cob|close of (?:business|play)": None},
    next="next", this="this|coming|this coming", past="last|past|since|previous", ordinal=r"(?:st|nd|rd|th)",
    nth=("first|1st", "second|2nd", "third|3rd", "fourth|4th", "last"), of="of|in",
    month=(r"(?:the|this)\s+month", r"next\s+month"), week=(r"(?:of\s+)?this\s+week", r"(?:of\s+)?next\s+week"),
    weeks="weeks?", shifts={"week": 1, "fortnight": 2}, morning="morning|first thing", tonight="tonight",
    bare_day=r"2[5-9]|3[01]",
)  # fmt: skip
DE = Words(
    days=("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag|sonnabend", "sonntag"),
    short=("mo", "di", "mi", "do", "fr", "sa", "so"),
    months="januar|jänner|februar|märz|maerz|april|mai|juni|juli|august|september|oktober|november|dezember"
    "|jan|feb|mär|apr|jun|jul|aug|sept|sep|okt|nov|dez",
    special={
        "day0": r"heute abend|heute|feierabend", "day2": r"übermorgen|uebermorgen", "day1": r"morgen",
        "week0": r"ende (?:der|dieser) woche|diese woche", "week1": r"ende (?:der )?nächster? woche|nächste woche",
        "monday1": r"anfang (?:der )?nächster? woche", "month0": r"ende (?:des|dieses) monats|monatsende|diesen monat",
        "month1": r"ende (?:des )?nächsten monats|nächsten monat", "quarter0": r"ende des quartals|quartalsende",
        "year0": r"ende des jahres|jahresende",
    },
    units="minuten?|stunden?|tage[ns]?|tag|wochen?|monate[ns]?|monat", within="in|binnen|innerhalb von", later="",
    numbers="einem|einer|ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf",
    by=r"spätestens(?: bis)?(?: zum| am)?|bis(?: zum| spätestens)?|vor(?: dem)?|fällig(?: am)?", on="am|für|den|zum",
    at="um|gegen|bis", times={"mittags?": 12, "vormittags?": 12, "morgens": 12, "früh": 12, "nachmittags?": 17,
                              "abends?": None, "mitternacht": None},
    next="nächste[nrs]?", this="diese[nrs]?|kommende[nrs]?", past="letzte[nrs]?|vergangene[nrs]?|seit",
    nth=(r"erste[nrsm]?|1\.", r"zweite[nrsm]?|2\.", r"dritte[nrsm]?|3\.", r"vierte[nrsm]?|4\.", "letzte[nrsm]?"),
    of="im|des|in|von", month=(r"(?:diese[sm]?\s+)?monats?", r"nächsten\s+monats?"), weeks="wochen?", shifts={},
    week=(r"diese[r]?\s+woche", r"(?:in\s+)?(?:der\s+)?(?:nächste|kommende)[rn]?\s+woche"),
    morning="morgens|vormittags?|früh", tonight="heute abend", bare_day=r"2[5-9]|3[01]",
)  # fmt: skip
FR = Words(
    days=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    months="janvier|février|fevrier|mars|avril|mai|juin|juillet|août|aout|septembre|octobre|novembre|décembre|decembre"
    "|janv|févr|avr|juil|sept|oct|nov|déc",
    special={
        "day0": r"aujourd[’']hui|ce soir", "day2": r"après[- ]demain", "day1": r"demain",
        "week0": r"(?:la )?fin de (?:la |cette )?semaine|cette semaine",
        "week1": r"(?:la )?fin de la semaine prochaine|(?:la )?semaine prochaine",
        "monday1": r"(?:le )?début de la semaine prochaine",
        "month0": r"(?:la )?fin (?:du|de ce) mois|ce mois(?:-ci)?", "month1": r"(?:le |la )?(?:fin du )?mois prochain",
        "quarter0": r"(?:la )?fin du trimestre", "year0": r"(?:la )?fin de l[’']année",
    },
    units="minutes?|heures?|jours?|semaines?|mois", within="dans|sous|d[’']ici", later="",
    numbers="une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douze|quinze",
    by=r"au plus tard(?: le)?|avant(?: le| la)?|d[’']ici(?: à| au| le| la)?|pour(?: le| la)?|jusqu[’'](?:à|au)",
    on="le|ce|en", at="à|a|avant|vers",
    times={"midi": 12, "minuit": None, "matin": 12, "après-midi": 17, "soir": None},
    next="prochaine?", this="ce|cette", past="dernière?|depuis", ordinal="er",
    nth=("premier|1er", "deuxième|second|2e", "troisième|3e", "quatrième|4e", "dernier"), of="de|du|d[’']|en",
    month=(r"(?:ce\s+)?mois", r"mois\s+prochain"),
    week=(r"(?:de\s+)?cette\s+semaine", r"(?:de\s+)?la\s+semaine\s+prochaine"),
    weeks="semaines?", shifts={"en huit": 1, "en quinze": 2}, morning="matin", tonight="ce soir",
    bare_day=r"[12]?\d|3[01]",
)  # fmt: skip
ES = Words(
    days=("lunes", "martes", "miércoles|miercoles", "jueves", "viernes", "sábado|sabado", "domingo"),
    months="enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
    "|ene|feb|mar|abr|jun|jul|ago|sept?|oct|nov|dic",
    special={
        "day0": r"hoy|esta noche", "day2": r"pasado mañana|pasado manana", "day1": r"mañana|manana",
        "week0": r"esta semana|final de (?:la |esta )?semana", "week1": r"la semana que viene|la próxima semana",
        "monday1": r"principios? de la (?:semana que viene|próxima semana)",
        "month0": r"(?:final|fin) de(?:l)? (?:este )?mes|este mes", "month1": r"(?:el )?(?:mes que viene|próximo mes)",
        "quarter0": r"(?:final|fin) del trimestre", "year0": r"(?:final|fin) de(?:l)? año",
    },
    units="minutos?|horas?|días?|dias?|semanas?|mes(?:es)?", within="en|dentro de", later="",
    numbers="una?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|quince",
    by=r"a más tardar(?: el)?|antes del?|para(?: el| la)?|hasta(?: el| la)?", on="el|este", at=r"a las?|antes de las?",
    times={"mediodía": 12, "medianoche": None, "(?:por|de) la mañana": 12, "(?:por|de) la tarde": 17,
           "(?:por|de) la noche": None},
    next="próximo|que viene", this="este", past="pasado|desde",
    nth=("primer", "segundo", "tercer", "cuarto", "último"), of="de|del|en",
    month=(r"(?:este\s+)?mes", r"(?:mes\s+que\s+viene|próximo\s+mes)"), weeks="semanas?", shifts={},
    week=(r"(?:de\s+)?esta\s+semana", r"(?:de\s+)?la\s+(?:semana\s+que\s+viene|próxima\s+semana)"),
    morning="(?:por|de) la mañana", tonight="esta noche", bare_day=r"[12]?\d|3[01]",
)  # fmt: skip

ALL = {"en": EN, "de": DE, "fr": FR, "es": ES}
