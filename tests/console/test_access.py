"""Who may open which page of the console, and what belongs to a stranger."""

import uuid

import pytest
from django.urls import reverse

from accounts.models import ApiKey, App, Invitation, Member, Organization, SupportRequest
from outbox.models import Mail
from rewards.points.setup.programs import create_program
from rewards.points.setup.rule_editor import add_rule
from tests import make

Role = Member.Role
EVERYBODY, EDITORS, MANAGERS = 3, 2, 1  # how many of the ranks below may
RANKS = [Role.OWNER, Role.EDITOR, Role.ANALYST]


@pytest.fixture
def world(now):
    """An organization with one of everything, and the paths of its pages: (name, arguments) → who may open it."""
    owner = make.member()
    campaign = make.campaign("approved", of=owner)
    draft = make.campaign("draft", of=owner)
    app = campaign.app
    key, _secret = make.create_api_key(app, mode="test", now=now)
    request = SupportRequest.objects.create(organization=owner.organization, kind="other", subject="Hello")
    program = create_program(owner, name="Stars", time_zone="UTC", apps=[app], now=now)
    add_rule(program, action="level", points_per_event=1, now=now)
    pages = {
        ("console:home",): EVERYBODY,
        ("console:developers:apps",): EVERYBODY,
        ("console:developers:app", app.pk): EVERYBODY,
        ("console:team:list",): EVERYBODY,
        ("console:support:list",): EVERYBODY,
        ("console:support:new",): EVERYBODY,
        ("console:support:detail", request.pk): EVERYBODY,
        ("console:account:profile",): EVERYBODY,
        ("console:organization:detail",): MANAGERS,
        ("console:developers:new_app",): MANAGERS,
        ("console:developers:new_key", app.pk): MANAGERS,
        ("console:developers:roll_key", app.pk, key.pk): MANAGERS,
        ("console:developers:revoke_key", app.pk, key.pk): MANAGERS,
        ("console:team:invite",): MANAGERS,
        ("console:team:member", owner.pk): MANAGERS,
        ("console:campaigns:list",): EVERYBODY,
        ("console:campaigns:detail", campaign.pk): EVERYBODY,
        ("console:campaigns:new",): EDITORS,
        ("console:campaigns:details", draft.pk): EDITORS,
        ("console:campaigns:moments", draft.pk): EDITORS,
        ("console:campaigns:moment", draft.pk, draft.moments.get().pk): EDITORS,
        ("console:campaigns:rewards", draft.pk): EDITORS,
        ("console:campaigns:rewards_in", draft.pk, "DE"): EDITORS,
        ("console:campaigns:message", draft.pk): EDITORS,
        ("console:campaigns:budget", draft.pk): EDITORS,
        ("console:campaigns:review", draft.pk): EDITORS,
        ("console:campaigns:act", campaign.pk, "take-down"): EDITORS,
        ("console:catalog:list",): EVERYBODY,
        ("console:catalog:offer_product",): EDITORS,
        ("console:catalog:offer_tshirt",): EDITORS,
        ("console:help:index",): EVERYBODY,
        ("console:developers:reference",): EVERYBODY,
        ("console:help:badge",): EVERYBODY,
        ("console:rewards:campaign", campaign.pk): EVERYBODY,
        ("console:rewards:send", campaign.pk): EDITORS,
        ("console:points:list",): EVERYBODY,
        ("console:points:new",): EDITORS,
        ("console:points:program", program.pk): EVERYBODY,
        **{(f"console:points:{name}", program.pk): EVERYBODY for name in ("rules", "tiers", "users", "simulator")},
        **{
            (f"console:points:{name}", program.pk): EDITORS
            for name in ("add_rule", "add_tier", "add_status", "add_multiplier", "settings", "record")
        },
    }
    return owner, pages


def status_of(client, page) -> int:
    name, *arguments = page
    return client.get(reverse(name, args=arguments)).status_code


@pytest.mark.slow
def test_each_role_opens_what_it_may(client, world):
    owner, pages = world
    for rank, role in enumerate(RANKS, start=1):
        member = owner if role == Role.OWNER else make.member(role, organization=owner.organization)
        client.force_login(member.user)
        found = {page: status_of(client, page) for page in pages}
        assert found == {page: 200 if rank <= allowed else 403 for page, allowed in pages.items()}, role


def test_who_has_not_signed_in_is_sent_to_do_so(client, world):
    for page in world[1]:
        answer = client.get(reverse(page[0], args=page[1:]))
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/"), page


def test_what_belongs_to_a_stranger_is_not_found(client, world):
    stranger = make.member()
    client.force_login(stranger.user)
    for name, *arguments in world[1]:
        if arguments:
            assert status_of(client, (name, *arguments)) == 404, name


@pytest.mark.slow
def test_a_user_without_an_organization_registers_one_first(client, db):
    client.force_login(make.user())

    assert client.get("/console/")["Location"] == reverse("console:organization:new")
    page = client.get(reverse("console:organization:new")).text
    assert "South Africa" in page and "Switzerland" in page


def test_registering_keeps_what_was_typed_when_it_refuses(client, db):
    client.force_login(make.user())

    answer = client.post(reverse("console:organization:new"), {"name": "Alpine Ltd", "country": "CH"})

    assert "Organizations in Switzerland cannot take part" in answer.text
    assert "Alpine Ltd" in answer.text
    assert Organization.objects.count() == 0


def test_a_key_is_on_the_page_that_made_it_and_nowhere_else(console, member):
    app = make.app(member)

    made = console.post(reverse("console:developers:new_key", args=[app.pk]), {"mode": "live", "name": "production"})

    secret = made.context["secret"]
    assert secret in made.text
    assert "no-store" in made["Cache-Control"]
    assert secret not in console.get(reverse("console:developers:app", args=[app.pk])).text
    assert ApiKey.objects.get().name == "production"


def test_an_app_is_edited_and_a_bad_address_is_named(console, member):
    app = make.app(member)
    page = reverse("console:developers:app", args=[app.pk])
    fields = {"name": "Renamed", "opens_in": "web_view", "allowlist": "203.0.113.0/24"}

    assert "Line 1" in console.post(page, {**fields, "allowlist": "nonsense"}).text
    console.post(page, fields)

    app.refresh_from_db()
    assert (app.name, app.opens_in, app.ip_allowlist) == ("Renamed", "web_view", ["203.0.113.0/24"])


def test_an_invitation_goes_by_mail_and_its_link_joins(console, client, member):
    guest = make.user("guest@example.com")
    console.post(reverse("console:team:invite"), {"email": guest.email, "role": "editor"})
    link = Mail.objects.get(to_email=guest.email).text.split("/join/")[1].split("/")[0]
    client.force_login(guest)

    client.get(f"/join/{link}/")
    assert not member.organization.members.filter(user=guest).exists()
    client.post(f"/join/{link}/")

    assert member.organization.members.get(user=guest).role == "editor"
    assert Invitation.objects.get().accepted_at


def test_contact_us_reaches_operators_and_the_answer_comes_back(console, client, member):
    console.post(reverse("console:support:new"), {"kind": "limit", "subject": "More", "body": "Please raise it."})
    request = SupportRequest.objects.get()
    assert "Please raise it." in Mail.objects.get().text

    client.force_login(make.operator())
    client.post(
        reverse("admin:accounts_supportrequest_change", args=[request.pk]),
        {"answer": "Done.", "messages-TOTAL_FORMS": 0, "messages-INITIAL_FORMS": 0},
    )

    assert Mail.objects.get(to_email=member.user.email).text.startswith("Done.")


@pytest.mark.slow
def test_no_input_makes_an_error(console, member):
    app = make.app(member)
    campaign = make.campaign("draft", of=member)
    nasty = [
        "\x00",
        "https://[x",
        "1e999999",
        "27,50",
        "x\ny",
        "9999-12-31T23:59",
        "0001-01-01T00:00",
        "é" * 5000,
        "' OR 1=1 --",
        "<script>",
        "-1",
        "NaN",
        "9" * 60,
        "2026-13-45T99:99",
    ]
    pages = [
        ("console:developers:app", app.pk),
        ("console:developers:new_app",),
        ("console:support:new",),
        ("console:team:invite",),
        ("console:campaigns:new",),
        ("console:campaigns:details", campaign.pk),
        ("console:campaigns:moments", campaign.pk),
        ("console:campaigns:message", campaign.pk),
        ("console:campaigns:budget", campaign.pk),
        ("console:campaigns:choose", campaign.pk, "US"),
        ("console:rewards:send", campaign.pk),
        ("console:points:new",),
    ]
    for name, *arguments in pages:
        path = reverse(name, args=arguments)
        form = console.get(path).context
        fields = (
            list(form["form"].fields) if form and "form" in form else ["add", "remove", "category", "clear", "query"]
        )
        for value in nasty:
            assert console.post(path, dict.fromkeys(fields, value)).status_code < 500, (name, value)
        for number, alone in enumerate(fields):
            value = nasty[number % len(nasty)]
            assert console.post(path, {alone: value}).status_code < 500, (name, alone, value)
    asked = [
        "before",
        "older",
        "page",
        "user",
        "status",
        "q",
        "since",
        "until",
        "campaign",
        "by",
        "what",
        "sort",
        "kind",
    ]
    for name in (
        "console:campaigns:list",
        "console:catalog:list",
        "console:rewards:list",
        "console:reports:report",
        "console:audit:log",
    ):
        for value in nasty:
            assert console.get(reverse(name), dict.fromkeys(asked, value)).status_code < 500, (name, value)
    assert console.get(reverse("console:campaigns:detail", args=[uuid.uuid4()])).status_code == 404
    for path in ("/orders/%00/", f"/console/campaigns/{campaign.pk}/rewards/%00/", "/join/%00/"):
        assert console.get(path).status_code == 404
    for value in [*nasty, "abc", "", "9" * 40]:
        assert console.post(reverse("console:organization:choose"), {"organization": value}).status_code == 404
    long_values = {"name": "x", "opens_in": "browser", "url": f"https://example.com/{'x' * 300}"}
    assert console.post(reverse("console:developers:new_app"), long_values).status_code == 200
    address = {"email": f"x@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 40}.com", "role": "editor"}
    assert console.post(reverse("console:team:invite"), address).status_code == 200
    assert console.get("/console/campaigns/").status_code == 200
    assert App.objects.filter(pk=app.pk).exists()
