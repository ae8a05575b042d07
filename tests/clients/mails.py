"""Mails as programs write them, in our own words: each a function of who writes what to whom."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from textwrap import dedent

AT = datetime(2026, 11, 18, 15, 4, 5, tzinfo=UTC)
PRIYA, ROSA = "Priya Raman <priya@firm.example>", "Rosa Delgado <rosa@tidewell.example>"


def mail(
    *,
    sender=PRIYA,
    to=ROSA,
    cc="",
    subject="Fee note",
    text="Here is the fee note.",
    html="",
    message_id="<one@firm.example>",
    date=AT,
    delivered_to="",
    files=(),
    **headers,
):
    """A mail like those of any program; further headers by name, `_` for `-`."""
    message = EmailMessage()
    if delivered_to:
        message["Delivered-To"] = delivered_to
    message["From"], message["Subject"] = sender, subject
    for name, value in {"To": to, "Cc": cc, "Message-ID": message_id}.items():
        if value:
            message[name] = value
    if date:
        message["Date"] = format_datetime(date) if isinstance(date, datetime) else date
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, kind, content in files:
        main, _slash, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def attached(original, *, sender=PRIYA, to="crm+priyaskey@in.firm.example", message_id="<two@firm.example>", text=""):
    """A mail passed on as an attachment."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Message-ID"] = sender, to, "Fwd:", message_id
    message.set_content(text)
    message.add_attachment(message_from_bytes(original, policy=policy.default))
    return message.as_bytes()


def raw(text, *, charset="utf-8"):
    return dedent(text).lstrip("\n").replace("\n", "\r\n").encode(charset)


# What each program writes when Rosa's mail is forwarded, above and around her words.
WRITTEN_OUT = {
    "Gmail, English": """
        FYI

        ---------- Forwarded message ---------
        From: Rosa Delgado <rosa@tidewell.example>
        Date: Wed, Nov 18, 2026 at 2:04 PM
        Subject: The lease
        To: Priya Raman <priya@firm.example>
        Cc: <omar@tidewell.example>


        Can you look at the lease?

        Rosa
        """,
    "Gmail, German": """
        FYI

        ---------- Forwarded message ---------
        Von: Rosa Delgado <rosa@tidewell.example>
        Date: Mi., 18. Nov. 2026 um 14:04 Uhr
        Subject: The lease
        To: Priya Raman <priya@firm.example>
        Cc: <omar@tidewell.example>


        Can you look at the lease?

        Rosa
        """,
    "Outlook, English": """
        FYI

        From: Rosa Delgado <rosa@tidewell.example>
        Sent: Wednesday, November 18, 2026 2:04 PM
        To: Priya Raman <priya@firm.example>
        Cc: Omar Said <omar@tidewell.example>
        Subject: The lease

        Can you look at the lease?

        Rosa
        """,
    "Outlook, German": """
        FYI

        ________________________________
        Von: Rosa Delgado <rosa@tidewell.example>
        Gesendet: Mittwoch, 18. November 2026 14:04
        An: Priya Raman <priya@firm.example>
        Cc: Omar Said <omar@tidewell.example>
        Betreff: The lease

        Can you look at the lease?

        Rosa
        """,
    "Outlook of old, English": """
        FYI

        -----Original Message-----
        From: Rosa Delgado [mailto:rosa@tidewell.example]
        Sent: 18 November 2026 14:04
        To: Priya Raman; Omar Said <omar@tidewell.example>
        Subject: The lease

        Can you look at the lease?

        Rosa
        """,
    "Outlook of old, German": """
        FYI

        -----Ursprüngliche Nachricht-----
        Von: Rosa Delgado <rosa@tidewell.example>
        Gesendet: Mittwoch, 18. November 2026 14:04
        An: Priya Raman <priya@firm.example>; Omar Said <omar@tidewell.example>
        Betreff: The lease

        Can you look at the lease?

        Rosa
        """,
    "Apple Mail, English": """
        FYI

        Begin forwarded message:

        From: Rosa Delgado <rosa@tidewell.example>
        Subject: The lease
        Date: 18 November 2026 at 14:04:00 GMT
        To: Priya Raman <priya@firm.example>
        Cc: Omar Said <omar@tidewell.example>

        Can you look at the lease?

        Rosa
        """,
    "Apple Mail, German": """
        FYI

        Anfang der weitergeleiteten Nachricht:

        > Von: Rosa Delgado <rosa@tidewell.example>
        > Betreff: The lease
        > Datum: 18. November 2026 um 15:04:00 MEZ
        > An: Priya Raman <priya@firm.example>
        > Kopie: Omar Said <omar@tidewell.example>
        >
        > Can you look at the lease?
        >
        > Rosa
        """,
    "Thunderbird, English": """
        FYI


        -------- Forwarded Message --------
        Subject: \tThe lease
        Date: \tWed, 18 Nov 2026 14:04:00 +0000
        From: \tRosa Delgado <rosa@tidewell.example>
        To: \tPriya Raman <priya@firm.example>
        CC: \tOmar Said <omar@tidewell.example>



        Can you look at the lease?

        Rosa
        """,
    "Thunderbird, German": """
        FYI


        -------- Weitergeleitete Nachricht --------
        Betreff: \tThe lease
        Datum: \tWed, 18 Nov 2026 15:04:00 +0100
        Von: \tRosa Delgado <rosa@tidewell.example>
        An: \tPriya Raman <priya@firm.example>
        Kopie (CC): \tOmar Said <omar@tidewell.example>



        Can you look at the lease?

        Rosa
        """,
    "bold names, as Gmail writes Outlook’s HTML": """
        FYI

        *From:* Rosa Delgado <rosa@tidewell.example>
        *Sent:* Wednesday, November 18, 2026 2:04 PM
        *To:* Priya Raman <priya@firm.example>
        *Cc:* Omar Said <omar@tidewell.example>
        *Subject:* The lease

        Can you look at the lease?

        Rosa
        """,
}

OUTLOOK_HTML = """
    <html><head><style>p {margin:0}</style></head><body><p>FYI</p><div><div style="border-top:solid 1pt">
    <p><b>From:</b> Rosa Delgado &lt;rosa@tidewell.example&gt;<br><b>Sent:</b> Wednesday, November 18, 2026 2:04 PM<br>
    <b>To:</b> Priya Raman &lt;priya@firm.example&gt;<br><b>Cc:</b> Omar Said &lt;omar@tidewell.example&gt;<br>
    <b>Subject:</b> The lease</p></div></div><p>&nbsp;</p><p>Can you look at the lease?</p><p>Rosa</p></body></html>
"""
