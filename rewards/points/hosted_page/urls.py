from django.urls import path

from rewards.points.hosted_page import views

app_name = "points_page"
urlpatterns = [
    path("my-points/<str:token>/", views.open_link, name="open"),
    path("my-points/page/<str:handle>/", views.points, name="points"),
    path("my-points/page/<str:handle>/history/", views.history, name="history"),
    path("my-points/page/<str:handle>/rewards/", views.rewards, name="rewards"),
    path("my-points/page/<str:handle>/exchange/<int:tier_id>/", views.exchange, name="exchange"),
    path("my-points/colors/<str:color>.css", views.colors, name="colors"),
]
