"""The simulator: which rule, which cap, what result; nothing is stored."""

import pytest

from rewards.models import PointAccount, PointEvent
from rewards.points.events import EventRequest, record_event
from rewards.points.rule_editor import add_rule, pause_rule


def shown(answer) -> list[tuple]:
    return [
        (str(line.label), line.simulated.verdict.points if line.simulated.verdict else None, line.cap_points)
        for line in answer.context["lines"]
    ]


def test_each_event_says_which_rule_which_cap_and_what_result(console, app, program, rule, at, now):
    add_rule(program, action="play", points_per_quantity=10, daily_cap=25, minimum_quantity=2, now=now)
    add_rule(program, action="order", category="shoes", points_per_amount=1, currency="USD", now=now)
    lines = ["buy", "play,2", "play,2", "play,1", "order,1,19.99,shoes", "order,1,5,hats", "fly"]

    answer = console.post(at("simulator"), {"events": "\n".join(lines), "currency": "USD"})

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
    assert all(words in answer.text for words in ("Known actions", "Known categories", "below the rule", "25 daily"))
    assert not PointAccount.objects.exists() and not PointEvent.objects.exists()


def test_a_users_used_caps_count(console, app, program, at, now):
    add_rule(program, action="play", points_per_event=10, lifetime_cap=15, now=now)
    record_event(app, EventRequest("e1", "ada", "play"), now=now)

    ada = console.post(at("simulator"), {"app_user_id": "ada", "events": "play", "currency": ""})
    new = console.post(at("simulator"), {"events": "play", "currency": ""})

    assert (ada.context["total"], new.context["total"]) == (5, 10)
    assert PointEvent.objects.count() == 1


def test_without_events_each_rule_is_tried_once(console, program, rule, at, now):
    add_rule(program, action="order", points_per_amount=1, currency="JPY", minimum_amount_minor=50, now=now)
    paused = add_rule(program, action="play", points_per_event=1, now=now)
    pause_rule(paused, now=now)

    answer = console.post(at("simulator"), {"app_user_id": "ada", "events": "", "currency": "USD"})

    assert shown(answer) == [("earns points", 100, None), ("earns points", 50, None), ("earns nothing", 0, None)]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("play,x", "is not a quantity"),
        ("play,1,1.999", "not an amount"),
        ("play,1,,,yesterday", "is not a time"),
        ("play,1,,,,,", "7 columns"),
        (",1", "1 to 60 characters"),
        ("play,1,,,2026-03-29 02:30", "does not exist"),
    ],
)
def test_a_bad_line_is_named(console, program, at, line, told):
    answer = console.post(at("simulator"), {"events": f"buy\n\n{line}", "currency": "USD"})

    (error,) = answer.context["form"].errors["events"]
    assert error.startswith("Line 3: ") and told in error and answer.context["lines"] is None


def test_more_events_than_a_call_takes_are_refused(console, program, at):
    answer = console.post(at("simulator"), {"events": "buy\n" * 501, "currency": "USD"})

    assert "501" in answer.context["form"].errors["events"][0]
