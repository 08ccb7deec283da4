"""The reward's doors: what they tell browsers, where they lead, and that looking and clicking leave no trace."""

import re
from urllib.parse import quote, urlsplit

import pytest
from django.core import signing
from django.db import connection
from django.http import HttpResponseRedirect
from django.test import Client

from campaigns.forms import DetailsForm
from redemption import handles
from rewards.services import claim_reward
from tests import make
from tests.redemption.test_pages import open_page, path_of

# fmt: off
HOSTS = [
    "//evil.example", "///evil.example", "////evil.example", "https://evil.example", "http://evil.example/x",
    "https:evil.example", "https:/evil.example", "https:///evil.example", "HTTPS://EVIL.EXAMPLE",
    "ftp://evil.example", "\\\\evil.example", "/\\evil.example", "\\/evil.example", "/\\/evil.example",
    "//\\evil.example", "https:\\\\evil.example", "/%09/evil.example", "/\t/evil.example", "/\n/evil.example",
    "/\r/evil.example", "\t//evil.example", " //evil.example", "%2f%2fevil.example", "/%2fevil.example",
    "%252f%252fevil.example", "/..//evil.example", "/.//evil.example", "//evil.example@testserver",
    "//testserver@evil.example", "https://testserver@evil.example", "https://testserver.evil.example",
    "https://evil.example#testserver", "https://evil.example?testserver", "https://testserver:pw@evil.example",
    "//evil.example:80", "//127.0.0.1", "//[::1]", "//0x7f000001", "//2130706433", "//evil\u3002example",
    "//\uff45vil.example", "//evil.example%00.testserver", "//evil.example%0d%0a", "/\u2028/evil.example",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)",
    "javascript://%0aalert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc/passwd",
    "blob:https://evil.example/x", "about:blank", "view-source:https://evil.example", "?next=//evil.example",
    "#//evil.example", ";//evil.example", "//evil.example/%2e%2e", "http:evil.example",
    "//evil.example\\@testserver", "x://evil.example", "//evil",
]
# fmt: on


def leads_away(answer) -> bool:
    """Any place that a browser would go to which is not on this host."""
    to = answer.get("Location", "")
    parts = urlsplit(re.sub(r"[\t\r\n]", "", to.strip()).replace("\\", "/"))
    return bool(parts.scheme or parts.netloc) and parts.netloc != "testserver"


def test_no_door_of_a_reward_leads_to_another_host(client, reward, customer):
    """Each way to write another host, at every place of a reward's addresses where a text can be put."""
    assert len(set(HOSTS)) == len(HOSTS) >= 60
    page = open_page(client, reward)
    client.force_login(customer)
    page = open_page(client, reward)
    wrong = []
    for number, host in enumerate(HOSTS):
        given = quote(host, safe="")
        signed = quote(signing.dumps(host, salt=handles.RETURN_SALT), safe="")  # even if somebody could sign it
        doors = [f"/r/back/{given}/", f"/r/back/{signed}/", f"/r/{given}/", f"/reward/{given}/"]
        answers = [client.get(doors[number % 4])]
        answers.append(client.post(f"{page}claim/?next={given}", {"next": host, "handle": host}))
        if number % 8 == 0:
            answers.append(client.get(f"{page}?next={given}&to={given}&url={given}"))
        wrong += [(host, each.get("Location")) for each in answers if each.status_code >= 500 or leads_away(each)]
    assert wrong == []


def test_control_a_door_that_led_away_would_be_noticed():
    away = [HttpResponseRedirect(to) for to in ("//evil.example", "https://evil.example")]

    assert all(map(leads_away, away))
    assert not leads_away(HttpResponseRedirect("/reward/x/")) and not leads_away(
        HttpResponseRedirect("https://testserver/")
    )


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
        told = (answer["Cache-Control"], answer["Referrer-Policy"], answer["X-Robots-Tag"])
        assert told == ("no-store, private", policy, "noindex, nofollow"), path


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
