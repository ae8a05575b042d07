"""Make the first person: an administrator."""

import getpass
import os
import sys

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts.models import Role, User
from accounts.sign_in_links import link


class Command(BaseCommand):
    help = (
        "Makes an administrator, or makes a known person one. Asks for a password in a terminal; elsewhere it prints a "
        "link that lets them choose one."
    )

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument("--password-env", metavar="VAR", help="the environment variable that holds the password")

    def handle(self, *, email, name, password_env, **options):
        email = email.strip().lower()
        try:
            validate_email(email)
        except ValidationError as problem:
            raise CommandError(f"“{email}” is not an e-mail address.") from problem
        user = User.objects.filter(email__iexact=email).first()
        made = user is None
        if made:
            user = User(email=email, name=name or email.partition("@")[0].replace(".", " ").title())
            user.set_unusable_password()
        elif name:
            user.name = name
        user.role, user.is_active, user.deactivated_at = Role.ADMINISTRATOR, True, None
        password = self._password(user, password_env)
        if password:
            user.set_password(password)
        user.save()
        self.stdout.write(f"{user.name} <{user.email}> {'was made' if made else 'is now'} an administrator.")
        if not user.has_usable_password():
            self.stdout.write("To choose a password within seven days, open:")
            self.stdout.write(link(user))

    def _password(self, user, variable):
        if variable:
            if not os.environ.get(variable):
                raise CommandError(f"The environment variable {variable} is empty or not set.")
            return self._valid(os.environ[variable], user)
        if user.has_usable_password() or not sys.stdin.isatty():
            return ""
        password = getpass.getpass(f"Password for {user.email} (empty: print a link instead): ")
        if password and getpass.getpass("Once more: ") != password:
            raise CommandError("The two passwords differ. Nothing was changed.")
        return self._valid(password, user) if password else ""

    def _valid(self, password, user):
        try:
            validate_password(password, user)
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from problem
        return password
