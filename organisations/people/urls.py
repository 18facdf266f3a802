"""Addresses about people. Included at the root: they do not all lie under /organisations/."""

from django.urls import URLPattern, URLResolver, include, path

from organisations.people.views import account, entering, history, inviting, members

of_an_organisation = [
    path("", members.people, name="people"),
    path("former/", members.former, name="people_former"),
    path("second-factor/", members.second_factor, name="people_second_factor"),
    path("invite/", inviting.invite, name="people_invite"),
    path("invite/many/", inviting.invite_many, name="people_invite_many"),
    path("invite/many/send/", inviting.invite_many_send, name="people_invite_many_send"),
    path("invite/many/template.csv", inviting.invite_template, name="people_invite_template"),
    path(
        "invitations/<int:pk>/resend/",
        inviting.invitation_resend,
        name="people_invitation_resend",
    ),
    path(
        "invitations/<int:pk>/revoke/",
        inviting.invitation_revoke,
        name="people_invitation_revoke",
    ),
    path("requests/<int:pk>/", inviting.join_request, name="join_request"),
    path("<int:pk>/", members.member, name="people_member"),
    path("<int:pk>/end/", members.member_end, name="people_member_end"),
    path("<int:pk>/switch-off/", members.member_switch_off, name="people_member_switch_off"),
    path("<int:pk>/second-factor/", members.member_reset_factor, name="people_member_reset_factor"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "organisations/<str:code>/history/",
        history.organisation_history,
        name="organisation_history",
    ),
    path(
        "organisations/<str:code>/history/people.csv",
        history.organisation_history_export,
        name="organisation_history_export",
    ),
    path("organisations/<str:code>/people/", include(of_an_organisation)),
    path("people/join/", entering.join, name="join"),
    path("people/join/asked/", entering.join_asked, name="join_asked"),
    path("people/join/<str:token>/", entering.join_with_link, name="join_with_link"),
    path("invitations/<str:token>/", entering.invitation, name="invitation"),
    # Stands in for allauth's own, at the same address.
    path("accounts/oidc/<str:provider_id>/login/", entering.single_sign_on, name="single_sign_on"),
    path("account/", account.account, name="account"),
    path(
        "account/invitations/<int:pk>/accept/", account.invitation_accept, name="invitation_accept"
    ),
    path("account/memberships/<int:pk>/leave/", account.leave, name="leave"),
    path("account/sessions/<int:pk>/end/", account.session_end, name="session_end"),
    path(
        "account/requests/<int:pk>/withdraw/",
        account.join_request_withdraw,
        name="join_request_withdraw",
    ),
]
