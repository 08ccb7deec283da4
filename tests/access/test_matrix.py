"""Who may open and send what. Run with ``MATRIX=write`` to write down what is; then read it before it is believed."""

import copy
import os
import re
from decimal import Decimal

import pytest
from django.core import signing
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client

from accounts.organizations.service import invite_member, open_request, remove_member
from api.models import ApiCall
from campaigns.billing.statements import close_months
from console.reports.subscriptions import SALT
from operations.digest import SALT as DIGEST_SALT
from outbox.emails.suppression import SALT as CHECK_SALT
from outbox.models import EmailSuppression, Event, WebhookDelivery
from outbox.webhooks.endpoints import create_endpoint
from redemption.addresses.saved import save_address
from rewards.bulk import service as bulk
from rewards.issuing.reminders import stop_url
from rewards.models import PointAccount, PointEvent, StuckExchange
from rewards.points.setup.programs import create_program
from rewards.points.setup.rule_editor import add_multiplier, add_rule, add_status
from rewards.points.setup.tiers import add_tier
from tests import make
from tests.access.matrix import ACTORS, METHODS, WRITTEN, address, letter, routes, written
from tests.campaigns.billing.test_statements import issue_last_month, last_month
from tests.conftest import SignedIn

GONE = {  # answered by no view of ours in tests: files of the web server's, and what has its own access rules and tests
    "media",
    "compatible:compatible",
    "api:openapi-json",
    "api:api-root",
}
NOTE = f"# {', '.join(ACTORS)}; the letters are told in matrix.py\n"


@pytest.fixture
def world(now, settings):
    """An organization with one of everything, and somebody in each role."""
    owner = make.member()
    organization = owner.organization
    people = {role: make.member(role, organization=organization) for role in ("admin", "editor", "analyst")}
    removed = make.member("editor", organization=organization)
    remove_member(removed, by=owner)
    campaign = make.campaign(of=owner, days=(-90, 30))
    issue_last_month(campaign, now)
    close_months(now=now)
    customer = make.customer()
    mine = make.reward(campaign, claimed_by=customer)
    order = make.order(make.reward(campaign), by=customer)
    kept = save_address(customer, make.PORTLAND, now=now)
    app = campaign.app
    make.api_key(app)
    draft = make.campaign("draft", of=owner)
    invitation, _secret = invite_member(owner, email="new@example.com", role="editor", now=now)
    request = open_request(owner, kind="other", subject="A mug", body="Please.", now=now)
    batch = bulk.check_upload(campaign, content=b"user_id\nada\n", file_name="a.csv", by=owner, now=now)
    program = create_program(owner, name="All", time_zone="UTC", apps=[app], now=now)
    rule = add_rule(program, action="play", points_per_event=10, now=now)
    tier = add_tier(program, points=10, group=campaign.groups.get(), is_automatic=False, now=now)
    stuck = stuck_exchange(program, campaign, now)
    status = add_status(program, name="Gold", threshold=100, period_days=30, now=now)
    endpoint, _secret = create_endpoint(organization, url="https://example.com/hook", by=owner, now=now)
    delivery = delivery_of(endpoint, now)
    api_call = api_call_of(app, now)
    multiplier = add_multiplier(program, name="Double", factor=Decimal(2), status=status, now=now)
    return {
        "people": {
            "anonymous": None,
            "customer": customer,
            "stranger": make.member().user,
            "removed": removed.user,
            "owner": owner.user,
            "operator": make.operator(),
            **{role: member.user for role, member in people.items()},
        },
        "known": known(locals()),
    }


def api_call_of(app, now) -> ApiCall:
    columns = {"method": "GET", "path": "/api/v1/program", "status": 200, "milliseconds": 5, "is_live": True}
    return ApiCall.objects.create(organization=app.organization, app=app, occurred_at=now, **columns)


def delivery_of(endpoint, now) -> WebhookDelivery:
    event = Event.objects.create(organization=endpoint.organization, type="test.ping", payload={}, sequence=1)
    columns = {"organization": endpoint.organization, "due_at": now, "created_at": now}
    return WebhookDelivery.objects.create(event=event, endpoint=endpoint, **columns)


def stuck_exchange(program, campaign, now) -> StuckExchange:
    """Of an automatic tier whose campaign refused."""
    automatic = add_tier(program, points=20, group=campaign.groups.get(), is_automatic=True, now=now)
    account = PointAccount.objects.create(program=program, app_user_id="bob")
    event = PointEvent.objects.create(
        app=campaign.app, event_id="e1", account=account, action="play", occurred_at=now, received_at=now
    )
    return StuckExchange.objects.create(
        account=account, tier=automatic, event=event, code="campaign_finished", reason="It finished.", occurred_at=now
    )


def known(made: dict) -> dict:
    """A value for each parameter: ``pk`` is a campaign's, but where a route says otherwise."""
    campaign, mine = made["campaign"], made["mine"]
    team = {f"console:team:{name}:pk": made["people"]["editor"].pk for name in ("member", "remove")}
    team["console:team:withdraw_invitation:pk"] = made["invitation"].pk
    apps = {
        f"console:developers:{name}:pk": made["app"].pk
        for name in ("app", "app_brand", "new_key", "roll_key", "revoke_key")
    }
    asked = {f"console:support:{name}:pk": made["request"].pk for name in ("detail", "close")}
    rewards = {f"console:rewards:{name}:pk": mine.pk for name in ("detail", "void")}
    uploads = {
        f"console:rewards:{name}:pk": made["batch"].pk
        for name in (
            *("upload", "upload_progress", "confirm_upload", "cancel_upload", "discard_upload"),
            *("upload_errors", "upload_result"),
        )
    }
    points = {
        f"console:points:{name}:pk": made["program"].pk
        for name in (
            *(
                "program",
                "settings",
                "join_app",
                "leave_app",
                "clear_test_ledger",
                "record",
                "upload",
                "upload_sample",
                "upload_results",
                "open_page",
                "simulator",
            ),
            *("rules", "add_rule", "rule", "pause_rule", "resume_rule", "remove_rule"),
            *("add_multiplier", "multiplier", "remove_multiplier", "add_status", "status", "remove_status"),
            *("tiers", "add_tier", "tier", "retire_tier", "exchange", "retry_stuck", "dismiss_stuck"),
            *("users", "export_users", "user", "export", "adjust", "reverse_event"),
        )
    }
    webhooks = {
        f"console:developers:{name}:pk": made["endpoint"].pk
        for name in (
            *("webhook", "edit_webhook", "roll_webhook", "disable_webhook", "enable_webhook", "ping_webhook"),
            *("replay_webhook", "webhook_delivery", "send_again"),
        )
    }
    apps["console:developers:api_call:pk"] = made["api_call"].pk
    drafted = {f"console:campaigns:{name}:pk": made["draft"].pk for name in EDITOR}
    drafted |= {
        f"console:campaigns:{name}:moment_pk": made["draft"].moments.get().pk for name in ("moment", "remove_moment")
    }
    trouble = EmailSuppression.objects.create(email="lost@example.com", occurred_at=made["now"], method="returned")
    product = mine.group.choices.first().product
    return {
        **{
            "pk": campaign.pk,
            "store": "US",
            "moment_pk": campaign.moments.get().pk,
            "slug": "tournament",
            "group": "rewards",
        },
        **{
            "key_pk": made["app"].api_keys.get().pk,
            "tier_pk": made["tier"].pk,
            "tier_id": made["tier"].pk,
            "rule_pk": made["rule"].pk,
        },
        **{"stuck_pk": made["stuck"].pk, "account_pk": made["stuck"].account_id, "event_pk": made["stuck"].event_id},
        **{"status_pk": made["status"].pk, "multiplier_pk": made["multiplier"].pk, "app_pk": made["app"].pk},
        **{
            "delivery_pk": made["delivery"].pk,
            "number": made["order"].number,
            "console:campaigns:act:name": "take-down",
        },
        **{f"console:billing:{name}:slug": f"{last_month(made['now']):%Y-%m}" for name in STATEMENTS},
        **{
            "console:catalog:product:pk": product.pk,
            "redemption:address:pk": product.pk,
            "redemption:item:pk": product.pk,
            "redemption:review:pk": product.pk,
            "redemption:pay:pk": product.pk,
            "redemption:check_payment:pk": product.pk,
        },
        **{
            "redemption:my_reward:pk": mine.pk,
            "redemption:edit_address:pk": made["kept"].pk,
            "redemption:forget_address:pk": made["kept"].pk,
            "outbox:mail:pk": 1,
            "outbox:mail_html:pk": 1,
            "outbox:check:signed": signing.dumps(trouble.pk, salt=CHECK_SALT),
            "accounts:end_session:pk": 1,
        },
        **{"operations:stop_digest:signed": signing.dumps(made["owner"].pk, salt=DIGEST_SALT)},
        **{"console:reports:unsubscribe:signed": signing.dumps(made["owner"].pk, salt=SALT), "user_id": "ada"},
        **{"campaign_id": campaign.pk, "reward_id": mine.pk},
        **{"redemption:stop_reminders:signed": stop_url(mine).split("/")[-3]},
        **{"mfa_edit_webauthn:pk": 1, "mfa_remove_webauthn:pk": 1, "forget_account:pk": 1},
        **team,
        **apps,
        **asked,
        **rewards,
        **uploads,
        **points,
        **webhooks,
        **drafted,
    }


EDITOR = (
    *("details", "moments", "split", "moment", "remove_moment", "rewards", "rewards_in", "choose", "message", "budget"),
    *("review", "compare"),
)
STATEMENTS = ("statement", "statement_csv", "statement_pdf")


class Undone(Exception):  # noqa: N818 - ends a try without a trace
    pass


DRAWN = {"owner", "analyst"}  # what a page looks like to the others is other tests' to say


@pytest.fixture
def draws(monkeypatch):
    """Whether templates are filled in: four of five answers are told by their status alone, and pages take long."""
    render, drawn = Template.render, []
    monkeypatch.setattr(Template, "render", lambda *given, **named: render(*given, **named) if drawn else "")

    def act(who: str) -> None:
        drawn[:] = [who] if who in DRAWN else []

    return act


def tried(client: Client, method: str, path: str) -> str:
    """What a call is answered, and nothing of what it did."""
    found, cookies = "", copy.deepcopy(client.cookies)
    try:
        with transaction.atomic():
            answer = client.post(path) if method == "POST" else client.get(path)
            if answer.streaming:
                answer.getvalue()
            found = letter(answer)
            raise Undone
    except Undone:
        client.cookies = cookies  # signing out is undone too
        return found


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_route_answers_everybody_as_it_is_written(world, draws):
    clients = {}
    for who, user in world["people"].items():
        clients[who] = SignedIn()
        if user:
            clients[who].force_login(user)
    found = {}
    for name, pattern in sorted(set(routes())):
        if name not in GONE:
            path = address(name, pattern, world["known"])
            for method in METHODS:
                found[name, method] = ""
                for who in ACTORS:
                    draws(who)
                    found[name, method] += tried(clients[who], method, path)

    if os.environ.get("MATRIX") == "write":
        lines = [f"{name:<34} {method:<4} {letters}" for (name, method), letters in found.items()]
        WRITTEN.write_text(NOTE + "\n".join(lines) + "\n")
    assert {key: found[key] for key in found if found[key] != written().get(key)} == {}
    assert set(written()) == set(found), "a route is gone"
    assert not [key for key, letters in found.items() if "!" in letters]


@pytest.mark.slow
@pytest.mark.parametrize("who", ["customer", "owner", "operator"])
def test_nothing_that_is_shown_to_somebody_signed_in_is_stored(world, monkeypatch, who):
    """Nor can it be framed, or taken for another type than it has."""
    monkeypatch.setattr(Template, "render", lambda *given, **named: "")
    client = SignedIn()
    client.force_login(world["people"][who])
    lacking = {}
    for name, pattern in sorted(set(routes())):
        if name in GONE:
            continue
        path = address(name, pattern, world["known"])
        try:
            with transaction.atomic():
                cookies = copy.deepcopy(client.cookies)
                answer = client.get(path)
                client.cookies = cookies
                stored = "no-store" not in answer.get("Cache-Control", "")
                if stored or answer.get("X-Content-Type-Options") != "nosniff" or "X-Frame-Options" not in answer:
                    lacking[name] = dict(answer.headers)
                raise Undone
        except Undone:
            pass

    assert lacking == {}


CONSOLE = ("accounts:", "console:", "redemption:")
OF_ALL = {
    *("accounts:join", "console:organization:new", "console:organization:choose", "console:account:profile"),
    *("accounts:security", "accounts:end_session", "accounts:end_other_sessions", "accounts:language"),
    *("accounts:ask_link", "accounts:link_sent", "accounts:open_link", "accounts:passkey", "accounts:confirm_by_link"),
    "accounts:after_sign_in",
    "console:reports:unsubscribe",
}
OF_CUSTOMERS = re.compile(
    r"redemption:(my|my_orders|addresses|add_address|edit_address|forget_address|about_me|my_data|everything|download|"
    r"erase|erased|appeal|back|open|open_pasted|terms|reward|claim|other_account|item|address|review|pay|check_payment|"
    r"my_reward|my_rewards|order|decide|stop_reminders)$"
)
BY_ANALYSTS = {  # what everybody in an organization may send
    "console:reports:subscribe",
    "console:points:simulator",  # which stores nothing
    *(
        "console:campaigns:preview",
        "console:support:new",
        "console:support:detail",
        "console:support:close",
        "console:team:remove",
        "console:points:simulator",
    ),
}


def console_routes():
    for (name, method), letters in written().items():
        if name.startswith(CONSOLE) and name not in OF_ALL and not OF_CUSTOMERS.match(name):
            yield name, method, dict(zip(ACTORS, letters, strict=True))


def test_nobody_from_outside_gets_into_the_console():
    """Not signed in: to the sign-in page. Signed in without an organization: to the form that registers one."""
    for name, method, answers in console_routes():
        assert answers["anonymous"] in "sm", (name, method)
        assert {answers[who] for who in ("customer", "removed", "operator")} <= set(">m"), (name, method)


def test_another_organization_finds_nothing_of_ours():
    with_arguments = {name for name, pattern in routes() if "<" in pattern}
    shared = {"console:catalog:product", "console:catalog:store", "console:help:playbook"}  # the same for all
    shared |= {"console:developers:reference_group"}
    for name, method, answers in console_routes():
        if name in with_arguments - shared:
            assert answers["stranger"] in "-m", (name, method)


def test_an_analyst_looks_and_sends_nothing():
    for name, method, answers in console_routes():
        if method == "POST" and name not in BY_ANALYSTS:
            assert answers["analyst"] in "xm-", name
        if method == "GET" and answers["analyst"] == "o":
            assert answers["owner"] == "o", name


def test_whoever_may_more_may_also_what_the_others_may():
    for name, method, answers in console_routes():
        refused = [answers[role] == "x" for role in ("analyst", "editor", "admin", "owner")]
        assert refused == sorted(refused, reverse=True), (name, method)
