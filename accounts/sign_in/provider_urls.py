"""Pages of ours in the place of django-allauth's, so without a namespace: it asks for them by these names."""

from django.urls import path

from accounts.sign_in import confirm_views, providers

urlpatterns = [
    path("confirm-email/<str:key>/", confirm_views.confirm_address, name="account_confirm_email"),
    path("with/<slug:provider>/", providers.go_to_provider, name="go_to_provider"),
    path("amazon/login/callback/", providers.back_from_amazon, name="amazon_callback"),
    path("oidc/<slug:provider_id>/login/callback/", providers.back_from_openid_connect, name="openid_connect_callback"),
    path("elsewhere/signup/", providers.complete_sign_up, name="socialaccount_signup"),
    path("elsewhere/", providers.elsewhere, name="socialaccount_connections"),
    path("elsewhere/<int:pk>/forget/", providers.forget_account, name="forget_account"),
]
