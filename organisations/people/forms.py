"""Forms about people."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from organisations.matching import OrganisationMatcher
from organisations.models import Organisation, Role, User
from organisations.people.domains import organisations_like

NOBODY = "nobody"


def role_choices(roles: Sequence[Role]) -> list[tuple[str, str]]:
    """Roles with what they are for."""
    return [(role.value, f"{role.label}: {ROLE_WORDS[role]}") for role in roles]


ROLE_WORDS = {
    Role.VIEWER: "reads",
    Role.CONTRIBUTOR: "reports on what the organisation leads or partners",
    Role.PROGRAMME_LEAD: "keeps commitments, milestones, rounds and people",
    Role.REVIEWER: "gives the joint review of your side",
    Role.ADMINISTRATOR: "keeps people and the organisation’s details, imports",
}


class RoleForm(forms.Form):
    """A role, out of those that the person asking may give."""

    role = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args: Any, roles: Sequence[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = role_choices(roles)


class InviteForm(RoleForm):
    """One person to invite."""

    name = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        help_text="The one they use at work. The invitation goes there.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("name", "email", "role")


class BulkInviteForm(forms.Form):
    """A spreadsheet of people."""

    file = forms.FileField(
        label="Spreadsheet",
        help_text="Excel (.xlsx) or CSV, with the columns Name, Email and Role. 200 rows at most.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class AnswerForm(RoleForm):
    """Yes with a role, or no with a reason."""

    decision = forms.ChoiceField(
        label="Answer",
        widget=forms.RadioSelect,
        choices=[("approve", "Take them in"), ("refuse", "Say no")],
    )
    answer = forms.CharField(
        label="Why not",
        required=False,
        help_text="Needed when you say no. The person reads it in an email.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = ("decision", "role", "answer")
    mark_optional = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].required = False
        self.fields["role"].help_text = "Needed when you take them in."

    def clean(self) -> dict[str, Any]:
        """A yes needs a role, a no needs a reason."""
        cleaned = super().clean() or {}
        if cleaned.get("decision") == "approve" and not cleaned.get("role"):
            self.add_error("role", "Choose the role they will have.")
        if cleaned.get("decision") == "refuse" and not cleaned.get("answer"):
            self.add_error("answer", "Say why not: the person reads it.")
        return cleaned


class HandOverForm(forms.Form):
    """Who takes over what somebody has to do. Without anything to hand over it asks nothing."""

    to = forms.ChoiceField(label="Who takes these over?")

    def __init__(self, *args: Any, people: Iterable[User], duties: Sequence[Any], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "Choose"),
            *((key, f"{person} ({person.email})") for key, person in self.people.items()),
            (NOBODY, "Nobody yet: they will have no owner"),
        ]
        if not duties:
            del self.fields["to"]

    @property
    def successor(self) -> User | None:
        """The person chosen; None for nobody."""
        return self.people.get(self.cleaned_data.get("to", ""))


class NewAccountForm(forms.Form):
    """Name and password of somebody who accepts an invitation without having an account."""

    name = forms.CharField(
        label="Your name",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password1 = forms.CharField(
        label="Password",
        strip=False,
        help_text="At least 12 characters. Three words that do not belong together are good.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label="The same password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """Both the same, and strong enough."""
        cleaned = super().clean() or {}
        password = cleaned.get("password1")
        if not password:
            return cleaned
        if cleaned.get("password2") and cleaned["password2"] != password:
            self.add_error("password2", "The two passwords differ. Give the same one twice.")
        try:
            validate_password(password, User(email=self.email, name=cleaned.get("name", "")))
        except ValidationError as weak:
            self.add_error("password1", weak)
        return cleaned


class AddressForm(forms.Form):
    """The address of somebody who wants to come in."""

    email = forms.EmailField(
        label="Your work email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class JoinForm(forms.Form):
    """Which organisation to ask, and why it should say yes."""

    name = forms.CharField(
        label="Your name",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    like = forms.ModelChoiceField(
        label="People with an address like yours belong to",
        queryset=Organisation.objects.none(),
        widget=forms.RadioSelect,
        empty_label="Another organisation",
        required=False,
    )
    organisation = forms.CharField(
        label="Organisation",
        max_length=200,
        required=False,
        help_text="Its name or code, such as “Leeds City Council” or “QWO”.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    reason = forms.CharField(
        label="What do you need it for?",
        max_length=2000,
        help_text="What you do there. Its programme leads and administrators read this.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    mark_optional = False

    def __init__(self, *args: Any, email: str, today: date, known: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if known:
            del self.fields["name"]
        hints = organisations_like(email)
        if hints:
            field = self.fields["like"]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = Organisation.objects.filter(pk__in=[hint.pk for hint in hints])
            self.fields["organisation"].label = "Another organisation"
        else:
            del self.fields["like"]

    def clean(self) -> dict[str, Any]:
        """The organisation chosen, or the one that is named exactly."""
        cleaned = super().clean() or {}
        text = cleaned.get("organisation", "").strip()
        if cleaned.get("like") and not text:
            cleaned["chosen"] = cleaned["like"]
        elif not text:
            self.add_error("organisation", "Give the name or code of your organisation.")
        else:
            cleaned["chosen"] = self._named(text)
        return cleaned

    def _named(self, text: str) -> Organisation | None:
        match = OrganisationMatcher.load().match(text)
        if match.organisation:
            return match.organisation
        close = [body.name for body in match.candidates if not body.is_closed(self.today)]
        hint = f" Perhaps you mean {' or '.join(close[:3])}." if close else ""
        self.add_error("organisation", f"No organisation is called “{text}”.{hint}")
        return None
