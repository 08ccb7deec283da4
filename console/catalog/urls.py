from django.urls import path

from console.catalog import request_views, views

app_name = "catalog"

urlpatterns = [
    path("", views.catalog, name="list"),
    path("<int:pk>/", views.product, name="product"),
    path("own-product/", request_views.offer_product, name="offer_product"),
    path("t-shirt/", request_views.offer_tshirt, name="offer_tshirt"),
    path("<str:store>/", views.catalog, name="store"),
]
