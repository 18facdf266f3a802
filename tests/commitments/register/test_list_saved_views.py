"""Views: the last one comes back, named ones are kept, and htmx gets only what changes."""

import pytest
from django.urls import reverse

from commitments.models import SavedView
from tests import factories as make

pytestmark = pytest.mark.usefixtures("today")
LIST = "/commitments/"


@pytest.fixture
def client_(sign_in, cast, bodies):
    plan = make.plan("P")
    make.commitment(plan, bodies.trust, bodies.council, reference="P-1", title="Staff passport")
    make.commitment(plan, bodies.trust, reference="P-2", title="Care academy")
    return sign_in(cast.lead)


def test_the_list_opens_with_the_last_view_and_show_all_leaves_it(client_):
    assert client_.get(LIST).status_code == 200
    client_.get(f"{LIST}?joint=yes&page=1")
    again = client_.get(LIST)
    assert (again.status_code, again.url) == (302, f"{LIST}?joint=yes")
    page = client_.get(f"{LIST}?joint=yes").content.decode()
    assert 'href="?show=all">Show all</a>' in page
    client_.get(f"{LIST}?show=all")
    assert client_.get(LIST).status_code == 200


def test_a_view_that_cannot_be_read_is_not_come_back_to(client_):
    client_.get(f"{LIST}?joint=yes")
    assert "There is a problem" in client_.get(f"{LIST}?organisation=nowhere").content.decode()
    assert client_.get(LIST).status_code == 200


def test_the_last_view_is_each_persons_own(client_, cast, client):
    client_.get(f"{LIST}?joint=yes")
    client.force_login(cast.trust)
    assert client.get(LIST).status_code == 200


def test_looking_again_writes_nothing(client_, cast):
    client_.get(f"{LIST}?joint=yes")
    before = SavedView.objects.get(user=cast.lead).updated_at
    client_.get(f"{LIST}?joint=yes")
    assert SavedView.objects.get(user=cast.lead).updated_at == before


def test_empty_boxes_of_the_form_leave_the_address(client_):
    response = client_.get(f"{LIST}?q=&plan=P&joint=")
    assert response.url == f"{LIST}?plan=P"
    assert client_.get(f"{LIST}?q=&plan=").url == f"{LIST}?show=all"


def test_a_view_is_saved_opened_and_removed(client_, cast):
    response = client_.post(
        reverse("saved_view_add"), {"name": " Ours,  joint ", "query": "joint=yes&page=3"}
    )
    assert response.url == f"{LIST}?joint=yes"
    view = SavedView.objects.exclude(name="").get(user=cast.lead)
    assert (view.name, view.query) == ("Ours, joint", "joint=yes")
    assert 'href="?joint=yes">Ours, joint</a>' in client_.get(f"{LIST}?show=all").content.decode()
    client_.post(reverse("saved_view_remove", args=[view.pk]), {"query": "joint=yes"})
    assert not SavedView.objects.exclude(name="").exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Give the view a name"),
        ("x" * 81, "81 characters"),
        ("KNOWN", "You already have a view called “KNOWN”"),
    ],
)
def test_a_name_that_cannot_be_used_is_explained(client_, cast, name, words):
    SavedView.objects.create(user=cast.lead, name="Known", query="joint=yes")
    response = client_.post(
        reverse("saved_view_add"), {"name": name, "query": "plan=P"}, follow=True
    )
    assert words in response.content.decode()
    assert SavedView.objects.exclude(name="").count() == 1


def test_two_people_may_use_the_same_name(client_, cast):
    SavedView.objects.create(user=cast.trust, name="Known", query="")
    client_.post(reverse("saved_view_add"), {"name": "Known", "query": "plan=P"})
    assert SavedView.objects.filter(name="Known").count() == 2


def test_somebody_elses_view_cannot_be_removed(client_, cast):
    view = SavedView.objects.create(user=cast.trust, name="Theirs", query="")
    assert client_.post(reverse("saved_view_remove", args=[view.pk])).status_code == 404
    assert SavedView.objects.filter(pk=view.pk).exists()


def test_a_view_never_leads_away_from_the_list(client_):
    response = client_.post(reverse("saved_view_add"), {"name": "A", "query": "//evil.example"})
    assert response.url.startswith(f"{LIST}?")


def test_htmx_gets_the_results_and_the_counts_and_a_tidy_address(client_):
    address = f"{LIST}?q=&joint=yes"
    response = client_.get(address, headers={"HX-Request": "true"})
    part = response.content.decode()
    assert response["HX-Push-Url"] == f"{LIST}?joint=yes"
    assert "HX-Request" in response["Vary"]
    assert "<html" not in part
    assert 'id="results"' in part and "Staff passport" in part and "Care academy" not in part
    assert 'id="choices" hx-swap-oob="true"' in part
    assert 'id="list-status" hx-swap-oob="innerHTML"' in part
    # The boxes in which one types are left alone.
    assert 'name="q"' not in part


def test_asking_again_for_the_same_adds_no_step_to_go_back(client_):
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{LIST}?joint=yes"}
    response = client_.get(f"{LIST}?q=&joint=yes", headers=headers)
    assert response["HX-Push-Url"] == "false"


def test_going_back_in_the_browser_gets_the_whole_page(client_):
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    page = client_.get(f"{LIST}?joint=yes", headers=headers).content.decode()
    assert "<html" in page
