from django.urls import path

from campaigns import (
    act_views,
    billing_views,
    card_views,
    catalogue_views,
    editor,
    list_views,
    moment_views,
    record_views,
    views,
)

app_name = "campaigns"
BASE = "console/campaigns/"

urlpatterns = [
    path("console/catalogue/", catalogue_views.catalogue, name="catalogue"),
    path("console/catalogue/<int:pk>/", catalogue_views.product, name="product"),
    path("console/catalogue/<str:store>/", catalogue_views.catalogue, name="catalogue_in"),
    path("console/billing/", billing_views.statements, name="billing"),
    path("console/billing/card/", card_views.card, name="card"),
    path("console/billing/card/keep/", card_views.keep_card, name="keep_card"),
    path("console/billing/card/remove/", card_views.forget_card, name="forget_card"),
    path("console/billing/owner/", card_views.hand_over, name="hand_over"),
    path("console/billing/<str:slug>/", billing_views.statement, name="statement"),
    path("console/billing/<str:slug>/statement.csv", billing_views.as_csv, name="statement_csv"),
    path("console/billing/<str:slug>/statement.pdf", billing_views.as_pdf, name="statement_pdf"),
    path(BASE, list_views.campaigns, name="list"),
    path(f"{BASE}new/", views.new, name="new"),
    path(f"{BASE}<uuid:pk>/", views.detail, name="detail"),
    path(f"{BASE}<uuid:pk>/details/", editor.details, name="details"),
    path(f"{BASE}<uuid:pk>/moments/", moment_views.moments, name="moments"),
    path(f"{BASE}<uuid:pk>/moments/split/", moment_views.save_split, name="split"),
    path(f"{BASE}<uuid:pk>/moments/<int:moment_pk>/", moment_views.moments, name="moment"),
    path(f"{BASE}<uuid:pk>/moments/<int:moment_pk>/remove/", moment_views.remove_moment, name="remove_moment"),
    path(f"{BASE}<uuid:pk>/rewards/", editor.rewards, name="rewards"),
    path(f"{BASE}<uuid:pk>/rewards/<str:store>/", editor.rewards, name="rewards_in"),
    path(f"{BASE}<uuid:pk>/rewards/<str:store>/choose/", editor.choose, name="choose"),
    path(f"{BASE}<uuid:pk>/rewards/<str:store>/percent-off/", editor.percent_off, name="percent_off"),
    path(f"{BASE}<uuid:pk>/message/", editor.message, name="message"),
    path(f"{BASE}<uuid:pk>/budget/", editor.budgets, name="budget"),
    path(f"{BASE}<uuid:pk>/review/", editor.review, name="review"),
    path(f"{BASE}<uuid:pk>/history/", record_views.history, name="history"),
    path(f"{BASE}<uuid:pk>/compare/", record_views.compare, name="compare"),
    path(f"{BASE}<uuid:pk>/duplicate/", act_views.duplicate, name="duplicate"),
    path(f"{BASE}<uuid:pk>/do/<str:name>/", act_views.act, name="act"),
]
