from django.urls import path

from console.billing import card_views, views

app_name = "billing"

urlpatterns = [
    path("", views.statements, name="list"),
    path("card/", card_views.card, name="card"),
    path("card/keep/", card_views.keep_card, name="keep_card"),
    path("card/remove/", card_views.forget_card, name="remove_card"),
    path("owner/", card_views.hand_over, name="hand_over"),
    path("<str:slug>/", views.statement, name="statement"),
    path("<str:slug>/statement.csv", views.statement_csv, name="statement_csv"),
    path("<str:slug>/statement.pdf", views.as_pdf, name="statement_pdf"),
]
