"""Samples of emails are made up on the spot: nothing of them is stored, and nobody is in them."""

import pytest
from django.utils import translation

from campaigns.models import Campaign
from moments.registry import emails
from operations.email_samples import campaign_sample, samples
from outbox.models import Mail
from redemption.models import Order
from rewards.models import Reward
from tests import make


def test_there_is_a_sample_of_every_kind(db):
    assert set(emails) <= set(samples())


def test_samples_leave_no_rows(db):
    samples()

    assert not any(model.objects.exists() for model in (Campaign, Reward, Order, Mail))


def test_a_customer_is_in_no_sample(reward, customer):
    order = make.order(reward, by=customer)

    shown = str(samples())

    assert customer.email not in shown and order.number not in shown


def test_the_banner_shown_is_the_newest_and_none_where_there_is_none(db, member):
    assert campaign_sample().banner is None

    make.banner(member.organization)
    newest = make.banner(member.organization)
    assert campaign_sample().banner == newest


@pytest.mark.parametrize("language", ["de", "ja"])
def test_samples_are_in_the_readers_language(db, language):
    english = samples()["reward_issued"]["expires"]

    with translation.override(language):
        assert samples()["reward_issued"]["expires"] != english
