"""An old session changes nothing of an account, on any route; and whoever owns it hears of every change."""

import json
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.sign_in.recent_authentication import FREE, changes_account
from outbox.models import Mail
from tests import make
from tests.access.matrix import PARAMETER, address, patterns, routes
from tests.accounts.sign_in import further_urls
from tests.accounts.sign_in.test_providers import enter
from tests.accounts.sign_in.test_security import aged, set_up_app, sign_in
from tests.conftest import SignedIn
from tests.harness.passkey import registration

OLD, SECOND = "old@example.com", "second@example.com"
ANOTHER = "correct battery horse staple"
AGAIN = ("/accounts/reauthenticate/", "/accounts/link/confirm/")


@pytest.fixture
def owner(db) -> User:
    """With one of everything that can be changed."""
    user = make.user(OLD, name="Kim")
    EmailAddress.objects.create(user=user, email=SECOND, verified=True)
    SocialAccount.objects.create(user=user, provider="sso", uid="kim")
    return user


def rows(user: User) -> list:
    """All that says how this person is signed in."""
    return [
        list(User.objects.filter(pk=user.pk).values("email", "password")),
        list(EmailAddress.objects.filter(user=user).order_by("pk").values()),
        list(Authenticator.objects.filter(user=user).order_by("pk").values("pk", "type", "data")),
        list(SocialAccount.objects.filter(user=user).values("pk")),
        list(UserSession.objects.filter(user=user).order_by("pk").values("pk")),
    ]


def asked(answer) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith(AGAIN)


PASSWORDS = {"oldpassword": make.PASSWORD, "password1": ANOTHER, "password2": ANOTHER}
BODIES: dict[str, list[dict]] = {
    "account_email": [
        {"action_add": "", "email": "thief@example.com"},
        *({action: "", "email": SECOND} for action in ("action_primary", "action_remove", "action_send")),
    ],
    "account_change_password": [PASSWORDS],
    "account_set_password": [PASSWORDS],
}


def test_no_route_of_any_library_changes_an_account_for_an_old_session(owner):
    client = sign_in(owner)
    set_up_app(client)
    key = Authenticator.objects.create(user=owner, type="webauthn", data={"name": "Key", "credential": {}})
    other = UserSession.objects.create(user=owner, session_key="x" * 32, ip="203.0.113.7", user_agent="")
    account = SocialAccount.objects.get()
    known = {"mfa_edit_webauthn:pk": key.pk, "mfa_remove_webauthn:pk": key.pk, "accounts:end_session:pk": other.pk}
    known["forget_account:pk"] = account.pk
    before, aged_client, walked = rows(owner), aged(client), []

    views = {(name, path): pattern and pattern.callback for name, path, pattern in patterns()}
    for (name, pattern), view in sorted(views.items(), key=lambda found: found[0]):
        if changes_account(name, view):
            for body in BODIES.get(name, [{}]):
                answer = aged_client.post(address(name, pattern, known), body)
                assert asked(answer), name
                assert rows(owner) == before, name
            walked.append(name)

    assert {"account_email", "mfa_deactivate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"} <= set(walked)
    assert {"forget_account", "accounts:end_session", "account_set_password", "socialaccount_connections"} <= set(
        walked
    )
    assert {"mfa_remove_webauthn", "mfa_edit_webauthn", "account_change_password", "mfa_activate_totp"} <= set(walked)


def test_every_free_route_exists_so_that_none_is_freed_by_a_slip():
    assert {name for name, _pattern in routes()} >= FREE


@pytest.mark.slow
def test_no_free_route_changes_an_account_for_an_old_session(owner):
    """With whatever another route of the libraries takes. Signing out ends this session, and that alone."""
    bodies = [{}, {"login": OLD, "password": make.PASSWORD}, {"email": "thief@example.com", "name": "x", **PASSWORDS}]
    bodies += [body for several in BODIES.values() for body in several]
    found = {name: pattern for name, pattern in routes() if name in FREE and name != "account_logout"}
    client = aged(sign_in(owner))
    before = rows(owner)

    for name, pattern in found.items():
        for body in bodies:
            client.post(address(name, pattern, {}), {**body, "password": "wrong"})
            assert rows(owner) == before, name


@pytest.mark.parametrize("prefix", ["sessions/", "accounts/everything/", "django/"])
def test_whatever_library_is_included_later_asks_too(owner, settings, prefix):
    """By whose view it is, not by how its routes are named."""
    settings.ROOT_URLCONF = "tests.accounts.sign_in.further_urls"
    client = aged(sign_in(owner))
    before, walked = rows(owner), []

    for pattern in further_urls.LIBRARIES[prefix].urlpatterns:
        if pattern.name not in FREE:
            path = f"/{prefix}{PARAMETER.sub('1', str(pattern.pattern))}"
            assert asked(client.post(path, PASSWORDS)), path
            assert rows(owner) == before, path
            walked.append(path)

    assert walked


def test_control_what_is_ours_does_not_ask_because_of_that(owner, client):
    client = aged(sign_in(owner))

    assert not asked(client.post("/language/", {"language": "de"}))


@pytest.mark.parametrize("path", ["accounts/user/{}/change/", "accounts/user/{}/password/"])
def test_operators_change_nobodys_account_with_an_old_session(owner, path):
    client = aged(sign_in(make.operator()))
    before = rows(owner)

    answer = client.post(f"/admin/{path.format(owner.pk)}", {"email": "thief@example.com", "password1": ANOTHER})

    assert asked(answer) and rows(owner) == before


def test_operators_change_their_own_password_where_everybody_does(owner):
    assert sign_in(make.operator()).get("/admin/password_change/")["Location"] == "/accounts/password/change/"


# A way for those without a password


def link_of(mail: Mail) -> str:
    return re.search(r"http://testserver(/accounts/link/\S+)", mail.text).group(1)


def test_whoever_has_no_password_confirms_with_a_mailed_link_and_what_was_sent_is_done(owner):
    client = aged(sign_in(owner))
    owner.set_unusable_password()
    owner.save(update_fields=["password"])
    client.force_login(owner)
    page = reverse("account_email")

    answer = client.post(page, {"action_add": "", "email": "new@example.com"})
    assert answer["Location"].startswith("/accounts/link/confirm/")
    assert client.get(answer["Location"]).status_code == 200
    assert not EmailAddress.objects.filter(email="new@example.com").exists()

    client.post("/accounts/link/confirm/", {"next": page})
    link = link_of(Mail.objects.get(kind="sign_in_link", to_email=OLD))
    client.get(link)
    assert not EmailAddress.objects.filter(email="new@example.com").exists(), "looking at it does nothing"
    client.post(link, {"next": page})

    assert EmailAddress.objects.filter(email="new@example.com").exists()


def test_a_link_that_was_used_confirms_nothing(owner):
    client = sign_in(owner)
    client.post("/accounts/link/confirm/", {"next": "/accounts/email/"})
    link = link_of(Mail.objects.get(kind="sign_in_link"))
    client.post(link)

    assert aged(client).post(link).status_code == 410
    assert asked(client.post("/accounts/email/", {"action_remove": "", "email": SECOND}))


def test_nobody_without_a_password_is_waved_through(owner):
    """The library does that with whoever has neither a password nor a second factor."""
    owner.set_unusable_password()
    owner.save(update_fields=["password"])
    client = Client()
    client.force_login(owner)

    for path in ("/accounts/2fa/totp/activate/", "/accounts/password/set/", "/accounts/elsewhere/"):
        answer = client.post(path) if path.endswith("set/") else client.get(path)
        assert asked(answer), path


# Who hears of it


def shown() -> dict[str, set[str]]:
    """What was said to whom; then forgotten."""
    found: dict[str, set[str]] = {}
    for mail in Mail.objects.filter(kind="account_changed"):
        found.setdefault(mail.text.split("\n")[0], set()).add(mail.to_email)
    Mail.objects.all().delete()
    return found


@pytest.mark.slow
def test_every_change_is_told_to_all_addresses_that_were_confirmed_before(owner, django_capture_on_commit_callbacks):
    client, both = sign_in(owner), {OLD, SECOND}

    client.post("/accounts/email/", {"action_add": "", "email": "new@example.com"})
    assert shown() == {"The email address new@example.com was added.": both}
    client.post("/accounts/email/", {"action_remove": "", "email": "new@example.com"})
    assert shown() == {"The email address new@example.com was removed.": both}, "of nobody's confirmed address"
    client.post("/accounts/email/", {"action_primary": "", "email": SECOND})
    assert shown() == {f"You now sign in with {SECOND}.": both}
    client.post("/accounts/email/", {"action_remove": "", "email": OLD})
    assert shown() == {f"The email address {OLD} was removed.": both}, "the one that is gone hears of it too"

    with django_capture_on_commit_callbacks(execute=True):
        set_up_app(client)
    assert shown() == {"An authenticator app was added as a second step.": {SECOND}}
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/recovery-codes/generate/")
    assert shown() == {"New recovery codes were created. The old codes no longer work.": {SECOND}}
    client.post("/accounts/2fa/totp/deactivate/")
    assert shown() == {"The authenticator app was removed.": {SECOND}}
    client.post(reverse("forget_account", args=[SocialAccount.objects.get().pk]))
    assert shown() == {"The account with sso was disconnected.": {SECOND}}
    client.post("/accounts/password/change/", PASSWORDS)
    assert shown() == {"The password was changed.": {SECOND}}


@pytest.mark.slow
def test_a_first_password_a_passkey_and_an_account_elsewhere_are_told_to_all_confirmed_addresses(
    sso, owner, django_capture_on_commit_callbacks
):
    User.objects.filter(pk=owner.pk).update(email=SECOND)  # the one before is confirmed still
    both = {OLD, SECOND}
    client = sign_in(User.objects.get(pk=owner.pk))

    sso.knows("kim-9", email="elsewhere@example.com", email_verified=True)
    enter(client, "sso", "kim-9", "/accounts/elsewhere/", process="connect")
    assert shown() == {"An account with Example ID was connected. It can now sign in.": both}

    client.get("/accounts/2fa/webauthn/add/")
    credential = registration(client.session["mfa.webauthn.state"]["challenge"])
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/webauthn/add/", {"name": "Key", "credential": json.dumps(credential)})
    key = Authenticator.objects.get(type="webauthn")
    assert shown() == {"A passkey was added.": both}
    client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/edit/", {"name": "Laptop"})
    assert Authenticator.objects.get(pk=key.pk).wrap().name == "Laptop"
    assert shown() == {"A passkey was renamed.": both}
    client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/")
    assert shown() == {"A passkey was removed.": both}

    owner.set_unusable_password()
    owner.save(update_fields=["password"])
    client = SignedIn()
    client.force_login(owner)
    client.post("/accounts/password/set/", PASSWORDS)
    assert User.objects.get(pk=owner.pk).check_password(ANOTHER)
    assert shown() == {"A password was set.": both}


def test_joining_an_account_elsewhere_takes_recent_proof_where_the_form_is_sent_too(sso, owner):
    sso.knows("thief", email="thief@example.com", email_verified=True)
    client, before = aged(sign_in(owner)), rows(owner)

    answer = client.post("/accounts/with/sso/", {"process": "connect", "next": "/accounts/elsewhere/"})
    if not asked(answer):
        answer = enter(client, "sso", "thief", "/accounts/elsewhere/", process="connect")

    assert asked(answer) and rows(owner) == before and not shown()


def test_an_address_that_an_operator_marks_as_verified_is_told(owner):
    new = EmailAddress.objects.create(user=owner, email="new@example.com")
    page = reverse("admin:account_emailaddress_changelist")
    mark = {"action": "make_verified", "_selected_action": [new.pk, EmailAddress.objects.get(email=OLD).pk]}

    old_session = aged(sign_in(make.operator()))
    assert asked(old_session.post(page, mark))
    assert not EmailAddress.objects.get(pk=new.pk).verified and not shown()
    sign_in(make.operator()).post(page, mark)

    assert EmailAddress.objects.get(pk=new.pk).verified
    assert shown() == {"Our support team changed how you sign in.": {OLD, SECOND, "new@example.com"}}
    sign_in(make.operator()).post(page, mark)
    assert not shown(), "nothing was changed"


def test_a_reset_password_is_told(owner):
    client = Client()
    client.post("/accounts/password/reset/", {"email": OLD})
    link = re.search(r"http://testserver(\S+)", Mail.objects.get(kind="password_reset_key").text).group(1)
    client.post(client.get(link)["Location"], {"password1": ANOTHER, "password2": ANOTHER})

    assert shown() == {"The password was reset with an emailed link.": {OLD, SECOND}}


@pytest.mark.slow
def test_a_notice_says_what_to_do_in_the_owners_language_and_no_number_of_them_stops_it(owner):
    User.objects.filter(pk=owner.pk).update(language="de")
    client = sign_in(owner)

    for number in range(5):
        client.post("/accounts/email/", {"action_add": "", "email": f"new{number}@example.com"})
        client.post("/accounts/email/", {"action_remove": "", "email": f"new{number}@example.com"})

    notices = Mail.objects.filter(kind="account_changed", to_email=OLD)
    assert notices.count() == 10
    first = notices.order_by("pk").first()
    assert first.language == "de" and "new0@example.com" in first.text
    assert "/accounts/password/reset/" in first.text and "/accounts/security/" in first.text


@pytest.mark.parametrize("kind", ["totp", "recovery_codes", "webauthn"])
def test_what_an_operator_removes_is_told(owner, kind):
    client = sign_in(make.operator())
    if kind == "recovery_codes":
        found = RecoveryCodes.activate(owner).instance
    else:
        found = Authenticator.objects.create(user=owner, type=kind, data={})

    client.post(reverse("admin:mfa_authenticator_changelist"), {"action": "remove", "_selected_action": [found.pk]})

    assert not Authenticator.objects.exists()
    (said,) = shown().values()
    assert said == {OLD, SECOND}
