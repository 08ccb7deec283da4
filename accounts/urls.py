from django.urls import path

from accounts.organizations import join_views
from accounts.sign_in import after_sign_in, language_views, link_views, passkeys, security_views

app_name = "accounts"

urlpatterns = [
    path("accounts/link/", link_views.ask_link, name="ask_link"),
    path("accounts/passkey/", passkeys.enter_with_passkey, name="passkey"),
    path("accounts/link/confirm/", link_views.confirm_by_link, name="confirm_by_link"),
    path("accounts/link/sent/", link_views.link_sent, name="link_sent"),
    path("accounts/link/<str:secret>/", link_views.open_link, name="open_link"),
    path("accounts/security/", security_views.security, name="security"),
    path("accounts/security/sessions/end/", security_views.end_other_sessions, name="end_other_sessions"),
    path("accounts/security/sessions/<int:pk>/end/", security_views.end_session, name="end_session"),
    path("language/", language_views.language, name="language"),
    path("welcome/", after_sign_in.after_sign_in, name="after_sign_in"),
    path("join/<str:secret>/", join_views.join, name="join"),
]
