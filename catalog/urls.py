from django.urls import path

from console.catalog import request_views

app_name = "catalog"

urlpatterns = [
    path("console/catalogue/own-product/", request_views.offer_product, name="offer_product"),
    path("console/catalogue/t-shirt/", request_views.offer_tshirt, name="offer_tshirt"),
]
