from django.urls import path

from accounts.sign_in import language_views, link_views, passkeys, security_views
from console.organization import views
from console.team import views as team_views

app_name = "accounts"

urlpatterns = [
    path("accounts/link/", link_views.ask_link, name="ask_link"),
    path("accounts/passkey/", passkeys.enter_with_passkey, name="passkey"),
    path("accounts/link/confirm/", link_views.confirm_by_link, name="confirm_by_link"),
    path("accounts/link/sent/", link_views.link_sent, name="link_sent"),
    path("accounts/link/<str:secret>/", link_views.open_link, name="open_link"),
    path("language/", language_views.language, name="language"),
    path("console/organization/new/", views.new_organization, name="new_organization"),
    path("console/organization/choose/", views.choose_organization, name="choose_organization"),
    path("console/organization/", views.organization, name="organization"),
    path("console/profile/", views.profile, name="profile"),
    path("console/security/", security_views.security, name="security"),
    path("console/security/sessions/end/", security_views.end_other_sessions, name="end_other_sessions"),
    path("console/security/sessions/<int:pk>/end/", security_views.end_session, name="end_session"),
    path("console/apps/", views.apps, name="apps"),
    path("console/apps/new/", views.new_app, name="new_app"),
    path("console/apps/<uuid:pk>/", views.app, name="app"),
    path("console/apps/<uuid:pk>/keys/new/", views.new_key, name="new_key"),
    path("console/apps/<uuid:pk>/keys/<int:key_pk>/roll/", views.roll_key, name="roll_key"),
    path("console/apps/<uuid:pk>/keys/<int:key_pk>/revoke/", views.revoke_key, name="revoke_key"),
    path("console/team/", team_views.team, name="team"),
    path("console/team/invite/", team_views.invite, name="invite"),
    path("console/team/<int:pk>/", team_views.member, name="member"),
    path("console/team/<int:pk>/remove/", team_views.remove_member, name="remove_member"),
    path("console/team/invitations/<int:pk>/withdraw/", team_views.withdraw_invitation, name="withdraw_invitation"),
    path("join/<str:secret>/", team_views.join, name="join"),
    path("console/support/", team_views.support, name="support"),
    path("console/support/new/", team_views.new_request, name="new_request"),
    path("console/support/<int:pk>/", team_views.support_request, name="support_request"),
    path("console/support/<int:pk>/close/", team_views.close_request, name="close_request"),
]
