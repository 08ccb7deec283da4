from django.urls import path

from outbox import bounce_views, unreachable_views, views

app_name = "outbox"

urlpatterns = [
    path("mail/bounces/", bounce_views.bounces, name="bounces"),
    path("address/try/", unreachable_views.try_address, name="try_address"),
    path("address/check/<str:signed>/", unreachable_views.check, name="check"),
    path("mailbox/", views.mailbox, name="mailbox"),
    path("mailbox/<int:pk>/", views.mail, name="mail"),
    path("mailbox/<int:pk>/html", views.mail_html, name="mail_html"),
]
