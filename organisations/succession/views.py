"""Pages for changes of organisations: those registered, a new one with its preview, a reversal."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from organisations.models import Succession, User
from organisations.succession import actions, effects, origins, queries
from organisations.succession.forms import NewBodies, SuccessionForm, reorganisation
from workforce_tracker import clock

PAGE_SIZE = 30


@require_safe
def succession_list(request: HttpRequest) -> HttpResponse:
    """Every change that is registered, the latest first. The register is public."""
    today = clock.today()
    rows = Succession.objects.select_related("predecessor", "successor")
    changes = queries.registered(rows.order_by("-on", "successor__name", "predecessor__name"))
    page = Paginator(changes, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "to_come": [one for one in page if one.first.on > today],
        "past": [one for one in page if one.first.on <= today],
        "keeps": actions.may_keep_register(_keeper(request, asking=True), today),
    }
    return render(request, "organisations/succession/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def succession_add(request: HttpRequest) -> HttpResponse:
    """Describe a change, see what it will do, confirm it. What was typed goes along in the page, so
    that nothing is stored before it is confirmed."""
    user, today = _keeper(request), clock.today()
    data = request.POST or None
    form, new = SuccessionForm(data), NewBodies(data, prefix="new")
    context: dict[str, Any] = {"form": form, "new": new}
    if data and form.is_valid() and new.is_valid():
        change = reorganisation(form, new)
        try:
            queries.check(change)
            if "confirm" in data:
                actions.register_succession(by=user, change=change, today=today)
                messages.success(request, f"Registered: {change.sentence}, {_when(change.on)}.")
                return redirect("successions")
        except ValidationError as wrong:
            form.add_error(None, wrong)
        else:
            if "change" not in data:
                return _preview(request, change, context)
    return render(request, "organisations/succession/add.html", context)


def _preview(
    request: HttpRequest, change: queries.Reorganisation, context: dict[str, Any]
) -> HttpResponse:
    user, today = _keeper(request), clock.today()
    found = [*queries.own_effects(change), *effects.effects_of(change, user, today)]
    steps = ("confirm", "change", "csrfmiddlewaretoken")
    typed = [(name, value) for name, value in request.POST.items() if name not in steps]
    context |= {
        "change": change,
        "effects": found,
        "to_decide": [effect for effect in found if effect.asks_a_person and effect.number],
        "typed": typed,
    }
    return render(request, "organisations/succession/preview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def succession_reverse(request: HttpRequest, pk: int) -> HttpResponse:
    """What taking a change back does, or what hangs on it; POST takes it back."""
    user, today = _keeper(request), clock.today()
    succession = get_object_or_404(Succession, pk=pk)
    if request.method == "POST":
        sentence = queries.together_with(succession).change.sentence
        try:
            actions.reverse_succession(by=user, succession=succession, today=today)
        except ValidationError:
            messages.error(request, "It was not reversed: something hangs on it now.")
            return redirect("succession_reverse", pk)
        messages.success(request, f"Reversed: {sentence}.")
        return redirect("successions")
    found = queries.together_with(succession)
    context = {
        "registered": found,
        "hanging": actions.what_hangs_on(found, today),
        "reopened": origins.closed_by(found),
        "removed": origins.opened_by(found),
    }
    return render(request, "organisations/succession/reverse.html", context)


def _keeper(request: HttpRequest, *, asking: bool = False) -> User:
    """The person, who keeps the register; anybody when it is only asked whether they do."""
    user = request.user
    assert isinstance(user, User)
    if not asking and not actions.may_keep_register(user, clock.today()):
        raise PermissionDenied
    return user


def _when(day: Any) -> str:
    return f"from {queries.on_day(day)}"
