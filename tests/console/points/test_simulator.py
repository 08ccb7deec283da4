"""The simulator: which rule, which cap, what result; nothing is stored."""

import json

import pytest

from rewards.models import PointAccount, PointEvent
from rewards.points.events import EventRequest, record_event
from rewards.points.setup.rule_editor import add_rule, pause_rule


def shown(answer) -> list[tuple]:
    return [
        (str(line.label), line.simulated.verdict.points if line.simulated.verdict else None, line.cap_points)
        for line in answer.context["lines"]
    ]


def test_each_event_says_which_rule_which_cap_and_what_result(console, app, program, rule, at, now):
    add_rule(program, action="play", points_per_quantity=10, daily_cap=25, minimum_quantity=2, now=now)
    add_rule(program, action="order", category="shoes", points_per_amount=1, currency="USD", now=now)
    lines = ["buy", "play,2", "play,2", "play,1", "order,1,19.99,shoes", "order,1,5,hats", "fly"]

    answer = console.post(at("simulator"), {"events": "\n".join(lines)})

    assert shown(answer) == [
        ("earns points", 100, None),
        ("earns points", 20, None),
        ("earns points", 5, 25),
        ("earns nothing", 0, None),
        ("earns points", 19, None),
        ("refused", None, None),
        ("refused", None, None),
    ]
    assert answer.context["total"] == 144
    assert all(words in answer.text for words in ("Known actions", "Known categories", "below the rule", "25 a day"))
    assert not PointAccount.objects.exists() and not PointEvent.objects.exists()


def test_a_users_used_caps_count(console, app, program, at, now):
    add_rule(program, action="play", points_per_event=10, lifetime_cap=15, now=now)
    record_event(app, EventRequest("e1", "ada", "play"), now=now)

    ada = console.post(at("simulator"), {"app_user_id": "ada", "events": "play"})
    new = console.post(at("simulator"), {"events": "play"})

    assert (ada.context["total"], new.context["total"]) == (5, 10)
    assert PointEvent.objects.count() == 1


def test_without_events_each_rule_is_tried_once(console, program, rule, at, now):
    add_rule(program, action="order", points_per_amount=1, currency="JPY", minimum_amount_minor=50, now=now)
    paused = add_rule(program, action="play", points_per_event=1, now=now)
    pause_rule(paused, now=now)

    answer = console.post(at("simulator"), {"app_user_id": "ada", "events": ""})

    assert shown(answer) == [("earns points", 100, None), ("earns points", 50, None), ("earns nothing", 0, None)]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("play,x", "is not a quantity"),
        ("play,1,1.999", "not an amount"),
        ("play,1,,,yesterday", "is not a time"),
        ("play,1,,,,,", "7 values"),
        (",1", "1 to 60 characters"),
        ("play,1,,,2026-03-29 02:30", "does not exist"),
    ],
)
def test_a_bad_line_is_named(console, program, at, line, told):
    answer = console.post(at("simulator"), {"events": f"buy\n\n{line}"})

    (error,) = answer.context["form"].errors["events"]
    assert error.startswith("Line 3: ") and told in error and answer.context["lines"] is None


def test_more_events_than_a_call_takes_are_refused(console, program, at):
    answer = console.post(at("simulator"), {"events": "buy\n" * 501})

    assert "501" in answer.context["form"].errors["events"][0]


EVENTS = [
    {"event_id": "o1", "user_id": "ada", "action": "order", "amount": "19.99", "currency": "EUR"},
    {"action": "buy", "quantity": 3},
]
FILE = "event id;user id;action;quantity;amount;currency\no1;ada;order;;19.99;EUR\n;;buy;3;;\n"


@pytest.mark.parametrize(
    "pasted",
    [
        json.dumps({"events": EVENTS}, indent=2),
        json.dumps(EVENTS),
        FILE,
        "action,quantity,amount\norder,,19.99\nbuy,3,",
        "order,,19.99\nbuy,3",
    ],
)
def test_events_are_pasted_as_the_api_and_uploads_take_them(console, program, rule, at, now, pasted):
    add_rule(program, action="order", points_per_amount=1, currency="EUR", now=now)

    answer = console.post(at("simulator"), {"app_user_id": "bob", "events": pasted})

    assert shown(answer) == [("earns points", 19, None), ("earns points", 100, None)]
    users = [line.simulated.event.app_user_id for line in answer.context["lines"]]
    assert users == (["ada", "bob"] if "ada" in pasted else ["bob", "bob"])
    assert "Not in this program yet" in answer.text and "simulated-user" not in answer.text
    assert not PointAccount.objects.exists()


def test_one_event_is_pasted_as_it_is(console, program, rule, at):
    answer = console.post(at("simulator"), {"events": '{"action": "buy"}'})

    assert shown(answer) == [("earns points", 100, None)] and "Simulated as a new user" in answer.text


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ('{"action": }', "Line 1 is not JSON"),
        ('{"action": "buy", "action": "buy"}', "a member occurs twice"),
        ("[" * 100_000, "is not"),
        ("[1]", "Paste an event"),
        ('{"events": 5}', "Paste an event"),
        ('[{"action": "buy"}, {"action": "buy", "quantity": "x"}]', "Event 2: quantity: "),
        ('[{"action": "buy", "points": 5}]', "Event 1: points: "),
        ('[{"action": "bu\\u0000y"}]', "Event 1: A character"),
        ('[{"action": "buy", "amount": "5"}]', "Event 1: Send amount and currency together"),
        ('[{"action": "buy", "quantity": %s}]' % ("9" * 5000), "not valid JSON"),
        ("action,quantity\nbuy,x", "Line 2: quantity is “x”"),
        ("action,occurred_at\nbuy,2026-11-30 18:00", "Line 2: occurred_at is"),
        ("action;action\nbuy;buy", "twice"),
        (json.dumps([{"action": "buy"}] * 501), "There are 501 events"),
        ("action,quantity\n" + "buy,1\n" * 501, "more than 500 lines"),
    ],
)
def test_what_cannot_be_read_is_said_and_kept(console, program, rule, at, pasted, told):
    answer = console.post(at("simulator"), {"events": pasted})

    (error,) = answer.context["form"].errors["events"]
    assert told in error and answer.context["lines"] is None
    assert answer.context["form"]["events"].value() == pasted


def test_an_analyst_simulates_too(analyst, program, rule, ada, at):
    page = analyst.get(at("simulator"), {"user": "ada"})
    answer = analyst.post(at("simulator"), {"app_user_id": "ada", "events": "buy"})

    assert page.context["form"]["app_user_id"].value() == "ada"
    assert shown(answer) == [("earns points", 100, None)] and "250 points available" in answer.text
    assert at("rule", rule.pk) not in answer.text and at("simulator") in answer.text
    assert not PointEvent.objects.exists()
