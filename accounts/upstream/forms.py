"""The form of somebody who makes an account here with one they have elsewhere."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import profile


class NewAccountForm(forms.Form):
    """Their address is proven already, and there is no password."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        required=False,
        validators=[profile.validate_text],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
