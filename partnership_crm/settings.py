"""One settings file, read from the environment. `.env.example` lists every variable with its default."""

import hashlib
import os
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote

import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.FileAwareEnv()  # SECRET_KEY_FILE=/run/secrets/key reads the value from a file
environ.Env.read_env(BASE_DIR / ".env")

# ------------------------------------------------------------------ what kind of installation is this
# The one-machine installation of `make run`: SQLite, its own broker, a mailbox page. A command typed by hand belongs
# to it unless something says that this is a server.
_server = any(os.environ.get(name) for name in ("SECRET_KEY", "ALLOWED_HOSTS", "BASE_URL"))
_by_hand = Path(sys.argv[0]).name == "manage.py" and not _server
EMBEDDED = env.bool("EMBEDDED", default=_by_hand)
DEBUG = env.bool("DEBUG", default=False)
DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()
DEMO = env.bool("DEMO", default=EMBEDDED)  # shows the demo sign-ins on the sign-in page


def _kept_secret():
    """A key of its own for an embedded installation, made once and kept beside its data."""
    from django.core.management.utils import get_random_secret_key

    DATA_DIR.mkdir(parents=True, exist_ok=True)
    path = DATA_DIR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key())
    return path.read_text().strip()


_database_url = env("DATABASE_URL", default="")
_production = not (EMBEDDED or DEBUG)
SECRET_KEY = env("SECRET_KEY", default="")
if not SECRET_KEY and not _production:
    SECRET_KEY = _kept_secret()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[] if _production else ["localhost", "127.0.0.1", "[::1]", "testserver"]
)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="" if _production else "Partnership CRM <crm@localhost>")
if _production:
    _missing = [
        name
        for name, value in {
            "SECRET_KEY": SECRET_KEY,
            "ALLOWED_HOSTS": ALLOWED_HOSTS,
            "DATABASE_URL": _database_url,
            "DEFAULT_FROM_EMAIL": DEFAULT_FROM_EMAIL,
            "BASE_URL": env("BASE_URL", default=""),
        }.items()
        if not value
    ]
    if _missing:
        raise ImproperlyConfigured(
            f"Set {', '.join(_missing)} in the environment, or EMBEDDED=1 for the one-machine installation."
        )

try:
    PORT = env.int("PORT", default=8000)
except ValueError as problem:
    raise ImproperlyConfigured(f"PORT must be a whole number, not {env('PORT')}.") from problem
BASE_URL = env("BASE_URL", default=f"http://localhost:{PORT}").rstrip("/")  # the address links in mails begin with
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[BASE_URL])
_https = BASE_URL.startswith("https://")

# ------------------------------------------------------------------ apps, in the order of the arrows
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "csp",
    "simple_history",
    "accounts",
    "outbox",
    "clients",
    "promises",
    "partnerships",
    "surveys",
    "dashboard",
]

MIDDLEWARE = [
    "accounts.middleware.PlainTextMiddleware",
    "accounts.middleware.HeadMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.ReaderMiddleware",  # around the messages too: they are put into words when they are kept
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "accounts.middleware.SettingsMiddleware",
    "clients.merged.MergedMiddleware",
    "dashboard.middleware.TickMiddleware",
]

ROOT_URLCONF = "partnership_crm.urls"
WSGI_APPLICATION = "partnership_crm.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.workspace",
            ],
            "builtins": ["accounts.templatetags.look", "accounts.templatetags.page"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# ------------------------------------------------------------------ data
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if _database_url:
    DATABASES = {"default": env.db_url_config(_database_url)}
    # A socket folder stands in the address as %2Ftmp%2Ffolder.
    DATABASES["default"]["HOST"] = unquote(DATABASES["default"].get("HOST", ""))
else:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIR / "db.sqlite3"}}

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Measured: with these four settings contended writers wait for each other; with the defaults most fail.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}

BROKER_SOCKET = DATA_DIR / "broker.sock"
if len(os.fsencode(BROKER_SOCKET)) > 100:  # the kernel takes 104 bytes at most
    _short = hashlib.sha256(os.fsencode(DATA_DIR)).hexdigest()[:12]
    BROKER_SOCKET = Path(tempfile.gettempdir()) / f"partnership-crm-{_short}" / "broker.sock"
REDIS_URL = env("REDIS_URL", default=f"redis+socket://{BROKER_SOCKET}")
# The cache counts failed sign-ins and links that miss. With a Redis on the network all web processes count together,
# and each for itself while it does not answer; on one machine the memory of the one process will do. `large` keeps
# figures for a minute, in memory always.
_MEMORY = "django.core.cache.backends.locmem.LocMemCache"
CACHES = {"default": {"BACKEND": _MEMORY}, "large": {"BACKEND": _MEMORY, "LOCATION": "large"}}
if REDIS_URL.startswith(("redis://", "rediss://")):
    CACHES["default"] = {"BACKEND": "accounts.counts.SharedCounts", "LOCATION": REDIS_URL, "KEY_PREFIX": "counts"}
WEB_TICK_SECONDS = env.float("WEB_TICK_SECONDS", default=60)  # the web plans too when beat is silent; 0 = never
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "max_retries": 0,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# ------------------------------------------------------------------ people
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "accounts.models.display_name"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "accounts.adapter.Adapter"
ACCOUNT_FORMS = {
    "login": "accounts.sign_in_forms.SignInForm",
    "reset_password": "accounts.sign_in_forms.AskForPasswordForm",
    "change_password": "accounts.sign_in_forms.ChangePasswordForm",
}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
PASSWORD_RESET_TIMEOUT = 7 * 24 * 3600  # invitations; a requested reset lasts a day (accounts/sign_in_links.py)
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_RATE_LIMITS = {"login_failed": "10/5m/ip,5/5m/key", "reset_password": "10/10m/ip,3/10m/key"}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
_cookie_suffix = f"_{PORT}" if EMBEDDED else ""  # two copies on one machine share the host, not the cookies
SESSION_COOKIE_NAME = f"session{_cookie_suffix}"
CSRF_COOKIE_NAME = f"csrf{_cookie_suffix}"

# ------------------------------------------------------------------ the browser
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = _https and env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 31536000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
TRUSTED_PROXIES = int(env.bool("BEHIND_PROXY", default=False))  # who tells the truth about addresses and https
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
ATTACHMENT_MB = env.int("ATTACHMENT_MB", default=25)  # the largest file kept with an entry
FILE_UPLOAD_HANDLERS = [
    "clients.files.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
CSRF_FAILURE_VIEW = "accounts.public_views.csrf_failure"

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG or EMBEDDED

# ------------------------------------------------------------------ language and time
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español")]
STAFF_LANGUAGES = LANGUAGES[:2]  # our own pages and mails; the others are for people at clients
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

# ------------------------------------------------------------------ mail
# Only the outbox sends. EMAIL_URL: smtp+tls://user:password@host:587; mailbox:// keeps mail in files for the page.
_email_url = env("EMAIL_URL", default="mailbox://" if EMBEDDED or DEBUG else "smtp://localhost:25")
MAILBOX = _email_url.startswith("mailbox:") and (EMBEDDED or DEBUG)
MAILBOX_DIR = DATA_DIR / "mailbox"
if MAILBOX:
    EMAIL_BACKEND = "outbox.mailbox.MailboxBackend"
elif _email_url.startswith("mailbox:"):
    raise ImproperlyConfigured("EMAIL_URL=mailbox:// is for one machine; a server needs smtp://…")
else:
    vars().update(env.email_url_config(_email_url))
EMAIL_TIMEOUT = env.float("EMAIL_TIMEOUT", default=30)
OUTBOX_LEASE_SECONDS = env.float("OUTBOX_LEASE_SECONDS", default=300)
OUTBOX_BACKOFF_SECONDS = env.list("OUTBOX_BACKOFF_SECONDS", cast=float, default=[60, 300, 900, 3600, 10800])
OUTBOX_GIVE_UP_SECONDS = env.float("OUTBOX_GIVE_UP_SECONDS", default=48 * 3600)
OUTBOX_UNCERTAIN_RESEND_SECONDS = env.float("OUTBOX_UNCERTAIN_RESEND_SECONDS", default=900)
MAIL_RETURN_PATH = env("MAIL_RETURN_PATH", default="")  # where servers send mail back to; empty: the From address
MAIL_INBOX = env("MAIL_INBOX", default="")  # the mailbox it comes back to: imaps://person:password@host:993/INBOX
MAIL_IN = env("MAIL_IN", default="").strip().lower()  # crm@in.firm.example: each person has crm+KEY@in.firm.example
MAIL_IN_INBOX = env("MAIL_IN_INBOX", default="")  # the mailbox it arrives in; empty: MAIL_INBOX
MAIL_HOOK_SECRET = env("MAIL_HOOK_SECRET", default="")  # what a mail provider signs its messages with
LINK_KEYS = env.list("LINK_KEYS", default=[])  # newest first; the secret key stands in when none is set

# ------------------------------------------------------------------ logging
LOG_LEVEL = env("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "words": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
            if not _production
            else structlog.processors.JSONRenderer(),
            "foreign_pre_chain": [
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                structlog.processors.format_exc_info,  # as text, before the masking
                import_string("accounts.logs.mask_tokens"),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "words"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # Two lines for every task, four times a minute, would drown what matters.
    "loggers": {name: {"level": "WARNING"} for name in ("celery.worker.strategy", "celery.app.trace")},
}
