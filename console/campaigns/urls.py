from django.urls import path

from console.campaigns import (
    action_views,
    history_views,
    list_views,
    moment_views,
    preview_views,
    views,
    wizard_views,
)

app_name = "campaigns"

urlpatterns = [
    path("", list_views.campaigns, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/details/", wizard_views.details, name="details"),
    path("<uuid:pk>/moments/", moment_views.moments, name="moments"),
    path("<uuid:pk>/moments/split/", moment_views.save_split, name="split"),
    path("<uuid:pk>/moments/<int:moment_pk>/", moment_views.moments, name="moment"),
    path("<uuid:pk>/moments/<int:moment_pk>/remove/", moment_views.remove_moment, name="remove_moment"),
    path("<uuid:pk>/rewards/", wizard_views.rewards, name="rewards"),
    path("<uuid:pk>/rewards/<str:store>/", wizard_views.rewards, name="rewards_in"),
    path("<uuid:pk>/rewards/<str:store>/choose/", wizard_views.choose, name="choose"),
    path("<uuid:pk>/rewards/<str:store>/percent-off/", wizard_views.percent_off, name="percent_off"),
    path("<uuid:pk>/message/", wizard_views.message, name="message"),
    path("<uuid:pk>/budget/", wizard_views.budgets, name="budget"),
    path("<uuid:pk>/review/", wizard_views.review, name="review"),
    path("<uuid:pk>/preview/", preview_views.preview, name="preview"),
    path("<uuid:pk>/history/", history_views.history, name="history"),
    path("<uuid:pk>/compare/", history_views.compare, name="compare"),
    path("<uuid:pk>/duplicate/", action_views.duplicate, name="duplicate"),
    path("<uuid:pk>/do/<str:name>/", action_views.act, name="act"),
]
