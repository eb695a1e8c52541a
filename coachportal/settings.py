"""The portal's settings. Every value comes from the environment; the defaults run on a laptop.

Each variable is explained in .env.example.
"""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from coachportal.env import env, secure_address
from coachportal.logs import configure_logs
from door.place import redis_socket, secret

BASE = Path(__file__).resolve().parent.parent
VAR = Path(env.str("VAR", str(BASE / "var"))).resolve()
VAR.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "") or secret(VAR / "secret_key")
# Who brings it may read /metrics; without one there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
# Seal the providers' keys in the database; the first seals, all open.
FIELD_KEYS = env.list("FIELD_KEYS", []) or [secret(VAR / "field_key")]
PORT = env.int("PORT", 8000)
PUBLIC_URL = env.str("PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
PUBLIC_IS_HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# ── who measures ────────────────────────────────────────────────────────────────────────────────────────────────────
# The built-in engine is the default; the real Ochy is one setting away: the key.
ENGINE_PORT = env.int("ENGINE_PORT", 8090)
ENGINE_URL = env.str("ENGINE_URL", f"http://127.0.0.1:{ENGINE_PORT}")
ENGINE_KEY = env.str("ENGINE_KEY", "") or secret(VAR / "engine_key")
OCHY_URL = env.str("OCHY_URL", "https://partner-api.ochy-prod.com")
OCHY_KEY = env.str("OCHY_KEY", "")
ANALYSIS_STALLED_AFTER_S = env.int("ANALYSIS_STALLED_AFTER_S", 30 * 60)

# From the ground up: each knows only those before it.
ROOMS = ["accounts", "subjects", "credits", "clips", "analyses", "reports", "privacy", "api", "coachportal"]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_rq",
    "django_structlog",
    *ROOMS,
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "analyses.webhooks.CallsFirst",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.WallMiddleware",
    "accounts.middleware.MannerMiddleware",
    "accounts.middleware.RequestLog",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "accounts.middleware.WholePageMiddleware",
]
ROOT_URLCONF = "coachportal.urls"
WSGI_APPLICATION = "coachportal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "coachportal.context.shell",
            ],
            "builtins": ["coachportal.templatetags.writing"],
        },
    }
]

# ── database ────────────────────────────────────────────────────────────────────────────────────────────────────────
DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR / 'portal.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL alone still fails one write in seven under load: a read that turns into a write ignores the time-out.
    # IMMEDIATE takes the write lock at the start, so that writers queue instead.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;",
    }
    # A file, not memory: the browser tests' server thread needs the same database.
    DATABASES["default"]["TEST"] = {"NAME": VAR / "test.sqlite3"}
else:
    # Kept for as long as they work: connections that begin together would end together, and all calls of that moment
    # would wait a quarter of a second for new ones.
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # The server gets a statement without its values and from the sixth time on keeps its plan, which takes longer to
    # make than to carry out. A pooler in between must know of it (PgBouncer does from 1.21 on).
    DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── queue ───────────────────────────────────────────────────────────────────────────────────────────────────────────
REDIS_URL = env.str("REDIS_URL", "") or f"unix://{redis_socket(VAR)}?db=0"
_QUEUE = {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 600, "SERIALIZER": "rq.serializers.JSONSerializer"}
# `analyses` talks to providers and must stay quick; `films` encodes.
RQ_QUEUES = {"analyses": _QUEUE, "films": _QUEUE}
RQ = {"WORKER_CLASS": "coachportal.rqworker.PortalWorker"}
# Counts of tries, shared by all processes. A Redis that hangs must not hold up a sign-in.
CACHES = {
    "default": {
        "BACKEND": "coachportal.cache.RedisOrMemory",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portal",
        "OPTIONS": {"socket_timeout": 1},
    }
}

# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────
S3_BUCKET = env.str("S3_BUCKET", "")
S3_ENDPOINT_URL = env.str("S3_ENDPOINT_URL", "")
if S3_BUCKET:
    # The library would wait five minutes for a bucket that hangs, and hold up one thread of the web after the other.
    from botocore.config import Config

    _FILES = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_ENDPOINT_URL or None,
            "access_key": env.str("S3_ACCESS_KEY", ""),
            "secret_key": env.str("S3_SECRET_KEY", ""),
            "region_name": env.str("S3_REGION", "us-east-1"),
            "client_config": Config(
                s3={"addressing_style": "path"},
                signature_version="s3v4",
                connect_timeout=5,
                read_timeout=20,
                retries={"total_max_attempts": 2},
            ),
            "querystring_auth": True,
            "querystring_expire": 3600,
            # The library's default keeps a whole film in memory.
            "max_memory_size": 1024 * 1024,
        },
    }
else:
    _FILES = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR / "media"}}
# Where the browser reaches the same bucket, when that is another address than the servers use.
S3_PUBLIC_URL = env.str("S3_PUBLIC_URL", "")
STORAGES = {
    "default": _FILES,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "coachportal.static.NamedByContent"
    },
}
FILM_LINK_LIFETIME_S = 3600
# Called when a backup has been restored and compared: what must not come back with it goes again.
AFTER_RESTORE = ["privacy.actions.forget_again"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = VAR / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE / "static", ("vendor/uplot", BASE / "node_modules" / "uplot" / "dist")]
WHITENOISE_MAX_AGE = 3600

# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
SHORTEST_PASSWORD = 10
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": SHORTEST_PASSWORD},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "accounts.adapter.InvitedOnly"
ACCOUNT_FORMS = {
    "login": "accounts.sign_in_forms.SignIn",
    "change_password": "accounts.sign_in_forms.ChangePassword",
    "set_password": "accounts.sign_in_forms.SetPassword",
    "reset_password": "accounts.sign_in_forms.ResetPassword",
    "reset_password_from_key": "accounts.sign_in_forms.ResetPasswordKey",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an admin makes the account; nobody signs up alone
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to strangers, who could not sign up anyway
ACCOUNT_EMAIL_NOTIFICATIONS = True  # whoever holds an account hears of every change of how one signs in to it
ACCOUNT_SESSION_REMEMBER = True
# Sign-in: ten failures a minute from one address, five in five minutes for one e-mail address (allauth's own, by name
# so that an upgrade cannot loosen them). Somebody else's failures can thus lock a person out, for five minutes at most.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/300s/key", "reset_password": "20/m/ip,5/m/key"}
# How many proxies of ours stand in front: the address a limit counts by is the one the outermost of them saw.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", 0)
UPLOADS_AN_HOUR = env.int("UPLOADS_AN_HOUR", 400)
API_CALLS_A_MINUTE = env.int("API_CALLS_A_MINUTE", 600)
# Called with every step of an analysis, inside the transaction that takes it.
AFTER_MOVE = ["api.actions.note_move"]
# The same with every runner who is erased.
AFTER_ERASING = ["api.actions.note_erased"]
# Whether organisations may have addresses of this house's own network called; calls are listed for so many days.
WEBHOOKS_IN_HOUSE = env.bool("WEBHOOKS_IN_HOUSE", False)
WEBHOOK_LOG_DAYS = env.int("WEBHOOK_LOG_DAYS", 30)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an invitation reached it, or an admin knows whose it is
MFA_TOTP_ISSUER = "Coachportal"
# Passkeys need TLS; a browser makes an exception for localhost alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PUBLIC_IS_HTTPS
# Single sign-on: the organisation's own service says who somebody is; who may come in is decided here (adapter.py).
OIDC_URL = secure_address("OIDC_URL", env.str("OIDC_URL", ""))
OIDC_NAME = env.str("OIDC_NAME", "OpenID Connect")
_OIDC = {
    "provider_id": "sso",
    "name": OIDC_NAME,
    "client_id": env.str("OIDC_CLIENT_ID", ""),
    "secret": env.str("OIDC_CLIENT_SECRET", ""),
    "settings": {"server_url": OIDC_URL, "oauth_pkce_enabled": True},
}
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [_OIDC] if OIDC_URL else []}}
SOCIALACCOUNT_ADAPTER = "accounts.adapter.KnownPeopleOnly"
# A link, not a form: the policy below lets no form lead to another host. It signs in nobody but who is asking.
SOCIALACCOUNT_LOGIN_ON_GET = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
EMAIL_BACKEND = env.str("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10  # seconds: a mail server that hangs must not hold up a page
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Coachportal <portal@localhost>")

# ── language and time ───────────────────────────────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("fr", _("French")),
    ("de", _("German")),
    ("zh-hans", _("Chinese")),
    ("ko", _("Korean")),
    ("pt", _("Portuguese")),
    ("es", _("Spanish")),
    ("it", _("Italian")),
    ("ja", _("Japanese")),
]
LOCALE_PATHS = [BASE / "locale"]
FORMAT_MODULE_PATH = ["coachportal.formats"]
TIME_ZONE = env.str("TIME_ZONE", "UTC")

# ── safety ──────────────────────────────────────────────────────────────────────────────────────────────────────────
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_SSL_REDIRECT = PUBLIC_IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked by neighbours, past the proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PUBLIC_IS_HTTPS else None
SECURE_HSTS_SECONDS = 31536000 if PUBLIC_IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PUBLIC_IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_FILM_HOSTS = [host for host in (S3_PUBLIC_URL, S3_ENDPOINT_URL) if host]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", *_FILM_HOSTS],
        "media-src": ["'self'", "blob:", *_FILM_HOSTS],
        "connect-src": ["'self'", *_FILM_HOSTS],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# ── logs ────────────────────────────────────────────────────────────────────────────────────────────────────────────
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
LOGGING = configure_logs(level=LOG_LEVEL, as_json=env.bool("LOG_JSON", not DEBUG))
