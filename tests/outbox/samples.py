"""Reports as the common servers shape them, in our own words: each a function of the mail it speaks of."""

from textwrap import dedent


def _mail(text):
    return dedent(text).lstrip("\n").replace("\n", "\r\n").encode()


def postfix(message_id, to, *, action="failed", status="5.1.1", said="550 5.1.1 <{to}>: no such person here"):
    return _mail(f"""
        Return-Path: <>
        Date: Thu, 19 Nov 2026 09:12:44 +0000 (UTC)
        From: MAILER-DAEMON@relay.firm.example (Mail Delivery System)
        Subject: Undelivered Mail Returned to Sender
        To: crm@wrayburn.example
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status;
        \tboundary="9B1.1795079564/relay.firm.example"
        Message-Id: <20261119091244.9B1@relay.firm.example>

        This is a MIME-encapsulated message.

        --9B1.1795079564/relay.firm.example
        Content-Description: Notification
        Content-Type: text/plain; charset=us-ascii

        Your message could not be delivered to the recipient below.

        <{to}>: host mx.client.example said: {said.format(to=to)}

        --9B1.1795079564/relay.firm.example
        Content-Description: Delivery report
        Content-Type: message/delivery-status

        Reporting-MTA: dns; relay.firm.example
        X-Postfix-Queue-ID: 9B1
        Arrival-Date: Thu, 19 Nov 2026 09:12:43 +0000 (UTC)

        Final-Recipient: rfc822; {to}
        Original-Recipient: rfc822;{to}
        Action: {action}
        Status: {status}
        Remote-MTA: dns; mx.client.example
        Diagnostic-Code: smtp; {said.format(to=to)}

        --9B1.1795079564/relay.firm.example
        Content-Description: Undelivered Message Headers
        Content-Type: text/rfc822-headers

        Return-Path: <crm@wrayburn.example>
        From: Priya Raman <crm@wrayburn.example>
        To: {to}
        Subject: How are we doing?
        Message-ID: {message_id}

        --9B1.1795079564/relay.firm.example--
        """)


def exchange(message_id, to):
    return _mail(f"""
        From: <postmaster@client.example>
        To: <crm@wrayburn.example>
        Date: Thu, 19 Nov 2026 09:12:44 +0000
        Content-Type: multipart/report; report-type=delivery-status;
        \tboundary="0f3c_outer"
        Content-Language: en-GB
        Message-ID: <aa0e@AM0PR01.eurprd01.prod.example>
        In-Reply-To: {message_id}
        References: {message_id}
        Subject: Undeliverable: How are we doing?
        Auto-Submitted: auto-replied
        MIME-Version: 1.0

        --0f3c_outer
        Content-Type: multipart/alternative; differences=Content-Type;
        \tboundary="1a2b_inner"

        --1a2b_inner
        Content-Type: text/plain; charset="us-ascii"
        Content-Transfer-Encoding: quoted-printable

        Your message to {to} couldn't be delivered. It wasn't found at client.ex=
        ample.

        --1a2b_inner
        Content-Type: text/html; charset="us-ascii"

        <p>It wasn't found.</p>

        --1a2b_inner--

        --0f3c_outer
        Content-Type: message/delivery-status

        Reporting-MTA: dns;AM0PR01.eurprd01.prod.example
        Received-From-MTA: dns;relay.firm.example
        Arrival-Date: Thu, 19 Nov 2026 09:12:41 +0000

        Final-Recipient: rfc822;{to}
        Action: failed
        Status: 5.1.10
        Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup
        X-Display-Name: Rosa Delgado

        --0f3c_outer--
        """)


def gmail(message_id, to):
    return _mail(f"""
        Delivered-To: crm@wrayburn.example
        Return-Path: <>
        From: Mail Delivery Subsystem <mailer-daemon@gmail.example>
        To: crm@wrayburn.example
        Auto-Submitted: auto-replied
        Subject: Delivery Status Notification (Failure)
        References: {message_id}
        In-Reply-To: {message_id}
        X-Failed-Recipients: {to}
        MIME-Version: 1.0
        Content-Type: multipart/report; boundary="00000000000048d1"; report-type=delivery-status

        --00000000000048d1
        Content-Type: multipart/related; boundary="00000000000048d2"

        --00000000000048d2
        Content-Type: text/plain; charset="UTF-8"

        ** Address not found **

        --00000000000048d2--
        --00000000000048d1
        Content-Type: message/delivery-status

        Reporting-MTA: dns; gmail.example
        Arrival-Date: Thu, 19 Nov 2026 01:12:44 -0800 (PST)

        Final-Recipient: rfc822; {to}
        Action: failed
        Status: 5.1.1
        Diagnostic-Code: smtp; 550-5.1.1 The account you tried to reach is not here. 550 5.1.1 gsmtp

        --00000000000048d1
        Content-Type: message/rfc822

        From: Priya Raman <crm@wrayburn.example>
        To: Rosa Delgado <{to}>
        Subject: How are we doing?
        Message-ID: {message_id}

        --00000000000048d1--
        """)


def exim(message_id, to):
    return _mail(f"""
        Return-path: <>
        From: Mail Delivery System <Mailer-Daemon@mx.client.example>
        To: crm@wrayburn.example
        X-Failed-Recipients: {to}
        Auto-Submitted: auto-replied
        Subject: Mail delivery failed: returning message to sender
        Message-Id: <E1tE-0001@mx.client.example>

        The mail system of mx.client.example made this message.

        It could not be delivered to one of its recipients. That is permanent.

          {to}
            SMTP error from remote mail server after RCPT TO:<{to}>:
            host mail.client.example [192.0.2.55]: 550 5.1.1 unknown user

        ------ This is a copy of the message, including all the headers. ------

        From: Priya Raman <crm@wrayburn.example>
        To: Rosa Delgado <{to}>
        Subject: How are we doing?
        Message-ID: {message_id}

        Dear Rosa
        """)


def sendmail(message_id, to, *, action="failed", status="5.0.0", said="550 5.1.1 <{to}>... User unknown"):
    return _mail(f"""
        Return-Path: <MAILER-DAEMON>
        Date: Thu, 19 Nov 2026 09:12:44 GMT
        From: Mail Delivery Subsystem <MAILER-DAEMON@mx.client.example>
        To: <crm@wrayburn.example>
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status;
        \tboundary="xAJ9CiQd001.1795/mx.client.example"
        Subject: Returned mail: see transcript for details
        Auto-Submitted: auto-generated (failure)

        --xAJ9CiQd001.1795/mx.client.example

        The original message was received from relay.firm.example [192.0.2.1]

           ----- Transcript of session follows -----
        {said.format(to=to)}

        --xAJ9CiQd001.1795/mx.client.example
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.client.example
        Received-From-MTA: DNS; relay.firm.example
        Arrival-Date: Thu, 19 Nov 2026 09:12:43 GMT

        Final-Recipient: RFC822; {to.upper()}
        Action: {action}
        Status: {status}
        Diagnostic-Code: SMTP; {said.format(to=to)}
        Last-Attempt-Date: Thu, 19 Nov 2026 09:12:44 GMT

        --xAJ9CiQd001.1795/mx.client.example
        Content-Type: message/rfc822

        Message-ID: {message_id}
        From: Priya Raman <crm@wrayburn.example>
        To: {to}
        Subject: How are we doing?

        Dear Rosa

        --xAJ9CiQd001.1795/mx.client.example--
        """)


def qmail(message_id, to):
    return _mail(f"""
        From: MAILER-DAEMON@mx.client.example
        To: crm@wrayburn.example
        Subject: failure notice

        Hi. This is the mail program at mx.client.example. Your message did not arrive; I give up.

        <{to}>:
        192.0.2.9 does not like recipient. Remote host said: 550 no mailbox here by that name

        --- Below this line is a copy of the message.

        Return-Path: <crm@wrayburn.example>
        Message-ID: {message_id}
        To: {to}

        Dear Rosa
        """)


def out_of_office(message_id, to):
    return _mail(f"""
        Return-Path: <>
        From: Rosa Delgado <{to}>
        To: crm@wrayburn.example
        Subject: Automatic reply: How are we doing?
        In-Reply-To: {message_id}
        References: {message_id}
        Auto-Submitted: auto-replied
        Content-Type: text/plain; charset=utf-8

        I am away until Monday. Ring room 550 or use 5.1.1 for anything urgent. {message_id}
        """)


def reply(message_id, to):
    return _mail(f"""
        From: Rosa Delgado <{to}>
        To: crm@wrayburn.example
        Subject: Re: How are we doing?
        In-Reply-To: {message_id}

        Could not be delivered? 550 5.1.1, I hope not. {to}
        """)


def read_receipt(message_id, to):
    return _mail(f"""
        From: Rosa Delgado <{to}>
        To: crm@wrayburn.example
        Subject: Read: How are we doing?
        Content-Type: multipart/report; report-type=disposition-notification; boundary="r"

        --r
        Content-Type: message/disposition-notification

        Final-Recipient: rfc822;{to}
        Original-Message-ID: {message_id}
        Disposition: manual-action/MDN-sent-manually; displayed

        --r--
        """)


def complaint(message_id, to):
    return _mail(f"""
        From: <feedback@provider.example>
        To: crm@wrayburn.example
        Subject: FW: How are we doing?
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report; boundary="f"

        --f
        Content-Type: text/plain

        This is a report about a mail from you.

        --f
        Content-Type: message/feedback-report

        Feedback-Type: abuse
        User-Agent: Loop/1.0
        Version: 1
        Original-Rcpt-To: <{to}>

        --f
        Content-Type: message/rfc822

        From: Priya Raman <crm@wrayburn.example>
        To: {to}
        Subject: How are we doing?
        Message-ID: {message_id}

        Dear Rosa

        --f--
        """)


DEAD = {"Postfix": postfix, "Exchange": exchange, "Gmail": gmail, "Exim": exim, "Sendmail": sendmail, "qmail": qmail}
NO_REPORTS = {"out of office": out_of_office, "a reply": reply, "a read receipt": read_receipt}
