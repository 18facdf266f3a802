"""django-allauth's forms of second factors, in our words."""

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms


def code_field(help_text: str) -> forms.CharField:
    """The box for a code; phones offer to fill it in."""
    attributes = {
        "autocomplete": "one-time-code",
        "class": "nhsuk-input--width-10",
        "spellcheck": "false",
    }
    return forms.CharField(
        label="Code", help_text=help_text, widget=forms.TextInput(attrs=attributes)
    )


class SignInCodeForm(AuthenticateForm):
    """The second step of signing in."""

    code = code_field("The six figures that your app shows now, or one of your recovery codes.")


class ConfirmCodeForm(ReauthenticateForm):
    """Confirming that it is still the same person."""

    code = code_field("The six figures that your app shows now, or one of your recovery codes.")


class SetUpAppForm(ActivateTOTPForm):
    """The first code of a new app."""

    code = code_field("The six figures that the app shows now.")


class AddPasskeyForm(AddWebAuthnForm):
    """A new passkey."""

    name = forms.CharField(
        label="What to call it",
        max_length=100,
        required=False,
        help_text="So that you know it again, such as “Work laptop”.",
    )
    passwordless = forms.BooleanField(
        label="Sign in with it alone, without my password",
        required=False,
        initial=True,
    )
    mark_optional = False
