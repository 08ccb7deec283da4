from django.urls import path

from outbox.emails import bounce_views, mailbox_views, suppression_views

app_name = "outbox"

urlpatterns = [
    path("mail/bounces/", bounce_views.bounces, name="bounces"),
    path("address/try/", suppression_views.try_address, name="try_address"),
    path("address/check/<str:signed>/", suppression_views.check, name="check"),
    path("mailbox/", mailbox_views.mailbox, name="mailbox"),
    path("mailbox/<int:pk>/", mailbox_views.mail, name="mail"),
    path("mailbox/<int:pk>/html", mailbox_views.mail_html, name="mail_html"),
]
