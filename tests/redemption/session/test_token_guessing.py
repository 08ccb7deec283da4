"""Links that somebody guesses."""

import base64
import secrets
import threading

import pytest
from django.db import connection
from redis import Redis

from moments.integrations import rate_limits
from redemption.session import token_guessing
from rewards.issuing.service import issue_and_mail
from rewards.issuing.tokens import campaign_of_preview, preview_token, token_digest
from rewards.models import Reward
from tests import make
from tests.redemption.claim.test_pages import path_of

HERE, ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}, {"REMOTE_ADDR": "203.0.113.8"}
MOST = token_guessing.MISSES.amount


@pytest.fixture(autouse=True)
def nobody_has_missed(settings):
    client = Redis.from_url(settings.REDIS_URL)
    for key in client.scan_iter("*misses*"):
        client.delete(key)


def guess(client, **network):
    return client.get(f"/r/{secrets.token_urlsafe(24)}/", **network)


@pytest.mark.slow
def test_misses_are_told_to_wait_and_the_reward_opens_all_the_same(client, reward):
    statuses = [guess(client, **HERE).status_code for _number in range(MOST + 5)]
    refused = guess(client, **HERE)

    assert statuses == [404] * MOST + [429] * 5
    assert 1 <= int(refused["Retry-After"]) <= 61
    assert "no reward behind this link" in refused.text
    assert client.get(path_of(reward), **HERE).status_code == 303
    assert guess(client, **ELSEWHERE).status_code == 404


@pytest.mark.slow
def test_opening_what_is_there_is_never_counted(client, reward):
    for _number in range(MOST + 5):
        assert client.get(path_of(reward), **HERE).status_code == 303

    assert guess(client, **HERE).status_code == 404


def test_without_redis_each_process_counts_half_and_locks_nobody_out(client, reward, settings, monkeypatch):
    settings.REDIS_URL = "unix:///nowhere/redis.sock?db=0"
    monkeypatch.setattr(rate_limits, "_local", threading.local())
    monkeypatch.setattr(rate_limits, "_alone", type(rate_limits._alone)(type(rate_limits._alone.storage)()))
    half = token_guessing.MISSES_ALONE.amount

    statuses = [guess(client, **HERE).status_code for _number in range(half + 5)]

    assert statuses == [404] * half + [429] * 5
    assert client.get(path_of(reward), **HERE).status_code == 303


def test_a_token_is_192_random_bits_of_which_a_digest_is_kept(campaign):
    rewards = [make.reward(campaign) for _number in range(20)]

    tokens = [token_of(reward) for reward in rewards]

    assert len(set(tokens)) == 20
    assert all(len(base64.urlsafe_b64decode(token)) * 8 == 192 for token in tokens)
    assert [reward.token_digest for reward in rewards] == [token_digest(token) for token in tokens]


def token_of(reward) -> str:
    return path_of(reward).split("/")[2]


def dump() -> str:
    """Every value of every column of every table."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 - names of our own tables
            found += [f"{table} {row}" for (row,) in cursor.fetchall()]
    return "\n".join(sorted(found))


def test_no_table_holds_a_token(client, reward, customer):
    """After a whole redemption: sent by mail, opened, claimed, ordered, reminded."""
    issue_and_mail(make.ask(reward.campaign, app_user_id="kim"), to_email=customer.email, now=reward.issued_at)
    client.force_login(customer)
    page = client.get(path_of(reward))["Location"]
    client.post(page + "claim/")
    make.order(reward, by=customer)

    rows = dump()

    for each in Reward.objects.all():
        token = token_of(each)
        assert token not in rows
        assert token_digest(token) in rows  # the dump does see what is there


def test_a_preview_opens_by_its_own_signature_alone(client, campaign):
    """A campaign's id is no secret: developers send it, and it is in addresses of the console."""
    token, other = preview_token(campaign), preview_token(make.campaign())
    signature = token.rpartition(campaign.pk.hex)[2]
    assert client.get(f"/r/{token}/").status_code == 303
    wrong = [
        token.removesuffix(signature),
        token.removesuffix(signature) + "-",
        token.replace(signature, other[-len(signature) :]),
        token[:-1],
        token + "A",
        *(
            token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
            for at in range(len(token) - 32, len(token))
        ),
    ]

    for guessed in wrong:
        assert campaign_of_preview(guessed) is None, guessed
    for guessed in (*wrong[:4], wrong[5], wrong[-1]):
        assert client.get(f"/r/{guessed}/").status_code == 404, guessed
