"""The people of the sample firm, its clients and the people there."""

import uuid
from datetime import timedelta

from django.contrib.auth.hashers import make_password

from accounts import changes
from accounts.models import ALPHABET, Origin, User, Workspace
from clients.models import Client, Contact, TeamMember, searchable
from dashboard.demo import words

BATCH = 2000


class Chance:
    """Chance that gives the same firm for the same seed."""

    def __init__(self, rng):
        self.rng = rng

    def public_id(self, prefix):
        return f"{prefix}_" + "".join(self.rng.choice(ALPHABET) for _ in range(8))

    def uuid(self):
        return uuid.UUID(int=self.rng.getrandbits(128), version=4)

    def happens(self, probability):
        return self.rng.random() < probability


def address(name, number):
    first = name.split()[0].lower()
    return f"{first}@{words.DOMAIN}" if number == 0 else f"{first}.{number + 1}@{words.DOMAIN}"


def numbered(name, number):
    return name if number == 0 else f"{name} {number + 1}"


def name_firm(**values):
    for firm in Workspace.objects.filter(pk=1):
        for name, value in values.items():
            setattr(firm, name, value)
        changes.begin(firm)
        firm.save(update_fields=list(values))


def build_people(chance, *, scale, now):
    """Five people, times `scale`; all sign in with the demo password."""
    if Workspace.current().firm_name == "Our firm":  # nobody has named it yet
        name_firm(**words.FIRM)
    password = make_password(words.PASSWORD)  # once: hashing is slow on purpose
    people = [
        User(
            public_id=chance.public_id("u"),
            email=address(name, number),
            name=numbered(name, number),
            role=role,
            job_title=job,
            phone=phone,
            country="GB",
            password=password,
            origin=Origin.DEMO,
            date_joined=now - timedelta(days=900),
        )
        for number in range(scale)
        for name, role, job, phone in words.PEOPLE
    ]
    User.objects.bulk_create(people, BATCH)
    for number in range(scale):
        firm = people[number * 5 : number * 5 + 5]
        for person, deputy in zip(firm, firm[1:] + firm[:1], strict=True):
            person.deputy = deputy
    User.objects.bulk_update(people, ["deputy"], BATCH)
    return people


def build_clients(chance, people, *, scale, now):
    """Thirty-five clients, times `scale`, each with its people and a team."""
    since = now - timedelta(days=760)
    rng, today = chance.rng, now.date()
    clients, contacts, team = [], [], []
    for number in range(scale):
        firm = people[number * 5 : number * 5 + 5]
        for row in words.CLIENTS:
            name, industry, city, band, years, owner, _real, _believed = row
            country, zone, language, phone = words.PLACES.get(city, words.HOME)
            domain = searchable(name).replace(" & ", "-").replace(" ", "-") + ".example"
            client = Client(
                public_id=chance.public_id("c"),
                name=numbered(name, number),
                owner=firm[owner],
                value_band=band,
                annual_value={"A": 310_000, "B": 120_000, "C": 45_000, "D": 12_000}[band] + rng.randrange(0, 40) * 500,
                currency="EUR" if country != "United Kingdom" else "GBP",
                city=city,
                country=country,
                time_zone=zone,
                industry=industry,
                website=f"https://{domain}",
                phone=phone + "200",
                partner_since=today - timedelta(days=365 * years + rng.randrange(0, 300)),
                rhythm_days={"A": 10, "B": 14, "C": 28, "D": 42}[band],
                whats_in_it=rng.choice(words.WHATS_IN_IT),
                visibility="team_only" if name == "Harbour Trust" else "open",
                created_at=since,
                origin=Origin.DEMO,
            )
            clients.append(client)
            taken = rng.sample(range(len(words.JOBS)), {"A": 4, "B": 3, "C": 2, "D": 1}[band])
            for place, job in enumerate(sorted(taken)):
                title, part = words.JOBS[job]
                first, last = rng.choice(words.FIRST), rng.choice(words.LAST)
                if name == "Tidewell Water" and place == 0:
                    first, last = "Rosa", "Delgado"
                contacts.append(
                    Contact(
                        public_id=chance.public_id("p"),
                        client=client,
                        name=f"{first} {last}",
                        search_text=searchable(f"{first} {last} {first}.{last}.{place}@{domain}".lower()),
                        job_title=title,
                        email=searchable(f"{first}.{last}") + (f".{place}" if place else "") + f"@{domain}",
                        phone=f"{phone}2{place + 1:02d}",
                        language=language,
                        survey_part="decision_maker" if place == 0 else part,
                    )
                )
            deputy = firm[(owner + 1) % 5]
            team.append(TeamMember(client=client, user=deputy, part=TeamMember.Part.DEPUTY))
            if band == "A" and firm[3] not in (deputy, firm[owner]):
                team.append(TeamMember(client=client, user=firm[3], part=TeamMember.Part.PARTNER))
    Client.objects.bulk_create(clients, BATCH)
    Contact.objects.bulk_create(contacts, BATCH)
    TeamMember.objects.bulk_create(team, BATCH)
    for model in (Contact, TeamMember):  # they came with the client, not when the sample was made
        model.history.filter(client__origin=Origin.DEMO).update(history_date=since)
    people_of = {}
    for contact in contacts:
        people_of.setdefault(contact.client_id, []).append(contact)
    return clients, people_of
