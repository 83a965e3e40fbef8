"""The forms in which people type the codes of second factors."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import recovery_codes, totp

_LONGEST = 64


class CodeForm(forms.Form):
    """One code; at the second step of a sign-in it may be the last that this browser is asked."""

    code = forms.CharField()
    wrong: Any = ""

    def __init__(self, *args: Any, trust_days: int = 0, **options: Any) -> None:
        super().__init__(*args, **options)
        if trust_days:
            text = ngettext(
                "Do not ask again in this browser for %(n)s day",
                "Do not ask again in this browser for %(n)s days",
                trust_days,
            )
            self.fields["trust"] = forms.BooleanField(
                label=text % {"n": trust_days},
                help_text=_("Only where nobody else can use it."),
                required=False,
            )

    def say_wrong(self) -> None:
        """Say that the code was looked at and is not right."""
        self.add_error("code", ValidationError(self.wrong, code="wrong"))


class AppCodeForm(CodeForm):
    """The six digits that an authenticator app shows."""

    code = forms.CharField(
        label=_("Code from your authenticator app"),
        max_length=_LONGEST,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )
    wrong = _("This code is not right, or was used already. Wait until the app shows the next one.")

    def clean_code(self) -> str:
        """Take the digits, however the app groups them."""
        typed: str = self.cleaned_data["code"]
        plain = "".join(typed.split())
        if len(plain) != totp.DIGITS or not (plain.isascii() and plain.isdigit()):
            text = ngettext("The code has %(n)s digit.", "The code has %(n)s digits.", totp.DIGITS)
            raise ValidationError(text, params={"n": totp.DIGITS}, code="shape")
        return plain


class RecoveryCodeForm(CodeForm):
    """One of the codes that were noted down."""

    code = forms.CharField(
        label=_("Recovery code"),
        help_text=_("One of the codes you saved, with or without the hyphens. Each works once."),
        max_length=_LONGEST,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "autofocus": True}
        ),
    )
    wrong = _("This is not one of your recovery codes, or it was used already.")

    def clean_code(self) -> str:
        """Take the code, however it was typed."""
        return recovery_codes.normalised(self.cleaned_data["code"])
