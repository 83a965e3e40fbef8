"""The forms that people fill in, on allauth's: our labels, and what browsers may remember."""

from typing import Any

from allauth.account import forms as allauth
from allauth.account.adapter import get_adapter
from allauth.core import context
from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts import email_addresses, guesses, mailed_proofs, offers, passwords, people, profile
from accounts.models import User, email_key


def _word(form: forms.Form, name: str, label: Any, **attributes: str) -> None:
    """Give a field of allauth's our label; a placeholder is no label."""
    if name in form.fields:
        form.fields[name].label = label
        form.fields[name].widget.attrs.pop("placeholder", None)
        form.fields[name].widget.attrs |= attributes


def _new_address(form: forms.Form, label: Any, **attributes: str) -> None:
    """Judge an address as it was typed: allauth lowers it first, and a Kelvin sign becomes a k."""
    _word(form, "email", label, **attributes)
    form.fields["email"].validators.append(email_addresses.validate)


def _new_password(form: forms.Form, name: str, label: Any) -> None:
    _word(form, name, label, autocomplete="new-password")
    form.fields[name].help_text = passwords.Rules().get_help_text()


class LoginForm(allauth.LoginForm):  # type: ignore[misc]
    """Sign in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = self.request.GET.get("login_hint", "") if self.request else ""
        _word(self, "login", _("E-mail address"), autocomplete="username webauthn")
        _word(self, "password", _("Password"), autocomplete="current-password")
        self.fields["login"].initial = hint[:254]
        self.fields["password"].help_text = ""
        if not self.is_bound:
            self.fields["password" if hint else "login"].widget.attrs["autofocus"] = True

    def clean_login(self) -> str:
        """Look people up by the key that their address is unique by."""
        return email_key(super().clean_login())

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """Sign in."""
        offers.hear(request)
        return super().login(request, redirect_url=redirect_url)  # type: ignore[no-any-return]


class SignupForm(allauth.SignupForm):  # type: ignore[misc]
    """Create an account."""

    name = forms.CharField(
        label=_("Name"), max_length=200, required=False, validators=[profile.validate_text]
    )
    field_order = ("name", "email", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "name", _("Name"), autocomplete="name")
        _new_address(self, _("E-mail address"), autocomplete="username")
        _new_password(self, "password1", _("Password"))

    account_already_exists: bool

    resting = ""
    """The password's hash."""

    def try_save(self, request: HttpRequest) -> tuple[Any, Any]:
        """Save, and take as long when the address is already somebody's."""
        offers.hear(request)
        raw = self.cleaned_data.pop("password1")
        self.resting = make_password(passwords.normalised(raw))  # what is slow holds no lock
        try:
            with transaction.atomic():
                return super().try_save(request)  # type: ignore[no-any-return]
        except IntegrityError:  # the same address signed up in another tab at this moment
            self.account_already_exists = True
            return super().try_save(request)  # type: ignore[no-any-return]


class ReauthenticateForm(allauth.ReauthenticateForm):  # type: ignore[misc]
    """Prove yourself again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "password", _("Password"), autocomplete="current-password", autofocus="")
        self.fields["password"].help_text = ""


class ResetPasswordForm(allauth.ResetPasswordForm):  # type: ignore[misc]
    """Ask for a code to choose a new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "email", _("E-mail address"), autocomplete="username")

    def clean_email(self) -> str:
        """Write to the address that rests, never to a look-alike that was typed."""
        typed = email_key(super().clean_email())
        owner = people.find_by_email(typed)
        self.users = [owner] if owner and owner.is_active else []
        return typed


class AskForCodeForm(allauth.RequestLoginCodeForm):  # type: ignore[misc]
    """Ask for a code to sign in with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = context.request.GET.get("login_hint", "")
        _word(self, "email", _("E-mail address"), autocomplete="username", autofocus="")
        self.fields["email"].initial = hint[:254]

    def clean_email(self) -> str:
        """Find whoever has proven this address.

        Whoever has not could have typed anybody's, with a password of theirs: the mailbox's owner
        must not be the one to open that account.
        """
        typed = email_key(super().clean_email())
        owner = people.find_by_email(typed)
        self._user = owner if owner and owner.is_active and owner.email_verified else None
        return typed


class NewPasswordForm(allauth.ResetPasswordKeyForm):  # type: ignore[misc]
    """Choose a new password after a code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _new_password(self, "password1", _("New password"))
        _word(self, "password2", _("New password, once more"), autocomplete="new-password")


class ChangePasswordForm(allauth.ChangePasswordForm):  # type: ignore[misc]
    """Change your password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "oldpassword", _("Current password"), autocomplete="current-password")
        self.fields["oldpassword"].help_text = ""
        _new_password(self, "password1", _("New password"))
        _word(self, "password2", _("New password, once more"), autocomplete="new-password")

    def clean_oldpassword(self) -> str:
        """Count a guess at it with those of the sign-in page."""
        key = email_key(self.user.email)
        with guesses.reserve(context.request, key, guesses.PASSWORD) as guess:
            old: str = super().clean_oldpassword()
            guess.was_right()
        return old


class SetPasswordForm(allauth.SetPasswordForm):  # type: ignore[misc]
    """Set a first password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _new_password(self, "password1", _("Password"))
        _word(self, "password2", _("Password, once more"), autocomplete="new-password")


class AddEmailForm(allauth.AddEmailForm):  # type: ignore[misc]
    """Change your e-mail address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _new_address(self, _("New e-mail address"), autocomplete="email")


class _CodeForm:
    """Type the code that was sent. What is expected is the secret of its row, not the code."""

    expected_code: str | None
    cleaned_data: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        form: Any = self
        _word(form, "code", _("Code"), autocomplete="one-time-code", autofocus="")

    def clean_code(self) -> str:
        """Count a try, then look."""
        typed = self.cleaned_data["code"]
        secret = mailed_proofs.secret_of(context.request, self.expected_code or "")
        is_right = self.is_right(secret, typed)
        self.cleaned_data["code"] = self.expected_code = "right" if is_right else ""
        code: str = super().clean_code()  # type: ignore[misc]  # what else there is to say
        return code

    def is_right(self, secret: str, typed: str) -> bool:
        """Tell whether this is the code, and spend it."""
        raise NotImplementedError


class EmailCodeForm(_CodeForm, allauth.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    """Type the code that proves an e-mail address."""

    def is_right(self, secret: str, typed: str) -> bool:
        """Tell whether this is the code, and spend it."""
        return mailed_proofs.take_by_code(mailed_proofs.VERIFY, secret, typed) is not None


class ResetCodeForm(_CodeForm, allauth.ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    """Type the code that opens the choice of a new password."""

    def is_right(self, secret: str, typed: str) -> bool:
        """Tell whether this is the code; it is spent with the new password."""
        return mailed_proofs.try_code(mailed_proofs.RESET, secret, typed)


class SignInCodeForm(_CodeForm, allauth.ConfirmLoginCodeForm):  # type: ignore[misc]
    """Type the code that signs in."""

    def is_right(self, secret: str, typed: str) -> bool:
        """Tell whether this is the code, and spend it."""
        return mailed_proofs.take_by_code(mailed_proofs.SIGN_IN, secret, typed) is not None


class SetupForm(forms.Form):
    """Create the first administrator, or let a named one back in."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        validators=[email_addresses.validate],
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        required=False,
        validators=[profile.validate_text],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["password"].help_text = passwords.Rules().get_help_text()
        if person is not None:
            del self.fields["email"], self.fields["name"]
            self.fields["password"].label = _("New password")

    def clean_email(self) -> str:
        """Refuse an address that is somebody's already."""
        email: str = self.cleaned_data["email"]
        if User.objects.filter(email_key=email_key(email)).exists():
            raise ValidationError(get_adapter().error_messages["email_taken"], code="email_taken")
        return email

    def clean(self) -> dict[str, Any]:
        """Judge the password with the address known."""
        cleaned = super().clean() or self.cleaned_data
        who = self.person or User(email=cleaned.get("email", ""))
        try:
            password_validation.validate_password(cleaned.get("password", ""), who)
        except ValidationError as error:
            if "password" in cleaned:
                self.add_error("password", error)
        return cleaned
