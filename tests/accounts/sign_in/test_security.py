"""A second factor, sessions, sign-ins, and what asks for the password again."""

import json
import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import ApiKey, SignIn, User
from accounts.sign_in.second_factor import has_second_factor
from accounts.sign_in.sign_in_log import device_of, shortened
from moments import clock
from tests import make

SECURITY = reverse("accounts:security")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def sign_in(user, *, agent: str = FIREFOX, then: str = "") -> Client:
    """Through the sign-in page, with the password."""
    client = Client(headers={"User-Agent": agent})
    client.answer = client.post("/accounts/login/", {"login": user.email, "password": make.PASSWORD, "next": then})
    return client


def code_of(secret: str) -> str:
    """What the app shows now."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def set_up_app(client) -> str:
    """The secret, after the app was turned on."""
    page = client.get("/accounts/2fa/totp/activate/").text
    secret = re.search(r"<code[^>]*>([A-Z2-7]+)</code>", page).group(1)
    with time_machine.travel(clock.now(), tick=False):  # a code is good until its half minute ends
        answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert answer.status_code == 302, "the app is turned on"
    return secret


# Second factor


@pytest.mark.slow
def test_an_app_is_set_up_and_asked_for_at_the_next_sign_in(member, db):
    client = sign_in(member.user)
    secret = set_up_app(client)
    assert has_second_factor(member.user)

    other = sign_in(member.user)
    assert other.answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert other.get("/console/").status_code == 302, "the password alone opens nothing"
    wrong = other.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "Incorrect code" in wrong.text
    with time_machine.travel(clock.now(), tick=False):  # one code for both
        other.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
        assert other.get("/console/").status_code == 200
        third = sign_in(member.user)
        third.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
        assert third.get("/console/").status_code == 302, "a code that was used is used up"


def test_a_recovery_code_signs_in_once(member, db):
    client = sign_in(member.user)
    set_up_app(client)
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    assert code in client.get("/accounts/2fa/recovery-codes/").text

    for works in (True, False):
        other = sign_in(member.user)
        other.post("/accounts/2fa/authenticate/", {"code": code})
        assert (other.get("/console/").status_code == 200) is works


def test_secrets_are_sealed_with_the_installations_key(member, settings, db):
    secret = set_up_app(sign_in(member.user))

    kept = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key"
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()


def test_where_it_is_required_nothing_is_done_without_it_and_one_comes_back(member, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    client = sign_in(member.user)
    new = reverse("console:developers:new_app")
    assert client.get("/console/").status_code == 200, "looking takes none"

    for answer in (
        client.get(new),
        client.post(new, {"name": "Lantern"}, headers={"Referer": f"http://testserver{new}"}),
    ):
        assert answer["Location"] == SECURITY
    assert not member.organization.apps.exists()
    assert "This takes a second factor" in client.get(SECURITY).text

    set_up_app(client)
    page = client.get(SECURITY).text
    assert f'<a href="http://testserver{new}">Go on where you were</a>' in page
    assert client.get(new).status_code == 200


def test_the_page_that_one_returns_to_is_ours(member, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    client = sign_in(member.user)
    path = reverse("console:developers:new_app")

    client.post(path, {"name": "x"}, headers={"Referer": "https://elsewhere.example/"})

    set_up_app(client)
    page = client.get(SECURITY).text
    assert "elsewhere" not in page and f'href="{path}"' in page


def test_operators_need_one_for_every_page_of_theirs(settings, db):
    settings.SECOND_FACTOR_REQUIRED = True
    operator = make.operator()
    client = sign_in(operator)

    assert client.get("/admin/")["Location"] == SECURITY
    set_up_app(client)
    assert client.get("/admin/").status_code == 200


def test_the_operators_own_door_is_the_same_door(db):
    """Else a password alone would open it."""
    operator = make.operator()
    set_up_app(sign_in(operator))

    client = Client()
    answer = client.post("/admin/login/", {"username": operator.email, "password": make.PASSWORD})

    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
    assert client.get("/admin/").status_code == 302


def test_the_first_operator_comes_in_without_a_mail(settings, db):
    settings.SECOND_FACTOR_REQUIRED = True
    operator = User.objects.create_superuser("root@example.com", make.PASSWORD)
    client = sign_in(operator)

    assert client.get("/admin/")["Location"] == SECURITY
    set_up_app(client)
    assert client.get("/admin/").status_code == 200


def test_only_the_demo_needs_none(settings, tmp_path):
    from moments import settings as ours

    assert ours.SECOND_FACTOR_REQUIRED is ours.IS_LIVE


def test_passkeys_have_their_pages(member, db):
    client = sign_in(member.user)

    page = client.get("/accounts/2fa/webauthn/add/").text
    assert "publicKey" in page and "mfa_webauthn_add" in page
    assert "None yet." in client.get("/accounts/2fa/webauthn/").text
    answer = client.post("/accounts/2fa/webauthn/add/", {"name": "Key", "credential": "{}"})
    assert answer.status_code == 200 and not has_second_factor(member.user)


def test_the_app_is_removed_after_a_question(member, db):
    client = sign_in(member.user)
    set_up_app(client)

    assert "Remove the authenticator app?" in client.get("/accounts/2fa/totp/deactivate/").text
    assert has_second_factor(member.user)
    client.post("/accounts/2fa/totp/deactivate/")
    assert not has_second_factor(member.user)


# The password again


def aged(client: Client) -> Client:
    """As if eleven minutes had passed since the password was given."""
    session = client.session
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [{**each, "at": each["at"] - 660} for each in records]
    session.save()
    return client


def test_a_key_takes_the_password_again_after_ten_minutes_and_what_was_typed_is_kept(member, db):
    app = make.app(member)
    page = reverse("console:developers:new_key", args=[app.pk])
    client = sign_in(member.user)
    assert client.get(page).status_code == 200

    answer = aged(client).post(page, {"mode": "test", "name": "Server one"})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not ApiKey.objects.exists()
    assert "Is it you?" in client.get(answer["Location"]).text
    client.post("/accounts/reauthenticate/", {"password": "wrong"})
    assert not ApiKey.objects.exists()

    done = client.post("/accounts/reauthenticate/", {"password": make.PASSWORD, "next": page}, follow=True)

    assert ApiKey.objects.get().name == "Server one"
    assert "mk_test_" in done.text


@pytest.mark.parametrize(
    "name", ["console:team:invite", "console:billing:card", "console:billing:remove_card", "console:billing:hand_over"]
)
def test_team_and_card_take_the_password_again(member, name):
    client = aged(sign_in(member.user))

    assert client.get(reverse(name))["Location"].startswith("/accounts/reauthenticate/")


# Sessions and sign-ins


def test_sessions_are_listed_and_ended_on_the_server(member, db):
    here, there = sign_in(member.user), sign_in(member.user, agent="Mozilla/5.0 (iPhone) Safari/604.1")
    page = here.get(SECURITY).text
    assert "Firefox on Linux" in page and "Safari on iPhone" in page and "127.0.0.x" in page

    other = UserSession.objects.get(session_key=there.session.session_key)
    here.post(reverse("accounts:end_session", args=[other.pk]))

    assert there.get("/console/").status_code == 302
    assert here.get("/console/").status_code == 200


def test_all_others_are_ended_at_once(member, db):
    here, *others = [sign_in(member.user) for _number in range(3)]

    here.post(reverse("accounts:end_other_sessions"))

    assert [client.get("/console/").status_code for client in (here, *others)] == [200, 302, 302]


def test_nobody_ends_the_session_of_another(member, db):
    theirs = sign_in(make.user())
    session = UserSession.objects.get(session_key=theirs.session.session_key)
    mine = sign_in(member.user)

    assert mine.post(reverse("accounts:end_session", args=[session.pk])).status_code == 404
    assert theirs.get("/my/rewards/").status_code == 200
    assert mine.get(reverse("accounts:end_session", args=[session.pk])).status_code == 405


def test_sign_ins_and_failures_stand_on_the_page_and_of_strangers_nothing(member, db):
    Client(headers={"User-Agent": FIREFOX}).post("/accounts/login/", {"login": member.user.email, "password": "wrong"})
    Client().post("/accounts/login/", {"login": "nobody@example.com", "password": "wrong\x00"})
    client = sign_in(member.user)

    page = client.get(SECURITY).text

    assert "wrong password or code" in page and "signed in" in page
    assert list(SignIn.objects.values_list("outcome", flat=True)) == ["succeeded", "failed"]
    assert "wrong" not in str(list(SignIn.objects.values("device", "address")))


@pytest.mark.parametrize(
    ("address", "short"),
    [("203.0.113.77", "203.0.113.x"), ("2001:db8:7:1::9", "2001:db8:7::"), ("", ""), ("nonsense", "")],
)
def test_an_address_is_shortened(address, short):
    assert shortened(address) == short


@pytest.mark.parametrize(
    ("agent", "seen"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537 Edg/120", "Edge on Windows"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_device_is_told_from_its_browser(agent, seen):
    assert device_of(agent) == seen


def test_a_customer_has_the_page_too(customer):
    client = sign_in(customer)

    page = client.get(SECURITY)

    assert page.status_code == 200 and "Console" not in page.text


def test_expired_sessions_leave_the_list(member, db):
    here, gone = sign_in(member.user), sign_in(member.user)
    gone.session.flush()
    call_command("clearsessions")

    assert here.get(SECURITY).text.count("Firefox on Linux") >= 1
    assert UserSession.objects.count() == 1


def test_operators_remove_a_lost_second_factor_and_never_see_its_secret(client, member, db):
    secret = set_up_app(sign_in(member.user))
    client.force_login(make.operator())
    page = reverse("admin:mfa_authenticator_changelist")
    found = Authenticator.objects.get(type="totp")

    shown = client.get(reverse("admin:mfa_authenticator_change", args=[found.pk])).text
    assert secret not in shown and found.data["secret"] not in shown
    client.post(page, {"action": "remove", "_selected_action": [found.pk]})

    assert not has_second_factor(member.user)


# What takes the password again inside a page


def settle(member):
    """A live campaign, a colleague, an invitation, an app: what a thief with a session would change."""
    colleague = make.member("editor", organization=member.organization)
    return make.campaign(of=member), colleague, make.invitation(email="new@example.com", of=member)


def state(member, campaign) -> list:
    organization = member.organization
    organization.refresh_from_db()
    campaign.refresh_from_db()
    return [
        organization.name,
        list(organization.members.order_by("pk").values_list("pk", "role")),
        list(organization.invitations.order_by("pk").values_list("withdrawn_at", flat=True)),
        list(organization.apps.order_by("pk").values_list("ip_allowlist", flat=True)),
        (campaign.total_budget_cents, campaign.monthly_limit_cents),
    ]


def limits(campaign, *, total: int) -> dict[str, str]:
    fields = {"total_budget_cents": total, "monthly_limit_cents": campaign.monthly_limit_cents}
    return {name: f"{cents // 100}.{cents % 100:02}" for name, cents in fields.items()}


@pytest.mark.parametrize("what", ["remove_member", "withdraw", "allowlist", "raise", "rename"])
def test_what_a_thief_would_change_takes_the_password_again(member, what):
    campaign, colleague, invitation = settle(member)
    app, total = campaign.app, campaign.total_budget_cents
    changes = {
        "remove_member": (reverse("console:team:remove", args=[colleague.pk]), {}),
        "withdraw": (reverse("console:team:withdraw_invitation", args=[invitation.pk]), {}),
        "allowlist": (
            reverse("console:developers:app", args=[app.pk]),
            {"name": app.name, "url": app.url, "opens_in": app.opens_in, "allowlist": "203.0.113.0/24"},
        ),
        "raise": (reverse("console:campaigns:budget", args=[campaign.pk]), limits(campaign, total=total + 100_00)),
        "rename": (reverse("console:organization:detail"), {"name": "Another name"}),
    }
    path, body = changes[what]
    client = sign_in(member.user)
    before = state(member, campaign)

    answer = aged(client).post(path, body)
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert state(member, campaign) == before

    client.post("/accounts/reauthenticate/", {"password": make.PASSWORD, "next": path})
    assert state(member, campaign) != before


def test_a_budget_is_lowered_without_the_password(member):
    campaign, *_rest = settle(member)
    total = campaign.total_budget_cents

    answer = aged(sign_in(member.user)).post(
        reverse("console:campaigns:budget", args=[campaign.pk]), limits(campaign, total=total - 100)
    )

    campaign.refresh_from_db()
    assert answer.status_code == 302 and campaign.total_budget_cents < total


def test_removing_a_colleague_takes_the_second_factor_and_leaving_does_not(member, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    _campaign, colleague, _invitation = settle(member)
    path = reverse("console:team:remove", args=[colleague.pk])

    assert sign_in(member.user).post(path)["Location"] == SECURITY
    assert member.organization.members.count() == 2
    sign_in(colleague.user).post(path)
    assert member.organization.members.count() == 1
