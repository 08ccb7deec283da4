"""Django settings, read from the environment and `.env` by typed readers that refuse invalid values."""

import datetime as dt
import gc
import os
from pathlib import Path

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv

from moments.devserver.generated_secrets import chosen_keys, token_keys
from moments.devserver.redis_urls import broker_url, is_open_to_others
from moments.devserver.running import running_servers
from moments.environment import env_between, env_days, env_flag, env_list, env_number, env_text
from moments.installation.demo_mode import is_loopback_url, why_not_demo
from moments.integrations import identity_providers
from moments.security.log_redaction import LOGGING  # noqa: F401 - Django reads it here
from moments.web import hosts

gc.disable()  # until the apps are loaded (moments.apps); makes the start 20 % faster

BASE_DIR = Path(__file__).resolve().parent.parent
load_dotenv(os.environ.get("MOMENTS_ENV_FILE") or BASE_DIR / ".env")

# Host and processes
DATA_DIR = Path(env_text("MOMENTS_DATA_DIR", str(BASE_DIR / "var"))).resolve()
SERVERS = running_servers(DATA_DIR)  # published by `make run` for manually run commands
DEBUG = env_flag("MOMENTS_DEBUG")
HOST = env_text("HOST", "localhost")
PORT = env_number("PORT", 8000)
WEB_THREADS = max(env_number("MOMENTS_WEB_THREADS", 4), 1)  # for API calls, and the same number for pages
BASE_URL = env_text("MOMENTS_BASE_URL", SERVERS.get("MOMENTS_BASE_URL", f"http://localhost:{PORT}")).rstrip("/")
DEMO = env_flag("MOMENTS_DEMO", SERVERS.get("MOMENTS_DEMO") == "1" and is_loopback_url(BASE_URL))
IS_HTTPS = BASE_URL.startswith("https://")
IS_LIVE = not (DEMO or DEBUG)

# Secrets: both from the environment, else from the data folder, else development keys
KEYS = chosen_keys(DATA_DIR, os.environ)
DEVELOPMENT_KEY = "insecure-for-development-only-insecure-for-development-only"
SECRET_KEY = KEYS.get("MOMENTS_SECRET_KEY", DEVELOPMENT_KEY)
SECRET_KEY_FALLBACKS = env_list("MOMENTS_SECRET_KEY_FALLBACKS")  # for decryption and verification only
TOKEN_KEYS = token_keys(KEYS.get("MOMENTS_TOKEN_KEYS", f"1:{DEVELOPMENT_KEY}"))

# Allowed hosts and proxies
ANY_PORT_ON_LOOPBACK = DEMO or hosts.is_loopback(BASE_URL)
HOSTS = hosts.exact_hosts(BASE_URL, env_list("MOMENTS_ALLOWED_HOSTS"))  # with ports, which moments.web.hosts checks
ALLOWED_HOSTS = hosts.names(HOSTS, and_loopback=ANY_PORT_ON_LOOPBACK)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
TRUSTED_PROXIES = env_list("TRUSTED_PROXIES")
API_RATE = env_text("MOMENTS_API_RATE", "5/s")

INSTALLED_APPS = [
    "moments",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "crispy_forms",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.amazon",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "axes",
    "accounts",
    "catalog",
    "outbox",
    "campaigns",
    "rewards",
    "redemption",
    "api",
    "console",
    "operations",
]

MIDDLEWARE = [
    "moments.web.middleware.request_id_and_api_fast_path",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "moments.i18n.languages.language_middleware",
    "accounts.time_zones.time_zone_middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.sign_in.sessions.SessionLifetimeMiddleware",
    "accounts.sign_in.recent_authentication.RecentAuthenticationMiddleware",
    "accounts.sign_in.second_factor.OperatorSecondFactorMiddleware",
    "accounts.privacy.erased_user_middleware.ErasedUserMiddleware",
    "axes.middleware.AxesMiddleware",
    "moments.web.admin_filters.InvalidFilterMiddleware",
    "moments.web.middleware.pages_for_refused_methods",
]

ROOT_URLCONF = "moments.urls"
CSRF_FAILURE_VIEW = "moments.web.views.csrf_failure"
WSGI_APPLICATION = "moments.wsgi.application"

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
                "moments.web.context.installation",
                "accounts.time_zones.reader_zone_context",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "crispy_forms.templatetags.crispy_forms_filters",
                "moments.templatetags.moments",
            ],
        },
    }
]

# Database
DATABASE_URL = env_text("DATABASE_URL", SERVERS.get("DATABASE_URL", "postgres://localhost/moments"))
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, "moments.db", 600, conn_health_checks=True)}
DATABASE_OWNER_URL = env_text("DATABASE_OWNER_URL", SERVERS.get("DATABASE_OWNER_URL", ""))  # for migrations and grants
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Django's cache is in PostgreSQL too: counts of failed sign-ins must survive an outage of Redis
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "moments_cache"}}

# Redis: the workers' queue and the API's rate limit. Data that must not be lost is in PostgreSQL.
REDIS_URL = env_text("REDIS_URL", SERVERS.get("REDIS_URL", "redis://localhost:6379/0"))

# Background tasks
CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
VISIBILITY_TIMEOUT = 600  # seconds until the message of a dead worker is delivered again
CELERY_VISIBILITY_TIMEOUT = VISIBILITY_TIMEOUT
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": VISIBILITY_TIMEOUT}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": VISIBILITY_TIMEOUT,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 0.25,
    "max_retries": 0,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_CONSUMER = "moments.consumer:Consumer"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# Who
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "accounts.sign_in.passwords.DecoratedCommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:after_sign_in"
ACCOUNT_ADAPTER = "accounts.sign_in.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "accounts.sign_in.forms.SignInForm",
    "signup": "accounts.sign_in.forms.SignUpForm",
    "reset_password": "accounts.sign_in.forms.ForgottenForm",
}
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.sign_in.basic_forms.NameForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "accounts.models.display_name"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    "signup": "40/m/ip",
    "login": "60/m/ip",
    "login_failed": "10/m/ip,10/15m/key,50/d/key",  # key: an account from all addresses; django-axes counts per address
    "ask_link": "30/m/ip",
    "mail_link": "3/h/key,10/d/key",  # per address; further requests get the same response but no email
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600  # seconds before sensitive changes require another sign-in
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "accounts.sign_in.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "add_webauthn": "accounts.sign_in.passkeys.PasskeyForm",
    "edit_webauthn": "accounts.sign_in.passkeys.PasskeyNameForm",
    "authenticate_webauthn": "accounts.sign_in.passkeys.PasskeyAuthenticateForm",
    "reauthenticate_webauthn": "accounts.sign_in.passkeys.PasskeyReauthenticateForm",
    "login_webauthn": "accounts.sign_in.passkeys.PasskeyLoginForm",
}
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
MFA_TOTP_ISSUER = "Moments"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_LIVE  # http://localhost has no certificate
# Operators and console users need a second factor, except in the demo.
SECOND_FACTOR_REQUIRED = env_flag("MOMENTS_SECOND_FACTOR", IS_LIVE)
SOCIALACCOUNT_ADAPTER = "accounts.sign_in.provider_views.SocialAdapter"
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_PROVIDERS: dict[str, dict] = {}  # external sign-in; unconfigured providers have no button
if issuer := env_text("MOMENTS_OIDC_ISSUER"):
    SOCIALACCOUNT_PROVIDERS |= identity_providers.openid_connect(
        issuer,
        client_id=env_text("MOMENTS_OIDC_CLIENT_ID"),
        secret=env_text("MOMENTS_OIDC_SECRET"),
        name=env_text("MOMENTS_OIDC_NAME"),
    )
if amazon_id := env_text("MOMENTS_AMAZON_CLIENT_ID"):
    SOCIALACCOUNT_PROVIDERS |= identity_providers.amazon(amazon_id, secret=env_text("MOMENTS_AMAZON_SECRET"))
AXES_HANDLER = "accounts.sign_in.password_delay.ProgressiveDelayHandler"
AXES_FAILURE_LIMIT = 5  # failures before the delay begins
AXES_COOLOFF_TIME = dt.timedelta(days=1)  # how long failures count
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "accounts.sign_in.sign_in_log.normalized_login"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "moments.web.client_addresses.address_or_zeros"

# Email: the outbox's worker sends it to SMTP_URL; the demo shows it on the mailbox page
EMAIL_BACKEND = "outbox.emails.backend.OutboxBackend"
SMTP_URL = env_text("SMTP_URL", SERVERS.get("SMTP_URL", ""))
DEFAULT_FROM_EMAIL = env_text("MOMENTS_MAIL_FROM", "Moments <moments@localhost>")
OPERATOR_EMAIL = env_text("MOMENTS_OPERATOR_EMAIL", "operators@localhost")
BOUNCE_ADDRESS = env_text("MOMENTS_BOUNCE_ADDRESS")  # return address for bounces
BOUNCE_TOKEN = env_text("MOMENTS_BOUNCE_TOKEN")
POSTAL_ADDRESS = env_text("MOMENTS_POSTAL_ADDRESS")  # in the footer of every email
MONITOR_TOKEN = env_text("MOMENTS_MONITOR_TOKEN", "")

# Webhooks
# Endpoints on this machine, for tests and development
WEBHOOK_LOOPBACK = env_flag("MOMENTS_WEBHOOK_LOOPBACK", SERVERS.get("MOMENTS_WEBHOOK_LOOPBACK") == "1")

# Retention of personal data, in days
KEEP_DAYS = {
    "addresses": env_days("MOMENTS_KEEP_ADDRESSES_DAYS", 180),
    "mails": env_days("MOMENTS_KEEP_MAILS_DAYS", 90),
    "sign_ins": env_days("MOMENTS_KEEP_SIGN_INS_DAYS", 90),
    "unconfirmed": env_days("MOMENTS_KEEP_UNCONFIRMED_DAYS", 30),
    "unused_pictures": env_days("MOMENTS_KEEP_UNUSED_PICTURES_DAYS", 7),
}

# Card payments. If empty, operators arrange the billing of organizations.
STRIPE_SECRET_KEY = env_text("STRIPE_SECRET_KEY")
STRIPE_PUBLISHABLE_KEY = env_text("STRIPE_PUBLISHABLE_KEY")
STRIPE_API_BASE = env_text("STRIPE_API_BASE", "https://api.stripe.com").rstrip("/")
STRIPE_JS = env_text("STRIPE_JS", "https://js.stripe.com/v3/")

# Providers of digital items: keys, and the Tremendous products that recipients can choose from
TREMENDOUS_API_KEY = env_text("TREMENDOUS_API_KEY")
TREMENDOUS_BASE_URL = env_text("TREMENDOUS_BASE_URL", "https://testflight.tremendous.com").rstrip("/")
TREMENDOUS_FUNDING_SOURCE = env_text("TREMENDOUS_FUNDING_SOURCE", "BALANCE")
TREMENDOUS_PRODUCTS = env_list("TREMENDOUS_PRODUCTS")
AMAZON_GIFT_CODES_URL = env_text("AMAZON_GIFT_CODES_URL", "https://agcod-v2-gamma.amazon.com").rstrip("/")
AMAZON_REGION = env_text("AMAZON_REGION", "us-east-1")
AMAZON_PARTNER_ID = env_text("AMAZON_PARTNER_ID")
AMAZON_ACCESS_KEY = env_text("AMAZON_ACCESS_KEY")
AMAZON_SECRET_KEY = env_text("AMAZON_SECRET_KEY")
PROVIDER_SECONDS = 15.0  # for a complete response

# Internationalization
LANGUAGE_CODE = "en"
LANGUAGES = [  # of customers' pages and emails; console and admin are in English
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("it", "Italiano"),
    ("pt-br", "Português (Brasil)"),
    ("hi", "हिन्दी"),
    ("ja", "日本語"),
    ("zh-hans", "简体中文"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# Files
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
PICTURE_QUOTA = {  # per organization: banners, designs and pictures of its own products
    "pictures": env_between("MOMENTS_ORGANIZATION_PICTURES", 500, 1_000_000, "pictures"),
    "megabytes": env_between("MOMENTS_ORGANIZATION_PICTURES_MB", 1000, 1_000_000, "MB"),
}

# Forms
CRISPY_ALLOWED_TEMPLATE_PACKS = ["moments"]
CRISPY_TEMPLATE_PACK = "moments"

# Content security policy: pages load only from this site
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "frame-src": [SELF],
        "connect-src": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb")
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_LIMITS = {  # seconds: (maximum idle time, maximum duration)
    "console": (
        60 * env_between("MOMENTS_CONSOLE_IDLE_MINUTES", 30, 1440, "minutes"),
        3600 * env_between("MOMENTS_CONSOLE_SESSION_HOURS", 12, 720, "hours"),
    ),
    "customers": (
        86_400 * env_between("MOMENTS_CUSTOMER_IDLE_DAYS", 14, 365, "days"),
        86_400 * env_between("MOMENTS_CUSTOMER_SESSION_DAYS", 30, 365, "days"),
    ),
}
SESSION_COOKIE_AGE = max(longest for _idle, longest in SESSION_LIMITS.values())
if IS_HTTPS:
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env_flag("MOMENTS_HSTS_SUBDOMAINS", True)
    SECURE_HSTS_PRELOAD = SECURE_HSTS_INCLUDE_SUBDOMAINS and env_flag("MOMENTS_HSTS_PRELOAD", True)
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # both can be off on purpose
    SECURE_SSL_REDIRECT = True  # for pages; the API refuses plain HTTP earlier
    SECURE_SSL_HOST = hosts.netloc(BASE_URL)  # with BASE_URL's port, not that of the plain request
    # middleware removes this header unless a trusted proxy sent it
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"

if BOUNCE_ADDRESS and not all(BOUNCE_ADDRESS.partition("@")):
    raise ImproperlyConfigured(f"MOMENTS_BOUNCE_ADDRESS is {BOUNCE_ADDRESS!r}; it takes an address of mail.")
if DEMO and (why := why_not_demo(BASE_URL, HOST)):
    raise ImproperlyConfigured(why)
if IS_HTTPS and DEVELOPMENT_KEY in {SECRET_KEY, *SECRET_KEY_FALLBACKS, *TOKEN_KEYS.values()}:
    raise ImproperlyConfigured("Set MOMENTS_SECRET_KEY and MOMENTS_TOKEN_KEYS before going live.")
if IS_HTTPS and DEBUG:
    raise ImproperlyConfigured("MOMENTS_DEBUG shows code and settings to everybody; leave it off where HTTPS is on.")
if IS_HTTPS and WEBHOOK_LOOPBACK:
    raise ImproperlyConfigured("MOMENTS_WEBHOOK_LOOPBACK lets members call servers of this machine; leave it off.")
if IS_HTTPS and is_open_to_others(REDIS_URL):
    raise ImproperlyConfigured("REDIS_URL names another machine and no password; anybody there could give us work.")
