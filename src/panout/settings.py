"""Settings: one file, typed environment readers; their checks, with hints, are in `flow/health.py`.

Everything has a default that suits one machine. What a deployment sets:

DATABASE_URL            a PostgreSQL of your own; without it Panout runs an embedded one under PANOUT_STATE
PANOUT_STATE            folder for the embedded database, the secret and PID files (default ./var)
PANOUT_SECRET_KEY       signs sessions and links; without it one is kept in PANOUT_STATE/secret
PANOUT_HOSTS            host names the pages answer to, comma separated
PANOUT_URL              the address people type, for links in mail (https:// turns secure cookies on)
PANOUT_MAIL_HOST        a mail server for Panout's own letters (weekly review); PANOUT_MAIL_PORT, _USER, _PASSWORD,
                        _TLS, _FROM go with it; without it they are printed where the jobs run
PANOUT_LOG              console or json
PANOUT_PROXIES          how many proxies of yours stand before the pages, so that visitors are told apart (default 1
                        where PANOUT_URL is https://, else 0)
PANOUT_BOOKINGS_PER_ADDRESS, _PER_SOURCE, _WAITING
                        what a booking page takes: times to come of one address (2), a day from one network
                        address (6), kept for people who are not in the book until the host answers (10)
PANOUT_RESOLVER         HOST:PORT of the DNS resolver to ask; without it the system's
PANOUT_METRICS_TOKEN    lets a scraper that is not on this machine read /metrics
PANOUT_CLOCK            a clock file written by the sandbox; never set it in earnest
"""

from __future__ import annotations

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from environs import Env
from psycopg.conninfo import conninfo_to_dict

from panout.clients import embedded

env = Env()

# The line, upstream first. tests/test_house.py holds foreign keys to this order.
ROOMS = [
    "team",
    "consent",
    "icp",
    "sources",
    "resolve",
    "research",
    "signals",
    "qualify",
    "segments",
    "outreach",
    "cadence",
    "campaigns",
    "mailbox",
    "replies",
    "pipeline",
    "learn",
]
_SOURCE = Path(__file__).parent

STATE = Path(env.str("PANOUT_STATE", "var")).resolve()
DEBUG = env.bool("PANOUT_DEBUG", default=False)
URL = env.str("PANOUT_URL", "http://127.0.0.1:8000")
_HTTPS = URL.startswith("https://")


def _secret() -> str:
    """The key given, else the one `panout` keeps in the state folder, else one for this process only."""
    kept = STATE / "secret"
    return env.str("PANOUT_SECRET_KEY", "") or (kept.read_text().strip() if kept.exists() else "")


SECRET_KEY = _secret() or secrets.token_urlsafe(50)
SECRET_IS_KEPT = bool(_secret())
ALLOWED_HOSTS = env.list("PANOUT_HOSTS", ["localhost", "127.0.0.1", "[::1]", urlsplit(URL).hostname or ""])
PROXIES = env.int("PANOUT_PROXIES", 1 if _HTTPS else 0)
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
CSRF_TRUSTED_ORIGINS = [URL] if "://" in URL else []

# -- database: a server of your own, else the embedded one
DATABASE_URL = env.str("DATABASE_URL", "")
EMBEDDED = not DATABASE_URL
STATEMENT_TIMEOUT_MS = env.int("PANOUT_STATEMENT_TIMEOUT_MS", 0)  # `panout web` sets it; batch work has none


def database(dsn: str) -> dict[str, object]:
    """Django's form of a libpq connection string or URL."""
    parts = {name: str(value) for name, value in conninfo_to_dict(dsn).items() if value is not None}
    options: dict[str, object] = {
        name: value
        for name, value in parts.items()
        if name not in {"host", "port", "dbname", "user", "password"}
    }
    if STATEMENT_TIMEOUT_MS:
        options["options"] = f"{parts.get('options', '')} -c statement_timeout={STATEMENT_TIMEOUT_MS}".strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": parts.get("host", ""),
        "PORT": parts.get("port", ""),
        "NAME": parts.get("dbname", ""),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": database(DATABASE_URL or embedded.at(STATE).dsn())}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Kept in the database, so that every web process counts failed sign-ins together.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "panout_cache"}}

# -- rooms and frameworks; a room joins the list when it has a folder of migrations
INSTALLED_APPS = [
    "panout.web",  # first: its templates stand in front of allauth's
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "template_partials",
    "procrastinate.contrib.django",
    *(f"panout.{room}" for room in ROOMS if (_SOURCE / room / "migrations").exists()),
]

MIDDLEWARE = [
    "panout.web.http.safe_headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "panout.web.http.log_request",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "panout.web.http.our_errors",
    "panout.web.http.reader_zone",
]
ROOT_URLCONF = "panout.web.urls"
WSGI_APPLICATION = "panout.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                *(["panout.web.frame.frame"] if (_SOURCE / "web" / "frame.py").exists() else []),
            ],
        },
    }
]

# -- signing in
AUTH_USER_MODEL = "team.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "panout.web.http.SignIn"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Panout"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
X_FRAME_OPTIONS = "DENY"

# -- booking pages: how much strangers may take of a calendar
BOOKINGS_PER_ADDRESS = env.int("PANOUT_BOOKINGS_PER_ADDRESS", 2)
BOOKINGS_PER_SOURCE = env.int("PANOUT_BOOKINGS_PER_SOURCE", 6)
BOOKINGS_WAITING = env.int("PANOUT_BOOKINGS_WAITING", 10)

# -- uploads: lists of up to 100 MB, spooled to disk beyond 2.5 MB
UPLOAD_LIMIT_BYTES = 100 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# -- language, time, pages
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "panout.web.assets.ByContent"},
}
WHITENOISE_USE_FINDERS = True  # static files are read from the package: no collecting step to forget
WHITENOISE_MAX_AGE = 0 if DEBUG else 365 * 86400  # addresses change with the content
# Panout's own letters (the weekly review, links to sign in); without a host they are printed where the jobs run.
EMAIL_HOST = env.str("PANOUT_MAIL_HOST", "")
EMAIL_PORT = env.int("PANOUT_MAIL_PORT", 587)
EMAIL_USE_TLS = env.bool("PANOUT_MAIL_TLS", default=True)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.str("PANOUT_MAIL_USER", ""), env.str("PANOUT_MAIL_PASSWORD", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.str("PANOUT_MAIL_FROM", "panout@localhost")

# -- jobs
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = ["panout.flow.jobs"]

# -- drafting help, when somebody brings a model: any OpenAI-compatible endpoint, up to and including /v1
LLM_URL = env.str("PANOUT_LLM_URL", "")
LLM_MODEL = env.str("PANOUT_LLM_MODEL", "")
LLM_KEY = env.str("PANOUT_LLM_KEY", "")

# -- DNS: HOST:PORT of the resolver that domains are checked by; empty: the system's
RESOLVER = env.str("PANOUT_RESOLVER", "")

METRICS_TOKEN = env.str("PANOUT_METRICS_TOKEN", "")
CLOCK_FILE = env.str("PANOUT_CLOCK", "")

# -- logs: one event a line, with the request or the job it belongs to
_BEFORE: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_LOG = env.str("PANOUT_LOG", "console")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _BEFORE,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.dict_tracebacks
                if _LOG == "json"
                else structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer()
                if _LOG == "json"
                else structlog.dev.ConsoleRenderer(
                    colors=False, exception_formatter=structlog.dev.plain_traceback
                ),
            ],
        }
    },
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["out"], "level": env.str("PANOUT_LOG_LEVEL", "INFO")},
    "loggers": {
        "procrastinate": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
        "weasyprint.progress": {"level": "WARNING"},  # each step of each letter, at INFO
    },
}
structlog.configure(
    processors=[
        *_BEFORE,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
