"""What the customer's pages share: who may open a reward, and what is remembered on the way to an order."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from catalog.stock import add_size
from moments.web import private_pages
from redemption.addresses.saved import save_address
from redemption.choosing import offers
from redemption.models import SavedAddress
from redemption.session import page_helpers, reward_session
from redemption.session.reward_session import Opens, Reference
from tests import make


def request_of(user):
    request = RequestFactory().get("/r/")
    request.user, request.session = user, {}
    return request


@pytest.fixture
def opened(reward, customer):
    """(the customer's request, the handle) of a reward that is theirs."""
    type(reward).objects.filter(pk=reward.pk).update(customer=customer, status="claimed", claimed_at=reward.issued_at)
    request = request_of(customer)
    return request, reward_session.remember(request, Reference(Opens.REWARD, reward.pk))


def test_a_claimed_reward_is_opened_by_its_own_customer(opened, reward):
    request, handle = opened

    found = reward_session.claimed_reward_or_404(request, handle)

    assert isinstance(found, reward_session.ClaimedReward)
    assert (found.handle, found.reward, found.customer) == (handle, reward, request.user)


def test_nobody_else_opens_it(opened):
    request, handle = opened

    for stranger in (make.customer(), AnonymousUser()):
        request.user = stranger
        with pytest.raises(Http404):
            reward_session.claimed_reward_or_404(request, handle)


def test_a_preview_is_nobodys(customer, campaign):
    request = request_of(customer)
    handle = reward_session.remember(request, Reference(Opens.PREVIEW, campaign.pk))

    assert reward_session.open_reward_or_404(request, handle).is_preview
    with pytest.raises(Http404):
        reward_session.claimed_reward_or_404(request, handle)


def test_a_handle_that_is_not_held_opens_nothing(customer):
    with pytest.raises(Http404):
        reward_session.claimed_reward_or_404(request_of(customer), "unheard-of")


def test_only_what_the_reward_offers_is_shown(reward):
    offered, other = reward.group.choices.get().product, make.product()

    offer = offers.offered_or_none(reward, offered.pk)
    assert offer and offer.product == offered
    assert offers.offered_or_none(reward, other.pk) is None
    assert offers.offered_or_none(reward, 0) is None


@pytest.fixture
def shirt(db, now):
    made = make.product(stock_units=0)
    add_size(made, "L", now=now)
    return made


@pytest.mark.parametrize("typed", ["", "x", "-1", "1.0", "١", "9" * 19, "0"])
def test_what_is_no_size_of_the_product_is_none(shirt, typed):
    assert reward_session.size_of(shirt, typed) is None


def test_a_size_is_remembered_for_its_own_product_until_the_order_is_placed(shirt, customer):
    request, size = request_of(customer), shirt.sizes.get()

    reward_session.remember_size(request, "handle", size)
    reward_session.remember_size(request, "another", size)

    assert reward_session.chosen_size(request, "handle", shirt) == size
    assert reward_session.chosen_size(request, "handle", make.product()) is None
    reward_session.forget_choices(request, "handle")
    assert request.session == {"sizes": {"another": str(size.pk)}}


def test_a_size_of_another_product_is_none(shirt):
    assert reward_session.size_of(make.product(), str(shirt.sizes.get().pk)) is None


def test_a_kept_address_is_the_customers_own(customer, now):
    save_address(customer, make.PORTLAND, now=now)
    kept = SavedAddress.objects.get()

    assert page_helpers.saved_or_404(request_of(customer), kept.pk) == kept
    with pytest.raises(Http404):
        page_helpers.saved_or_404(request_of(make.customer()), kept.pk)


@pytest.mark.parametrize("pk", ["", "x", "-1", "9" * 19, "1 OR 1=1"])
def test_what_is_no_id_is_no_address(customer, pk):
    with pytest.raises(Http404):
        page_helpers.saved_or_404(request_of(customer), pk)


def test_a_customers_page_is_neither_kept_nor_indexed_nor_passed_on(customer):
    answer = private_pages.private(lambda request: HttpResponse())(request_of(customer))

    assert answer["Cache-Control"] == "no-store, private" and answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "same-origin"
    assert private_pages.see_other("/r/x/")["Referrer-Policy"] == "no-referrer"
