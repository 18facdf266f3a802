"""Every form, whoever wrote it, has NHS markup and says what is wrong in words that help."""

from html.parser import HTMLParser

import django_filters
import pytest
from allauth.account.forms import LoginForm, ResetPasswordForm
from django import forms
from django.template.loader import render_to_string

from organisations.models import Organisation


class Sample(forms.Form):
    title = forms.CharField(label="What is promised", help_text="As the plan says it.")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    rating = forms.ChoiceField(
        label="Rating", choices=[("red", "Red"), ("green", "Green")], widget=forms.RadioSelect
    )
    pillars = forms.MultipleChoiceField(
        label="Pillars",
        choices=[("train", "Train")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    lead = forms.ChoiceField(label="Lead", choices=[("", "Choose"), ("a", "A")])
    amount = forms.DecimalField(label="Amount", required=False)
    on = forms.DateField(label="On", required=False)
    email = forms.EmailField(label="Email", required=False)
    workbook = forms.FileField(label="Workbook")
    agree = forms.BooleanField(label="I agree", required=False)
    secret = forms.CharField(label="Password", required=False, widget=forms.PasswordInput)


class Page(HTMLParser):
    """The elements of a piece of HTML: tag and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.elements if tag in tags]

    @property
    def ids(self) -> list[str | None]:
        return [attrs["id"] for _, attrs in self.elements if "id" in attrs]


ANSWERS = {"amount": "lots", "on": "31/02/2027", "email": "me", "lead": "b"}


def boxes(html: str) -> list[dict[str, str | None]]:
    return [
        box for box in Page(html).all("input", "select", "textarea") if box.get("type") != "hidden"
    ]


@pytest.mark.parametrize("form", [Sample(), Sample(ANSWERS)], ids=["empty", "with problems"])
def test_every_box_is_labelled_and_described_by_what_is_there(form: Sample) -> None:
    html = str(form)
    page = Page(html)
    labels = {label["for"] for label in page.all("label")}
    for box in boxes(html):
        assert box["id"] in labels
    for _, attrs in page.elements:
        for reference in (attrs.get("aria-describedby") or "").split():
            assert reference in page.ids
    assert len(page.ids) == len(set(page.ids))


def test_groups_of_choices_are_a_fieldset_with_a_legend() -> None:
    html = str(Sample())
    assert html.count("<fieldset") == html.count("<legend") == 2


def test_only_fields_that_may_be_left_empty_say_so() -> None:
    html = str(Sample())
    assert "Note (optional)" in html
    assert "What is promised (optional)" not in html
    assert "I agree (optional)" not in html


def test_problems_name_the_field_and_what_was_given() -> None:
    html = str(Sample(ANSWERS))
    assert "Fill in “What is promised”." in html
    assert "Choose an answer for “Rating”." in html
    assert "Choose a file for “Workbook”." in html
    assert "“b” is not one of the choices." in html
    assert "“lots” is not a number." in html
    assert "“31/02/2027” is not a date. Use day/month/year" in html
    assert "“me” is not an email address." in html
    assert "This field is required" not in html
    assert html.count('<span class="nhsuk-u-visually-hidden">Error:</span>') == 7


def test_a_message_that_a_form_wrote_itself_stands() -> None:
    form = Sample({})
    form.add_error("title", "Say it in fewer words.")
    assert "Say it in fewer words." in str(form)


def test_what_was_given_is_escaped_and_kept_short() -> None:
    html = str(Sample({"amount": "<b>" + "x" * 500}))
    assert "<b>" not in html
    assert f"“&lt;b&gt;{'x' * 54}…”" in html


def test_the_summary_links_to_every_field_with_a_problem() -> None:
    form = Sample(ANSWERS)
    form.add_error(None, "The two dates do not fit together.")
    summary = render_to_string("partials/error_summary.html", {"form": form})
    links = [str(link["href"]) for link in Page(summary).all("a")]
    assert len(links) == 7
    assert {link.removeprefix("#") for link in links} <= set(Page(str(form)).ids)
    assert "The two dates do not fit together." in summary


def test_no_summary_without_a_problem() -> None:
    assert render_to_string("partials/error_summary.html", {"form": Sample()}).strip() == ""


def test_a_password_can_be_shown() -> None:
    html = str(Sample()["secret"])
    assert 'data-module="nhsuk-password-input"' in html and "hidden>Show</button>" in html


def test_forms_of_allauth_and_django_filter_look_the_same(db: None) -> None:
    class Filter(django_filters.FilterSet):
        class Meta:
            model = Organisation
            fields = ("name", "kind")

    for form in (LoginForm(), ResetPasswordForm(), Filter().form):
        html = str(form)
        assert 'class="nhsuk-form-group' in html
        for box in boxes(html):
            assert "nhsuk-" in str(box["class"])


def test_a_filter_form_does_not_repeat_that_everything_is_optional() -> None:
    class Filters(Sample):
        mark_optional = False

    assert "(optional)" not in str(Filters())


def test_there_are_no_placeholders() -> None:
    assert "placeholder" not in str(LoginForm())
