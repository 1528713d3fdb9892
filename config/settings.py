"""Every setting, read from the environment in this one place.

``MODE`` chooses the shape of the installation: ``embedded`` (one machine, SQLite, no
broker: what ``make run`` starts), ``production`` (PostgreSQL, Redis, Celery) and ``test``.
A secret comes from ``NAME``, from the file named by ``NAME_FILE``, or from
``VAR_DIR/secrets/name``, which ``make env`` fills once.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))
MODE = env("MODE", default="embedded")
if MODE not in ("embedded", "production", "test"):
    raise ImproperlyConfigured(f"MODE={MODE!r}: use embedded, production or test.")
IS_PRODUCTION = MODE == "production"


def secret(name: str) -> str:
    """The secret called ``name``: from the environment, from a file it names, or from VAR_DIR."""
    value: str = env(name, default="")
    if value:
        return value
    path = Path(env(f"{name}_FILE", default=str(VAR_DIR / "secrets" / name.lower())))
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The secret {name} is missing: set {name} or {name}_FILE, or run `make env`."
        ) from error


SECRET_KEY = secret("SECRET_KEY")
# Keys that stand outside the database: sealed personal data, blind indexes, audit rows.
FIELD_KEY = secret("FIELD_KEY")
BLIND_KEY = secret("BLIND_KEY")
AUDIT_KEY = secret("AUDIT_KEY")

DEBUG = env.bool("DEBUG", default=False)
BASE_URL = env("BASE_URL", default="http://127.0.0.1:8000")
IS_HTTPS = urlsplit(BASE_URL).scheme == "https"
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    default=[urlsplit(BASE_URL).hostname or "localhost", "localhost", "127.0.0.1", "[::1]"],
)
CSRF_TRUSTED_ORIGINS = [BASE_URL] if IS_HTTPS else []

# Whether this is the demonstration, whose sign-in page says who can be tried; `make run` sets it.
DEMONSTRATION = env.bool("DEMONSTRATION", default=False)

# Seconds added to the database's clock, so that a story can stand on a Friday at 17:29.
CLOCK_OFFSET = env.int("CLOCK_OFFSET", default=0)

INSTALLED_APPS = [
    "core",
    "organization",
    "duties",
    "confidentiality",
    "customers",
    "worklogs",
    "meetings",
    "inspections",
    "kpi",
    "reports",
    "desk",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "axes",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
]

MIDDLEWARE = [
    "core.middleware.RequestIdMiddleware",
    "core.api.middleware.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "organization.middleware.SignedInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "core.middleware.MarkedDaysMiddleware",
    "core.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "core.pages.shell",
            ],
            "builtins": ["core.templatetags.bihuan"],
        },
    },
]
# The function that fills the frame of a page (navigation, bell, banners).
SHELL_SOURCE = "desk.shell.shell_of"

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR}/bihuan.sqlite3")}
_database = DATABASES["default"]
# Tests within a test need a database of their own.
TEST_NAME = env("TEST_NAME", default="test")
IS_SQLITE = "sqlite" in _database["ENGINE"]
if IS_SQLITE:
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # A file also in tests: threads of one in-memory database do not wait for each other.
    _database["TEST"] = {"NAME": f"{_database['NAME']}.{TEST_NAME}"}
else:
    _database["TEST"] = {"NAME": f"{TEST_NAME}_{_database['NAME']}"}
    _database["CONN_MAX_AGE"] = 60
    _database["CONN_HEALTH_CHECKS"] = True
    # Every transaction ends within 30 s: a closing two minutes after the cut sees all of them.
    _database["OPTIONS"] = {
        "options": "-c statement_timeout=30000 -c idle_in_transaction_session_timeout=30000"
    }
    if _password_file := env("DATABASE_PASSWORD_FILE", default=""):
        _database["PASSWORD"] = Path(_password_file).read_text(encoding="utf-8").strip()
ATOMIC_REQUESTS = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# A message on the broker only says "look now"; jobs are rows. Without a broker,
# ``manage.py work`` looks by itself.
REDIS_URL = env("REDIS_URL", default="")
# Rate limits and lock-out counters live in the database, so that every web process counts
# the same and Redis may be gone.
CACHES = {
    "default": {
        "BACKEND": "core.counting.CountingCache",
        "LOCATION": "core_cache",
        # Beyond it entries are thrown out before their time: with the usual 300, whoever tries
        # some hundred job numbers would make it forget what is counted against him.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

AUTH_USER_MODEL = "organization.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "organization.sign_in.JobNumberBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# ``mlps`` follows GB/T 22239 (length, kinds of characters, expiry), ``asvs`` the other school
# (length and known-bad words only).
PASSWORD_PROFILE = env("PASSWORD_PROFILE", default="mlps")


def _password_validators(at_least: int, *more: str) -> list[dict[str, Any]]:
    contrib = "django.contrib.auth.password_validation"
    return [
        {"NAME": "organization.passwords.LengthValidator", "OPTIONS": {"min_length": at_least}},
        {"NAME": f"{contrib}.CommonPasswordValidator"},
        {"NAME": f"{contrib}.UserAttributeSimilarityValidator"},
        *({"NAME": name} for name in more),
    ]


PASSWORD_PROFILES = {
    "mlps": _password_validators(10, "organization.passwords.ThreeKindsValidator"),
    "asvs": _password_validators(12),
}
if PASSWORD_PROFILE not in PASSWORD_PROFILES:
    raise ImproperlyConfigured(f"PASSWORD_PROFILE={PASSWORD_PROFILE!r}: use mlps or asvs.")
AUTH_PASSWORD_VALIDATORS = PASSWORD_PROFILES[PASSWORD_PROFILE]
PASSWORD_MAX_AGE_DAYS = env.int(
    "PASSWORD_MAX_AGE_DAYS", default=90 if PASSWORD_PROFILE == "mlps" else 0
)
# A first password, or one given by a reset, is good for so long.
ONE_TIME_PASSWORD_HOURS = env.int("ONE_TIME_PASSWORD_HOURS", default=72)
# Toasts may name customers: they stay on the server.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=30 if IS_PRODUCTION else 240)
SESSION_ABSOLUTE_HOURS = env.int("SESSION_ABSOLUTE_HOURS", default=12)
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_HOURS * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
# The __Host- prefix needs https; a trial on http://127.0.0.1 goes without it.
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "core.pages.csrf_failure"
SECURE_SSL_REDIRECT = IS_HTTPS and env.bool("SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
    },
}
AXES_VERBOSE = False
AXES_USERNAME_FORM_FIELD = "username"
AXES_FAILURE_LIMIT = env.int("SIGN_IN_FAILURES", default=5)
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "organization.sign_in.locked_out"
AXES_IPWARE_PROXY_COUNT = env.int("PROXY_COUNT", default=0)
AXES_IPWARE_META_PRECEDENCE_ORDER = (
    ["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"] if (AXES_IPWARE_PROXY_COUNT) else ["REMOTE_ADDR"]
)

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static", BASE_DIR / "build" / "vendor"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
FILES_DIR = VAR_DIR / "files"
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=20 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

_mail = env.email_url("EMAIL_URL", default=f"filemail:///{VAR_DIR}/mail")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail.get("EMAIL_HOST") or ""
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = (
    Path(_path).read_text(encoding="utf-8").strip()
    if (_path := env("EMAIL_PASSWORD_FILE", default=""))
    else _mail.get("EMAIL_HOST_PASSWORD") or ""
)
EMAIL_USE_TLS = bool(_mail.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_mail.get("EMAIL_USE_SSL"))
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("MAIL_FROM", default="闭环 <bihuan@localhost>")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "organization.api_auth.TokenAuthentication",
        "organization.api_auth.BrowserAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.access.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["core.api.throttles.PerMinute"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.ApiSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "core.api.problem",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "NUM_PROXIES": AXES_IPWARE_PROXY_COUNT,
}
# Per token; per address where there is no token.
API_REQUESTS_A_MINUTE = env.int("API_REQUESTS_A_MINUTE", default=600)
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.1",
    "TITLE": "闭环 Bihuan",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "PATH_CONVERTER_OVERRIDES": {"week": {"type": "string", "pattern": r"^\d{4}-W\d{2}$"}},
    "ENUM_NAME_OVERRIDES": {
        "CustomerKind": "customers.choices.CustomerKind",
        "CustomerState": "customers.choices.CustomerState",
        "ContactRole": "customers.choices.ContactRole",
        "NoticeKind": "duties.choices.NoticeKind",
        "BranchKind": "organization.choices.BranchKind",
        "Role": "organization.choices.Role",
        "Gender": "organization.choices.Gender",
        "JobState": "core.choices.JobState",
        "ImportState": "core.choices.ImportState",
        "SummaryState": "worklogs.choices.SummaryState",
        "RollUpState": "worklogs.choices.RollUpState",
        "Standing": "worklogs.choices.Standing",
        "LogSource": "worklogs.choices.LogSource",
        "FindingState": "inspections.choices.FindingState",
        "FindingSource": "inspections.choices.FindingSource",
        "StepKind": "inspections.choices.StepKind",
        "Phase": "reports.choices.Phase",
        "MonthPhase": "reports.choices.MonthPhase",
        "BulletinState": "reports.choices.BulletinState",
        "ToDoState": "duties.choices.ToDoState",
        "TargetState": "kpi.choices.TargetState",
        "ResultSource": "kpi.choices.ResultSource",
        "SchemeState": "kpi.choices.SchemeState",
        "SheetState": "kpi.choices.SheetState",
        "VersionKind": "kpi.choices.VersionKind",
        "ObjectionState": "kpi.choices.ObjectionState",
        "CorrectionState": "kpi.choices.CorrectionState",
        "ConsequenceState": "kpi.choices.ConsequenceState",
        "MarkKind": "kpi.choices.MarkKind",
        "CaseState": "kpi.choices.CaseState",
        "ComplaintState": "kpi.choices.ComplaintState",
        "Complainant": "kpi.choices.Complainant",
        "MeetingKind": "meetings.choices.MeetingKind",
        "MeetingState": "meetings.choices.MeetingState",
        "Presence": "meetings.choices.Presence",
        "SignInWay": "meetings.choices.SignInWay",
        "AbsenceState": "meetings.choices.AbsenceState",
        "AbsenceKind": "meetings.choices.AbsenceKind",
        "Refusal": "meetings.choices.Refusal",
        "MinutesState": "meetings.choices.MinutesState",
        "TopicKind": "meetings.choices.TopicKind",
        "ActionState": "meetings.choices.ActionState",
        "ContributionKind": "meetings.choices.ContributionKind",
        "ContributionState": "meetings.choices.ContributionState",
        "ToldWay": "meetings.choices.ToldWay",
        "ScanPart": "meetings.choices.ScanPart",
        "Level": "confidentiality.choices.Level",
    },
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.document_problems",
        "config.api_titles.add_titles",
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"without-secrets": {"()": "config.request_log.WithoutSecrets"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["without-secrets"],
        }
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "axes": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
