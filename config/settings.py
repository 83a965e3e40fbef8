"""Django's settings: computed from the environment and the policy, and nothing typed twice.

The issuer's path is a prefix of the URL configuration and of STATIC_URL (FORCE_SCRIPT_NAME would
need whoever calls us to strip it, and the test client never does). So a front server passes paths
through unchanged; one that moves the prefix into SCRIPT_NAME is undone in `config.wsgi`. Cookies
keep the path `/`, which their `__Host-` prefix demands.
"""

import base64
import sys

import django

from config import api_docs, database, environment, logs, mail_url, policy, roots
from config.faults import EXIT_STATUS, MisconfiguredError

try:
    _here = environment.current()
except MisconfiguredError as error:
    sys.stderr.write(error.report())
    sys.exit(EXIT_STATUS)
_permits = policy.current()


def _secret(root: roots.RootKey) -> str:
    return base64.b64encode(roots.hkdf(root, b"django secret key", length=64)).decode()


DEBUG = False  # its pages show settings and variables; our own pages and logs say what is needed
SECRET_KEY = _secret(_here.root_keys[0])
SECRET_KEY_FALLBACKS = [_secret(root) for root in _here.root_keys[1:]]
ALLOWED_HOSTS = ["*"]  # `config.middleware.canonical` is stricter, and says what to change
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "config",
    "tokens",
    "accounts",
    "authserver",
    "allauth",
    "allauth.account",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "accounts.apps.Administration",
    "django.contrib.staticfiles",
    *(["drf_spectacular_sidecar"] if api_docs.is_offered() else []),  # nothing but static files
]

MIDDLEWARE = [
    "config.middleware.machine_paths",  # first: what it answers, nothing below has touched
    "config.middleware.named",
    "config.middleware.security_headers",
    "accounts.pages.language.presumed",
    "config.middleware.canonical",
    "whitenoise.middleware.WhiteNoiseMiddleware",  # what is refused below looks like our pages
    "config.middleware.well_formed",
    "accounts.turns.taken",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "authserver.browser_state.shown",
    "accounts.remembered.kept",
    "accounts.trusted_browsers.kept",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.pages.language.spoken",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.attempts.counted",
    "django.contrib.messages.middleware.MessageMiddleware",
]

SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # the address is unique in its normalised column, which the backend looks up
    "security.W001",  # SecurityMiddleware: `config.middleware.security_headers` sends its headers
    "security.W002",  # XFrameOptionsMiddleware: likewise
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Data

DATABASES = {"default": database.entry(_here.database_url, _here.pool)}

CACHES = {
    "default": (
        {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": _here.redis_url,
            "KEY_PREFIX": "authserver",
            "OPTIONS": {
                "SOCKET_CONNECT_TIMEOUT": 1,
                "SOCKET_TIMEOUT": 1,
                # Not the default, pickle: who can write to Redis must not run code here.
                "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            },
        }
        if _here.redis_url
        else {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        }
    )
}

# Requests

DATA_UPLOAD_MAX_MEMORY_SIZE = _permits.requests.max_body

# Cookies

_prefix = "__Host-" if _here.is_secure else ""
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_NAME = f"{_prefix}as_session"
SESSION_COOKIE_AGE = int(_permits.lifetimes.session.total_seconds())
SESSION_COOKIE_SECURE = _here.is_secure
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{_prefix}as_csrf"
CSRF_COOKIE_SECURE = _here.is_secure
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no third cookie

# People

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "accounts.hashers.Argon2id",  # the first one hashes; the others are for imported people
    "accounts.hashers.Pbkdf2",
    "accounts.hashers.Pbkdf2Sha1",
    "accounts.hashers.BcryptSha256",
    "accounts.hashers.Bcrypt",
    "accounts.hashers.Pbkdf2Phc",
    "accounts.hashers.Scrypt",
]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "accounts.passwords.Rules"}]
CSRF_FAILURE_VIEW = "accounts.pages.csrf.failure"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_CHANGE_EMAIL = True  # one address a person, replaced once the new one is proven
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _here.is_secure else "http"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True  # `accounts.mailing` hears of them, and writes to nobody
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_FORMS = {
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "confirm_email_verification_code": "accounts.forms.EmailCodeForm",
    "confirm_login_code": "accounts.forms.SignInCodeForm",
    "confirm_password_reset_code": "accounts.forms.ResetCodeForm",
    "login": "accounts.forms.LoginForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "request_login_code": "accounts.forms.AskForCodeForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "signup": "accounts.forms.SignupForm",
}
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # the code and the new password are proof; `next` goes on
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = False  # `accounts.attempts` counts, exactly, and by the policy
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before the e-mail address changes
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None

# The API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.Bearer",
        "accounts.api.authentication.ApiKey",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.permissions.Nobody"],  # a view says who may
    "DEFAULT_PARSER_CLASSES": ["accounts.api.reading.Json"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "accounts.api.reading.OnlyJson",
    "EXCEPTION_HANDLER": "accounts.api.problems.handler",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_SCHEMA_CLASS": "accounts.api.described.Described",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "authserver",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "accounts.api.schema.finished",
        "authserver.openapi.described",  # the protocol's endpoints, which are above accounts
    ],
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATION_PARAMETERS": False,
}

# Mail

if django.VERSION >= (6, 1):
    MAILERS = {"default": mail_url.mailer(_here.email_url, is_production=_here.is_production)}
else:
    _mailer = mail_url.mailer(_here.email_url, is_production=_here.is_production)
    EMAIL_BACKEND = _mailer["BACKEND"]
    EMAIL_HOST = _mailer["OPTIONS"].get("host", "")
    EMAIL_PORT = _mailer["OPTIONS"].get("port", 0)
    EMAIL_HOST_USER = _mailer["OPTIONS"].get("username", "")
    EMAIL_HOST_PASSWORD = _mailer["OPTIONS"].get("password", "")
    EMAIL_USE_TLS = _mailer["OPTIONS"].get("use_tls", False)
    EMAIL_USE_SSL = _mailer["OPTIONS"].get("use_ssl", False)
    EMAIL_TIMEOUT = _mailer["OPTIONS"].get("timeout")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _here.email_from

# Static files, words and logs

STATIC_URL = f"{_here.issuer_path}/static/"
WHITENOISE_USE_FINDERS = True  # nothing to collect: the files are served from their packages
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MAX_AGE = 3600
LANGUAGE_CODE = "en"
LANGUAGES = [  # those of `accounts.languages.COMPLETE`, as they call themselves
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("ja", "日本語"),
    ("ar", "العربية"),
]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
LOGGING = logs.configuration(_here)
