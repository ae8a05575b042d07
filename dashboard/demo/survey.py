"""Two rounds: last year's, closed, and this year's, open and two thirds answered."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Origin
from dashboard.demo import words
from dashboard.demo.firm import BATCH
from dashboard.demo.history import workday
from outbox import links
from outbox.models import Email, new_message_id
from surveys import results
from surveys.models import Answer, Belief, Invitation, InvitationMessage, Questionnaire, Response, Round, RoundEvent

# Where the firm as a whole does better or worse than its clients' mean, in points.
LEANING = {"promises_warning": -1.7, "responsiveness": -0.8, "value_price": -0.4, "respect": 0.7, "trust_honest": 0.5}
WEIGHT = {"decision_maker": 2}
MATTERS = ["promises", "responsiveness", "value", "transparency", "trust", "understanding"]
ANGRY = {"Aldous Freight"}  # asked for a call
ANSWERED = {
    "Tidewell Water",
    "Corbel & Stone",
    "Aldous Freight",
    "Northgate Foods",
    "Pemberton Schools",
    "Linden Housing",
}
SILENT = {"Brightloom Textiles", "Foxglove Media", "Castillo Azulejos"}


def score(value):
    return max(0, min(10, round(value)))


class RoundMaker:
    def __init__(self, chance, survey, *, now):
        self.chance, self.rng, self.round, self.now = chance, chance.rng, survey, now
        self.scales = [q for q in survey.asked if q.is_scale]
        self.beliefs, self.invitations, self.emails, self.messages = [], [], [], []
        self.responses, self.answers = [], []

    def believe(self, client, user, *, level, required, at, sealed_at):
        """One of us writes down what the client will answer, a little blind to what the firm is weak at."""
        values = {q.key: score(level + LEANING.get(q.key, 0) * 0.3 + self.rng.gauss(0, 0.5)) for q in self.scales}
        self.beliefs.append(
            Belief(
                public_id=self.chance.public_id("b"),
                round=self.round,
                client=client,
                user=user,
                required=required,
                values=values,
                recorded_at=at,
                sealed_at=sealed_at,
            )
        )

    def invite(self, client, contact, *, at):
        uuid, key = self.chance.uuid(), links.newest_key_id()
        invitation = Invitation(
            public_id=self.chance.public_id("n"),
            round=self.round,
            client=client,
            contact=contact,
            state=Invitation.State.SENT,
            weight=WEIGHT.get(contact.survey_part, 1),
            send_at=at,
            queued_at=at,
            invited_at=at,
        )
        email = Email(
            uuid=uuid,
            key=f"demo:{uuid}",
            kind="surveys.invitation",
            to_email=contact.email,
            to_name=contact.name,
            from_name=client.owner.name,
            reply_to=client.owner.email,
            subject=f"How are we doing for {client.name}?",
            about=f"{self.round.name}, {client.name}",
            message_id=new_message_id(uuid),
            created_at=at,
            state=Email.State.SENT,
            attempts=1,
            sent_at=at,
            link_key=key,
            link_sha256=links.fingerprint(links.make(uuid, key)),
        )
        self.invitations.append(invitation)
        self.emails.append(email)
        self.messages.append(InvitationMessage(invitation=invitation, email=email, step=0))
        return invitation

    def answer(self, invitation, *, level, at, complete=True):
        """The person answers around how the client really sees us."""
        client, rng = invitation.client, self.rng
        own = level + rng.gauss(0, 0.6)
        invitation.state = Invitation.State.SUBMITTED if complete else Invitation.State.STARTED
        invitation.started_at = at - timedelta(minutes=6)
        invitation.submitted_at = at if complete else None
        response = Response(
            uuid=self.chance.uuid(),
            invitation=invitation,
            in_confidence=self.chance.happens(0.08),
            language=invitation.contact.language,
            started_at=invitation.started_at,
            saved_at=at,
            submitted_at=invitation.submitted_at,
            owner_told_at=invitation.submitted_at,  # they heard of it then; nothing is sent now about the past
            wants_call=complete and client.name in ANGRY,
            call_phone=invitation.contact.phone if client.name in ANGRY else "",
            call_when="Before ten" if client.name in ANGRY else "",
        )
        self.responses.append(response)
        for question in self.scales if complete else self.scales[:5]:
            cant_say = self.chance.happens(0.04)
            number = score(own + LEANING.get(question.key, 0) + rng.gauss(0, 0.9))
            self.add(response, question.key, at, number=None if cant_say else number, cant_say=cant_say)
        if not complete:
            return
        self.add(response, "matters_most", at, choices=rng.sample(MATTERS, 2))
        if self.chance.happens(0.6):
            self.add(response, "better", at, words=rng.choice(words.CRITIQUE if own < 7.3 else words.PRAISE))
        if own < 6.5 and self.chance.happens(0.4):
            self.add(response, "not_done", at, words=rng.choice(words.UNDONE))

    def add(self, response, key, at, **value):
        self.answers.append(Answer(response=response, key=key, saved_at=at, **value))

    def write(self):
        Belief.objects.bulk_create(self.beliefs, BATCH)
        Invitation.objects.bulk_create(self.invitations, BATCH)
        Email.objects.bulk_create(self.emails, BATCH)
        InvitationMessage.objects.bulk_create(self.messages, BATCH)
        Response.objects.bulk_create(self.responses, BATCH)
        Answer.objects.bulk_create(self.answers, BATCH)


def new_round(chance, questionnaire, by, *, year, opened_at, state, due_on, closes_on, closed_at=None):
    survey = Round.objects.create(
        public_id=chance.public_id("r"),
        name=f"Survey {year}",
        year=year,
        state=state,
        questionnaire=questionnaire,
        snapshot=questionnaire.freeze(by=None, now=opened_at - timedelta(days=14)).content,
        opens_at=opened_at,
        beliefs_due_on=(opened_at - timedelta(days=1)).date(),
        beliefs_asked_at=opened_at - timedelta(days=14),
        launched_at=opened_at,
        due_on=due_on,
        closes_on=closes_on,
        closed_at=closed_at,
        reminder_days=[4, 9, 13],
        steps_done=["questions", "people", "beliefs", "dates", "check"],
        created_by=by,
        created_at=opened_at - timedelta(days=21),
        origin=Origin.DEMO,
    )
    moments = [("created", survey.created_at), ("beliefs", survey.beliefs_asked_at), ("launched", opened_at)]
    if closed_at:
        moments.append(("closed", closed_at))
    RoundEvent.objects.bulk_create(RoundEvent(round=survey, kind=kind, by=by, at=at) for kind, at in moments)
    return survey


def build_rounds(chance, clients, people_of, quality_of, belief_of, people, *, now):
    questionnaire = Questionnaire.standard()
    manager = next(person for person in people if person.is_manager)
    rounds = []
    for years_ago in (1, 0):
        opened = now - timedelta(days=365 * years_ago + 8)
        opened = datetime.combine(workday(opened.date()), time(9, 0), ZoneInfo("Europe/London"))
        opened = min(opened, now - timedelta(days=1))
        due, closes = workday((opened + timedelta(days=14)).date()), workday((opened + timedelta(days=21)).date())
        survey = new_round(
            chance,
            questionnaire,
            manager,
            year=opened.year,
            opened_at=opened,
            state=Round.State.CLOSED if years_ago else Round.State.OPEN,
            due_on=due,
            closes_on=closes,
            closed_at=opened + timedelta(days=21) if years_ago else None,
        )
        maker = RoundMaker(chance, survey, now=now)
        for client in clients:
            ask(maker, client, people_of[client.pk], quality_of[client.pk], belief_of[client.pk], opened, years_ago)
        maker.write()
        rounds.append(survey)
    return rounds


def ask(maker, client, people, quality, belief, opened, years_ago):
    chance = maker.chance
    quality += chance.rng.gauss(0, 0.4) if years_ago else 0
    recorded = opened - timedelta(days=chance.rng.randrange(1, 10))
    if not (client.name == "Ridgeway Solar" and not years_ago):  # one belief is missing, as in life
        maker.believe(client, client.owner, level=belief, required=True, at=recorded, sealed_at=opened)
    if chance.happens(0.4):
        deputy = client.owner.deputy
        maker.believe(client, deputy, level=belief - 0.5, required=False, at=recorded, sealed_at=opened)
    for contact in people[: 4 if client.value_band == "A" else 2]:
        invitation = maker.invite(client, contact, at=opened)
        answers = client.name in ANSWERED or (client.name not in SILENT and chance.happens(0.78 if years_ago else 0.58))
        if answers:
            span = (maker.now - opened).total_seconds() * (0.05 if years_ago else 1)
            at = opened + timedelta(seconds=chance.rng.uniform(0.02, 0.95) * span)
            maker.answer(invitation, level=quality, at=at, complete=years_ago or not chance.happens(0.08))
        elif years_ago:
            invitation.state = Invitation.State.CLOSED


def score_rounds(rounds, *, now):
    for survey in rounds:
        results.recompute(survey, now=now)
