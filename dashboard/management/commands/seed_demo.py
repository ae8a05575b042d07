"""A believable firm to try the program with, its dates relative to today."""

import gc
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import Origin, User
from clients.models import Client
from dashboard.demo import day, firm, history, letters, mail, removal, said, survey, talks, words


@contextmanager
def without_collecting():
    """Hundreds of thousands of records are held at once, and none is garbage: looking for some takes half the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--seed", type=int, default=7, help="the same seed makes the same firm (default 7)")
        parser.add_argument("--scale", type=int, default=1, help="this many times the firm, for benchmarks")
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there are people already")
        parser.add_argument("--remove", action="store_true", help="remove the demo data, and only that")
        parser.add_argument("--due-now", type=int, metavar="N", help="add N critical promises that fall due at once")

    def handle(self, *, seed, scale, if_empty, remove, due_now, **options):
        now = timezone.now()
        if remove:
            self.stdout.write(removal.remove(now=now))
        elif due_now is not None:
            self.stdout.write(self.make_due(due_now, now=now))
        elif if_empty and User.objects.exists():
            self.stdout.write("There are people here already; nothing was added.")
        else:
            self.build(seed, scale, now=now)

    def build(self, seed, scale, *, now):
        if scale < 1:
            raise CommandError("--scale takes a whole number from 1.")
        if User.objects.filter(origin=Origin.DEMO).exists():
            raise CommandError("The demo data is here already. Take it away first: manage.py seed_demo --remove")
        chance = firm.Chance(Random(seed))
        with transaction.atomic(), without_collecting():
            people = firm.build_people(chance, scale=scale, now=now)
            clients, people_of = firm.build_clients(chance, people, scale=scale, now=now)
            rows = words.CLIENTS * scale
            quality_of = {client.pk: row[6] for client, row in zip(clients, rows, strict=True)}
            belief_of = {client.pk: row[7] for client, row in zip(clients, rows, strict=True)}
            interactions = history.build_interactions(chance, clients, people_of, now=now)
            promises = history.build_promises(chance, clients, people_of, interactions, quality_of, now=now)
            said.build_words(promises, now=now)
            rounds = survey.build_rounds(chance, clients, people_of, quality_of, belief_of, people, now=now)
            letters.build_letters(chance, people_of, now=now)
            own = firm.Chance(Random(f"{seed}, the day"))
            day.build_day(own, clients, people_of, interactions, now=now)
            mail.build_mail(clients, now=now)
        survey.score_rounds(rounds, now=now)
        with transaction.atomic():
            talks.build_talks(chance, clients, people_of, rounds, now=now)
        count = sum(map(len, interactions.values()))
        self.stdout.write(
            f"{len(people)} people, {len(clients)} clients, {count} interactions, {len(promises)} promises, "
            f"{len(rounds)} survey rounds."
        )

    @transaction.atomic
    def make_due(self, number, *, now):
        clients = list(Client.objects.current().filter(contacts__isnull=False).select_related("owner").distinct()[:50])
        if not clients:
            raise CommandError("There is no client with a person to promise anything to.")
        chance = firm.Chance(Random(f"{now.isoformat()}"))
        ledger = history.Ledger(chance, now=now)
        for index in range(number):
            client = clients[index % len(clients)]
            person = client.contacts.first()
            there = now.astimezone(ZoneInfo(person.zone_name)).replace(microsecond=0)
            ledger.make(
                client,
                person=person,
                work=words.WORK[index % len(words.WORK)],
                what=f"{words.WORK[index % len(words.WORK)][1]}, part {index + 1}",
                made_at=now - timedelta(days=14),
                due=there.date(),
                due_time=there.time(),
                ours=True,
                importance="critical",
            )
        ledger.write()
        return f"{number} critical promises are due now."
