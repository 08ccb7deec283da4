from django.urls import path

from outbox import views

app_name = "outbox"

urlpatterns = [
    path("mailbox/", views.mailbox, name="mailbox"),
    path("mailbox/<int:pk>/", views.mail, name="mail"),
    path("mailbox/<int:pk>/html", views.mail_html, name="mail_html"),
]
