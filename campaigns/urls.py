from django.urls import path

from console.billing import card_views
from console.billing import views as billing_views
from console.campaigns import action_views, history_views, list_views, moment_views, views, wizard_views
from console.catalog import views as catalogue_views

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
    path(f"{BASE}<uuid:pk>/details/", wizard_views.details, name="details"),
    path(f"{BASE}<uuid:pk>/moments/", moment_views.moments, name="moments"),
    path(f"{BASE}<uuid:pk>/moments/split/", moment_views.save_split, name="split"),
    path(f"{BASE}<uuid:pk>/moments/<int:moment_pk>/", moment_views.moments, name="moment"),
    path(f"{BASE}<uuid:pk>/moments/<int:moment_pk>/remove/", moment_views.remove_moment, name="remove_moment"),
    path(f"{BASE}<uuid:pk>/rewards/", wizard_views.rewards, name="rewards"),
    path(f"{BASE}<uuid:pk>/rewards/<str:store>/", wizard_views.rewards, name="rewards_in"),
    path(f"{BASE}<uuid:pk>/rewards/<str:store>/choose/", wizard_views.choose, name="choose"),
    path(f"{BASE}<uuid:pk>/rewards/<str:store>/percent-off/", wizard_views.percent_off, name="percent_off"),
    path(f"{BASE}<uuid:pk>/message/", wizard_views.message, name="message"),
    path(f"{BASE}<uuid:pk>/budget/", wizard_views.budgets, name="budget"),
    path(f"{BASE}<uuid:pk>/review/", wizard_views.review, name="review"),
    path(f"{BASE}<uuid:pk>/history/", history_views.history, name="history"),
    path(f"{BASE}<uuid:pk>/compare/", history_views.compare, name="compare"),
    path(f"{BASE}<uuid:pk>/duplicate/", action_views.duplicate, name="duplicate"),
    path(f"{BASE}<uuid:pk>/do/<str:name>/", action_views.act, name="act"),
]
