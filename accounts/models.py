"""People: who they are, when they work, what they may do; and the firm's own settings."""

import secrets
import uuid
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import time
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.prepared import prepared
from accounts.remembered import Remembered
from accounts.worktime import STANDARD_WEEK, Calendar

ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"  # nothing that is mistaken for another when read aloud


def new_public_id(prefix):
    """A short id for URLs, such as `c_7k2m9qx4`: 40 bits, so it neither counts rows nor can be guessed in order."""
    return prefix + "_" + "".join(secrets.choice(ALPHABET) for _ in range(8))


def new_user_id():
    return new_public_id("u")


class Role(models.TextChoices):
    ACCOUNT_MANAGER = "account_manager", _("Account manager")
    MANAGER = "manager", _("Manager")
    ADMINISTRATOR = "administrator", _("Administrator")


class Origin(models.TextChoices):
    """How a record came to be here; demo records can be removed without touching the others."""

    BY_HAND = "by_hand", _("by hand")
    IMPORT = "import", _("import")
    DEMO = "demo", _("demo data")


class UserQuerySet(Remembered, models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def managers(self):
        return self.active().filter(role__in=[Role.MANAGER, Role.ADMINISTRATOR])


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, **{"role": Role.ADMINISTRATOR, **fields})

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


def standard_week():
    return [list(map(list, day)) for day in STANDARD_WEEK]


class User(AbstractBaseUser):
    """One of us. Signs in by e-mail; leaves by being made inactive, never by being deleted."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    public_id = models.CharField(max_length=16, unique=True, default=new_user_id, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.ACCOUNT_MANAGER)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/London")
    language = models.CharField(_("language"), max_length=10, default="en-gb")
    country = models.CharField(_("country of holidays"), max_length=2, blank=True)
    # Monday first; each day a list of ["HH:MM", "HH:MM"] spans in the person's own zone.
    working_hours = models.JSONField(_("working hours"), default=standard_week)
    digest_at = models.TimeField(_("daily digest at"), default="07:30")
    deputy = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="deputy_of")
    # What stands after the + in the address that files mail under their name; theirs to renew.
    mail_in_key = models.CharField(max_length=20, unique=True, null=True, blank=True, editable=False)
    mail_addresses = models.JSONField(_("other addresses they write from"), default=list, blank=True)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, default=Theme.AUTO)
    single_keys = models.BooleanField(_("single-key shortcuts"), default=True)
    has_pins = models.BooleanField(default=False, editable=False)  # whoever has none is not looked up for them
    is_active = models.BooleanField(default=True)
    deactivated_at = models.DateTimeField(null=True, blank=True)
    date_joined = models.DateTimeField(default=timezone.now)
    external_id = models.CharField(max_length=100, null=True, blank=True, unique=True)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.BY_HAND)
    invited_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(excluded_fields=["password", "last_login", "mail_in_key", "has_pins"])

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self):
        return self.name

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.first_name

    @property
    def first_name(self):
        return self.name.split(" ")[0]

    @property
    def initials(self):
        words = self.name.split()
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper() if words else "?"

    @property
    def is_manager(self):
        """Managers and administrators: everything a manager may do."""
        return self.role in (Role.MANAGER, Role.ADMINISTRATOR)

    @property
    def is_administrator(self):
        return self.role == Role.ADMINISTRATOR

    @property
    def zone(self):
        return ZoneInfo(self.time_zone)

    def calendar(self):
        """The person's working calendar, absences included; one query when absences are not prefetched."""
        return Calendar(
            zone=self.time_zone,
            week=self.working_hours,
            country=self.country,
            absences=tuple((a.starts_on, a.ends_on) for a in self.absences.all()),
        )


def display_name(user):
    return user.name


class Absence(models.Model):
    """Days a person is away, both included; their mail goes to the deputy."""

    user = models.ForeignKey(User, models.CASCADE, related_name="absences")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    history = HistoricalRecords()

    objects = Remembered.as_manager()

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="absence_ends_after_start"
            )
        ]

    def __str__(self):
        return f"{self.user}: {self.starts_on} – {self.ends_on}"


# The settings read in this request or run, as a list of none or one; None: nobody keeps them.
_memory = ContextVar("workspace_memory", default=None)
_THE_ONE = SimpleNamespace(pk=1)


@prepared
def _saved(one):
    return Workspace.objects.filter(pk=one.pk)[:1]


class Workspace(models.Model):
    """The firm's settings: one row, changed by administrators."""

    firm_name = models.CharField(_("firm"), max_length=120, default="Our firm")
    phone = models.CharField(_("phone on client pages"), max_length=40, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/London")
    country = models.CharField(_("country of holidays"), max_length=2, default="GB", blank=True)
    rhythm_days = models.PositiveSmallIntegerField(_("days between contacts"), default=21)
    reminder_days = models.JSONField(_("survey reminders, working days after the invitation"), default=list, blank=True)
    contact_gap_days = models.PositiveSmallIntegerField(_("working days between two automatic mails"), default=3)
    silence_days = models.PositiveSmallIntegerField(_("working days until silence means kept"), default=5)
    broken_after_days = models.PositiveSmallIntegerField(_("working days late until broken"), default=10)
    answer_within_days = models.PositiveSmallIntegerField(
        _("working days until an offered promise asks for an answer"), default=10
    )
    correction_minutes = models.PositiveSmallIntegerField(_("minutes to correct a typing mistake"), default=60)
    # A change is early with this much of the lead as notice, at least and at most so many working days.
    early_share = models.PositiveSmallIntegerField(_("share of the lead that is early notice, in %"), default=20)
    early_least_days = models.PositiveSmallIntegerField(_("early notice at least, in working days"), default=1)
    early_most_days = models.PositiveSmallIntegerField(_("early notice at most, in working days"), default=5)
    # Who hears what about a promise, and when; all in working days.
    word_before_days = models.PositiveSmallIntegerField(
        _("word to the promisor before the last early moment"), default=1
    )
    owner_after_days = models.PositiveSmallIntegerField(_("days late until the owner must choose"), default=1)
    manager_after_days = models.PositiveSmallIntegerField(_("days late until a manager hears"), default=5)
    manager_after_days_critical = models.PositiveSmallIntegerField(
        _("days late until a manager hears of a critical one"), default=2
    )
    quiet_from = models.TimeField(_("no mail at once from"), default="20:00")
    quiet_until = models.TimeField(_("no mail at once until"), default="07:00")
    remind_clients = models.BooleanField(_("remind clients of their own promises automatically"), default=False)
    decision_maker_weight = models.DecimalField(_("decision maker’s weight"), max_digits=4, decimal_places=2, default=2)
    # How much each part says about whom to call first, in %; together 100.
    priority_bias = models.PositiveSmallIntegerField(_("they rate us lower than we think"), default=30)
    priority_low = models.PositiveSmallIntegerField(_("their mark is low"), default=25)
    priority_worst = models.PositiveSmallIntegerField(_("their widest dimension"), default=15)
    priority_promises = models.PositiveSmallIntegerField(_("promises broken or late"), default=15)
    priority_silence = models.PositiveSmallIntegerField(_("detractor, or silent decision maker"), default=15)
    quadrant_cut = models.DecimalField(_("from this mark on, high"), max_digits=3, decimal_places=1, default=7)
    # Clear-the-air cases: targets in working days from the day one is opened.
    case_call_days = models.PositiveSmallIntegerField(_("days until a call they asked for"), default=1)
    case_contact_days = models.PositiveSmallIntegerField(_("days until the first contact"), default=2)
    case_talk_days = models.PositiveSmallIntegerField(_("days until the talk is held"), default=10)
    ask_cleared_after_days = models.PositiveSmallIntegerField(_("days until we ask if it is cleared up"), default=30)
    recurrence_months = models.PositiveSmallIntegerField(_("months within which it is a recurrence"), default=12)
    # Requests: how soon a client has an answer, in working hours of whoever is to give it.
    answer_hours = models.PositiveSmallIntegerField(_("working hours until an answer"), default=8)
    answer_hours_urgent = models.PositiveSmallIntegerField(
        _("working hours until an answer to what is urgent"), default=2
    )
    answer_soon_share = models.PositiveSmallIntegerField(_("of the time gone when it runs out, in %"), default=75)
    answer_manager_hours = models.PositiveSmallIntegerField(_("working hours over until a manager hears"), default=4)
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_workspace")]

    def __str__(self):
        return self.firm_name

    def save(self, **kwargs):
        super().save(**kwargs)
        if _memory.get():
            _memory.get().clear()

    @classmethod
    def current(cls):
        """The settings in force; the defaults while nobody has saved any. Reading never writes."""
        saved = _saved(_THE_ONE)
        return saved[0] if saved else cls(pk=1, quiet_from=time(20), quiet_until=time(7))

    @classmethod
    def remembered(cls):
        """The settings in force, read once in a block of `remembering()` (every request is one), else every time."""
        memory = _memory.get()
        if memory is None:
            return cls.current()
        if not memory:
            memory.append(cls.current())
        return memory[0]

    @classmethod
    @contextmanager
    def remembering(cls):
        """While this lasts, `remembered()` asks the database once. Blocks may lie in one another."""
        if _memory.get() is not None:
            yield
            return
        token = _memory.set([])
        try:
            yield
        finally:
            _memory.reset(token)

    @property
    def early_rule(self):
        """How much notice is early, as `promises.notice` takes it: share of the lead, least and most working days."""
        return {
            "share": self.early_share / 100,
            "least": self.early_least_days,
            "most": self.early_most_days,
        }

    @property
    def survey_reminder_days(self):
        return self.reminder_days or [4, 9, 13]


class SignInMail(models.Model):
    """Why somebody was sent a link to choose a password. The link itself is made when the mail goes out."""

    class Reason(models.TextChoices):
        RESET = "reset", _("asked for a new password")
        INVITED = "invited", _("was invited")

    email = models.OneToOneField("outbox.Email", models.CASCADE, related_name="sign_in_mail")
    user = models.ForeignKey(User, models.CASCADE, related_name="sign_in_mails")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    invited_by = models.CharField(max_length=120, blank=True)

    def __str__(self):
        return f"{self.user}: {self.get_reason_display()}"


class ImportFile(models.Model):
    """A file somebody uploaded to import: kept from the preview until it has run, then with its report."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    what = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    options = models.JSONField(default=dict)
    uploaded_by = models.ForeignKey(User, models.CASCADE, related_name="import_files")
    uploaded_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    report = models.JSONField(null=True, blank=True)

    def __str__(self):
        return self.name


from accounts.list_models import Job, ListAct, ListChoice, SavedView  # noqa: E402, F401 - they name User by its name
