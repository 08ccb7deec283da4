"""The reward's addresses: what they tell browsers, where they lead, and that looking and clicking leave no trace."""

import re
from urllib.parse import quote

import pytest
from django.core import signing
from django.db import connection
from django.test import Client

from console.campaigns.forms import DetailsForm
from redemption.session import reward_session
from rewards.claims.service import claim_reward
from tests import make
from tests.accounts.sign_in.test_open_redirects import PAYLOADS, is_here
from tests.redemption.claim.test_pages import open_page, path_of


def leads_away(answer) -> bool:
    return "Location" in answer and not is_here(answer["Location"])


@pytest.mark.slow
def test_no_door_of_a_reward_leads_to_another_host(client, reward, customer):
    """Each way to write another host, at every place of a reward's addresses where a text can be put."""
    page = open_page(client, reward)
    client.force_login(customer)
    page = open_page(client, reward)
    wrong = []
    for number, host in enumerate(PAYLOADS):
        given = quote(host, safe="")
        signed = quote(signing.dumps(host, salt=reward_session.RETURN_SALT), safe="")  # even if somebody could sign it
        paths = [f"/r/back/{given}/", f"/r/back/{signed}/", f"/r/{given}/", f"/reward/{given}/"]
        answers = [client.get(paths[number % 4])]
        answers.append(client.post(f"{page}claim/?next={given}", {"next": host, "handle": host}))
        if number % 8 == 0:
            answers.append(client.get(f"{page}?next={given}&to={given}&url={given}"))
        wrong += [(host, each.get("Location")) for each in answers if each.status_code >= 500 or leads_away(each)]
    assert wrong == []


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "//evil"]
)
def test_the_apps_own_return_link_is_no_script(link):
    form = DetailsForm({"return_link": link})

    assert "return_link" in form.errors


def test_pages_of_a_reward_are_kept_by_nobody_and_pass_no_address_on(client, reward, customer, now):
    claim_reward(reward, customer=customer, now=now)
    client.force_login(customer)
    page = open_page(client, reward)
    product = reward.group.choices.get().product

    for path in (page, f"{page}items/{product.pk}/address/", "/my/rewards/", "/r/unknown/", "/r/back/x/"):
        answer = client.get(path)
        policy = "no-referrer" if path == "/r/unknown/" else "same-origin"
        shown = (answer["Cache-Control"], answer["Referrer-Policy"], answer["X-Robots-Tag"])
        assert shown == ("no-store, private", policy, "noindex, nofollow"), path


def rows() -> list[str]:
    """Every row of every table but sessions, which remember what was opened, and the cache."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table not in {"django_session", "moments_cache"}:
                cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 - names of our own tables
                found += [f"{table} {row}" for (row,) in cursor.fetchall()]
    return sorted(found)


PREFETCH = {"Purpose": "prefetch", "Sec-Purpose": "prefetch;prerender", "X-Moz": "prefetch"}


def click_on_everything(client: Client, start: str) -> set[str]:
    """As a mail scanner does: every link of ours that it finds is asked for, by HEAD and by GET, three pages deep."""
    visited, waiting = set(), [(start, 3)]
    while waiting:
        path, deep = waiting.pop()
        if path in visited:
            continue
        visited.add(path)
        client.head(path, headers=PREFETCH)
        answer = client.get(path, headers=PREFETCH)
        assert answer.status_code < 500, path
        links = [answer["Location"]] if "Location" in answer else []
        if deep and "text/html" in answer.get("Content-Type", ""):
            links += re.findall(r"<a [^>]*href=\"(/[^\"]*)\"", answer.text.replace("&amp;", "&"))
        waiting += [(link, deep - 1) for link in links if link.startswith("/") and "/logout/" not in link]
    return visited


@pytest.mark.slow
@pytest.mark.parametrize("who", ["nobody", "its customer", "another"])
def test_a_scanner_that_clicks_on_everything_changes_no_row(client, campaign, customer, now, who):
    reward = make.reward(campaign, claimed_by=customer if who == "its customer" else None)
    if who != "nobody":
        client.force_login(customer)
    before = rows()

    visited = click_on_everything(client, path_of(reward))

    assert any(path.startswith("/reward/") for path in visited) and len(visited) > 4
    assert rows() == before


def test_control_a_claim_is_seen_in_the_rows(client, reward, customer):
    client.force_login(customer)
    before = rows()

    client.post(open_page(client, reward) + "claim/")

    assert rows() != before
