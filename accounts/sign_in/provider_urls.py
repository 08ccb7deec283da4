"""Pages of ours in the place of django-allauth's, so without a namespace: it asks for them by these names."""

from django.urls import path

from accounts.sign_in import confirm_views, provider_views

urlpatterns = [
    path("confirm-email/<str:key>/", confirm_views.confirm_address, name="account_confirm_email"),
    path("with/<slug:provider>/", provider_views.go_to_provider, name="go_to_provider"),
    path("amazon/login/callback/", provider_views.back_from_amazon, name="amazon_callback"),
    path(
        "oidc/<slug:provider_id>/login/callback/",
        provider_views.back_from_openid_connect,
        name="openid_connect_callback",
    ),
    path("elsewhere/signup/", provider_views.complete_sign_up, name="socialaccount_signup"),
    path("elsewhere/", provider_views.connected_accounts, name="socialaccount_connections"),
    path("elsewhere/<int:pk>/forget/", provider_views.forget_account, name="forget_account"),
]
