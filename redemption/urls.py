from django.urls import path, re_path

from redemption.account import my_views, order_views, reminder_views
from redemption.checkout import checkout_views, payment_views
from redemption.choosing import item_views
from redemption.claim import appeal_views, reward_views
from redemption.privacy import views as privacy_views

app_name = "redemption"

urlpatterns = [
    path("terms/<uuid:pk>/", reward_views.terms, name="terms"),
    path("r/back/<str:signed>/", reward_views.back, name="back"),
    path("r/<str:token>/", reward_views.open_reward, name="open"),
    re_path(r"^r/(?P<token>[^/].*)$", reward_views.open_reward, name="open_pasted"),
    path("reminders/<str:signed>/stop/", reminder_views.stop, name="stop_reminders"),
    path("reward/<str:handle>/", reward_views.reward, name="reward"),
    path("reward/<str:handle>/claim/", reward_views.claim, name="claim"),
    path("reward/<str:handle>/other-account/", reward_views.other_account, name="other_account"),
    path("reward/<str:handle>/items/<int:pk>/", item_views.item, name="item"),
    path("reward/<str:handle>/appeal/", appeal_views.appeal, name="appeal"),
    path("reward/<str:handle>/items/<int:pk>/address/", checkout_views.address, name="address"),
    path("reward/<str:handle>/items/<int:pk>/review/", checkout_views.review, name="review"),
    path("reward/<str:handle>/items/<int:pk>/pay/", payment_views.pay, name="pay"),
    path("reward/<str:handle>/items/<int:pk>/pay/check/", payment_views.check_payment, name="check_payment"),
    path("my/", my_views.my, name="my"),
    path("my/rewards/", my_views.rewards, name="my_rewards"),
    path("my/rewards/<uuid:pk>/", my_views.reward, name="my_reward"),
    path("my/orders/", my_views.orders, name="my_orders"),
    path("my/addresses/", my_views.addresses, name="addresses"),
    path("my/addresses/new/", my_views.add_address, name="add_address"),
    path("my/addresses/<int:pk>/", my_views.edit_address, name="edit_address"),
    path("my/addresses/<int:pk>/forget/", my_views.remove_address, name="forget_address"),
    path("my/about/", my_views.about_me, name="about_me"),
    path("my/data/", privacy_views.data, name="my_data"),
    path("my/data/all/", privacy_views.data_preview, name="everything"),
    path("my/data/download/", privacy_views.download, name="download"),
    path("my/data/erase/", privacy_views.erase, name="erase"),
    path("my/erased/", privacy_views.erased, name="erased"),
    path("orders/<str:number>/", order_views.order, name="order"),
    path("orders/<str:number>/substitution/", order_views.decide, name="decide"),
]
