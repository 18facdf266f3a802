"""Settings, read once from the environment.

Nothing needs to be set to run the product on one machine: an unset DATABASE_URL or
CELERY_BROKER_URL means the embedded services (see workforce_tracker/services), kept with all other
data under DATA_DIR. Production sets DATABASE_URL, CELERY_BROKER_URL, EMAIL_URL, SECRET_KEY and
ALLOWED_HOSTS. docs/running.md lists every variable.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from kombu import Exchange, Queue

from workforce_tracker import services
from workforce_tracker.single_sign_on import single_sign_on

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = services.DATA_DIR

# EMBEDDED is the one switch between "one machine, demonstration data" and production. Demonstration
# accounts, the outbox page and the generated secret key exist only where it is true.
EMBEDDED = not env("DATABASE_URL", default="")
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="") or services.secret_key(embedded=EMBEDDED)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if EMBEDDED else []
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Where people reach the product: the start of every link in an e-mail.
SITE_URL = env("SITE_URL", default=f"http://localhost:{env('PORT', default='8000')}").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
    "import_export",
    "pgtrigger",
    "pghistory",
    "template_partials",
    "organisations",
    "commitments",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "workforce_tracker.history.RequestHistoryMiddleware",
    "organisations.middleware.ActingOrganisationMiddleware",
    "organisations.second_factor.SecondFactorMiddleware",
]

ROOT_URLCONF = "workforce_tracker.urls"
WSGI_APPLICATION = "workforce_tracker.wsgi.application"

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
                "workforce_tracker.pages.frame",
            ],
            "builtins": ["workforce_tracker.templatetags.words"],
        },
    }
]
FORM_RENDERER = "workforce_tracker.pages.FormRenderer"

DATABASES = {
    "default": {
        **(env.db("DATABASE_URL") if not EMBEDDED else services.database()),
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }
}
# A database machine that has gone silent is noticed in seconds (the second counts milliseconds).
DATABASES["default"].setdefault("OPTIONS", {}).update(connect_timeout=5, tcp_user_timeout=10_000)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-in limits and heartbeats are shared by every process, so the cache is the database's.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "workforce_tracker_cache",
    }
}

# --- history ------------------------------------------------------------------------------------
PGHISTORY_APPEND_ONLY = True  # the database refuses to change or delete what it noted

# --- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "organisations.User"
# auth.W004 looks for unique=True; the address is unique by a constraint that ignores capitals.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_ADAPTER = "organisations.accounts.AccountAdapter"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False  # a shared computer forgets when the browser closes
# A whole office signs in from one address, so the account is limited well before the address.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "300/m/ip,10/5m/key",
    "invitation": "60/m/ip",
    "join": "60/m/ip,3/h/key",
}
MFA_RATE_LIMITS = {"webauthn_login": "300/m/ip"}
# How many proxies of ours stand before the web: without it they all look like one address.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or second factor is told by e-mail
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
SESSION_COOKIE_AGE = env.int("SESSION_COOKIE_AGE", default=12 * 60 * 60)

# A second factor: codes of an app, passkeys and security keys, recovery codes. Whoever must have
# one (organisations/second_factor.py) can do nothing else before it is set up.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=not EMBEDDED)
MFA_ADAPTER = "organisations.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Workforce Tracker"
MFA_FORMS = {
    "authenticate": "organisations.people.factor_forms.SignInCodeForm",
    "reauthenticate": "organisations.people.factor_forms.ConfirmCodeForm",
    "activate_totp": "organisations.people.factor_forms.SetUpAppForm",
    "add_webauthn": "organisations.people.factor_forms.AddPasskeyForm",
}

# Single sign-on: one OpenID Connect provider, when there is one (docs/sign-in.md).
SOCIALACCOUNT_ADAPTER = "organisations.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
OIDC_SECOND_FACTOR = env.bool("OIDC_SECOND_FACTOR", default=False)
SOCIALACCOUNT_PROVIDERS = single_sign_on(
    provider_id=env("OIDC_PROVIDER_ID", default="sso"),
    name=env("OIDC_NAME", default="your organisation"),
    client_id=env("OIDC_CLIENT_ID", default=""),
    secret=env("OIDC_CLIENT_SECRET", default=""),
    server_url=env("OIDC_SERVER_URL", default=""),
    verified_domains=env.list("OIDC_VERIFIED_DOMAINS", default=[]),
)

# --- language and time --------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True
DATE_FORMAT = "j F Y"

# --- files --------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
# Uploaded workbooks and evidence: outside the web root, served only by views that ask who is
# asking.
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(DATA_DIR / "media"))()
# Evidence: the largest file, and the function that scans files (docs/evidence.md). Without one
# files say that they were not scanned.
EVIDENCE_MAX_MB = env.int("EVIDENCE_MAX_MB", default=20)
EVIDENCE_SCANNER = env("EVIDENCE_SCANNER", default="")
CLAMD_ADDRESS = env("CLAMD_ADDRESS", default="/run/clamav/clamd.ctl")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- mail ---------------------------------------------------------------------------------------
# In the embedded default mail is kept as files and shown at /outbox/; nothing leaves the machine.
OUTBOX_DIR = DATA_DIR / "outbox"
if env("EMAIL_URL", default=""):
    vars().update(env.email("EMAIL_URL"))
elif EMBEDDED:
    EMAIL_BACKEND = "commitments.reminders.outbox.EmailBackend"
EMAIL_TIMEOUT = 20
# GOV.UK Notify instead of SMTP, once it has a key. The template has "((subject))" and "((body))".
NOTIFY_API_KEY = env("NOTIFY_API_KEY", default="")
NOTIFY_TEMPLATE_ID = env("NOTIFY_TEMPLATE_ID", default="")
# With a token Notify may tell us what became of a message (docs/delivery.md).
NOTIFY_CALLBACK_TOKEN = env("NOTIFY_CALLBACK_TOKEN", default="")
NOTIFY_URL = env("NOTIFY_URL", default="https://api.notifications.service.gov.uk")
if NOTIFY_API_KEY:
    EMAIL_BACKEND = "commitments.reminders.delivery.notify.EmailBackend"
# A copy for trying things out: every message goes to this one address instead.
EMAIL_DIVERT_TO = env("EMAIL_DIVERT_TO", default="")
if EMAIL_DIVERT_TO:
    DIVERTED_BACKEND = vars().get("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    EMAIL_BACKEND = "commitments.reminders.delivery.diverting.EmailBackend"
# Whatever goes wrong, nobody gets more messages with reminders than this in one day.
REMINDERS_PER_PERSON_A_DAY = env.int("REMINDERS_PER_PERSON_A_DAY", default=5)
DEFAULT_FROM_EMAIL = env(
    "DEFAULT_FROM_EMAIL", default="Workforce Tracker <no-reply@workforce-tracker.example>"
)

# --- headers ------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: [] for feature in ("camera", "geolocation", "microphone", "payment", "usb")
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
if HTTPS := env.bool("HTTPS", default=not EMBEDDED):
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=365 * 24 * 60 * 60)
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]

# --- background work ----------------------------------------------------------------------------
CELERY_BROKER_URL = env("CELERY_BROKER_URL", default="") or services.broker_url()
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 15 * 60
# A worker serves all queues unless it is started with `-Q mail`, and so on: then a workbook of
# 50,000 rows does not hold up the mail. What is not listed here goes to "files".
CELERY_TASK_QUEUES = [
    # Each with a key of its own: with one that they share, each would get every task.
    Queue(name, Exchange(name), routing_key=name)
    for name in ("mail", "files", "reports")
]
CELERY_TASK_DEFAULT_QUEUE = "files"
CELERY_TASK_ROUTES = {
    "commitments.reminders.*": {"queue": "mail"},
    "commitments.uploads.*": {"queue": "files"},
    "commitments.evidence.*": {"queue": "files"},
    "commitments.insight.*": {"queue": "reports"},
}
CELERY_TIMEZONE = TIME_ZONE
# Redis gives a killed worker's task to another one after this long: just past the longest task.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": CELERY_TASK_TIME_LIMIT + 60, "socket_connect_timeout": 5}
    if CELERY_BROKER_URL.startswith("redis")
    else {}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
