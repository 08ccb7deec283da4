"""Which events the simulator judges, and for whom."""

import zoneinfo
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.points.simulator_input import Reader, Unreadable
from moments import money
from rewards.models import APP_FIRST_SEEN, PointRule, PointsProgram
from rewards.points.events import MOST, EventRequest

NOBODY = "simulated-user"  # a user without history, where no user is named


class SimulatorForm(forms.Form):
    app_user_id = forms.CharField(
        label=gettext_lazy("Your app's user id"),
        max_length=128,
        required=False,
        help_text=gettext_lazy(
            "The user's status and the caps that the user has used apply. Leave empty to simulate a new user. Events "
            "with a user_id of their own apply to that user."
        ),
    )
    events = forms.CharField(
        label=gettext_lazy("Events"),
        required=False,
        max_length=200_000,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false", "class": "mono"}),
    )

    def __init__(self, *args: Any, program: PointsProgram, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = PointRule.objects.filter(program=program, deleted_at=None).exclude(action=APP_FIRST_SEEN)
        self.zone = zoneinfo.ZoneInfo(program.time_zone)
        self.rules = list(rules.select_related("category").prefetch_related("versions"))
        self.fields["events"].help_text = help_of(self.rules)

    def clean(self) -> dict[str, Any]:
        """``requests``: the events as the engine takes them. Errors name the line or the event."""
        super().clean()
        if self.errors:
            return self.cleaned_data
        user, text = self.cleaned_data["app_user_id"] or NOBODY, self.cleaned_data["events"]
        if not text.strip():
            self.cleaned_data["requests"] = tried_once(self.rules, user)
            return self.cleaned_data
        currencies = {
            (rule.action, rule.category.key if rule.category else ""): rule.current.currency for rule in self.rules
        }
        try:
            requests = Reader(user=user, zone=self.zone, currencies=currencies).read(text)
        except Unreadable as error:
            for problem in error.problems:
                self.add_error("events", problem)
        else:
            self.cleaned_data["requests"] = requests
        return self.cleaned_data


def help_of(rules: list[PointRule]) -> str:
    """Says how events are written, with an action that the program knows."""
    examples = [event.action for event in tried_once(rules, NOBODY)]
    paid = next((rule.action for rule in rules if rule.current.currency), examples[0] if examples else "purchase")
    return _(
        "Paste JSON or CSV as the API and Upload events take them, or write one event per line: action, quantity, "
        "amount, category, time. Everything but the action is optional: “%(action)s” or “%(paid)s,1,19.99”. Leave "
        "empty to try each rule once."
    ) % {"action": examples[0] if examples else "level_up", "paid": paid}


def tried_once(rules: list[PointRule], user: str) -> list[EventRequest]:
    """One event for each rule that counts events of apps: the least that it asks for."""
    found = []
    for rule in rules[:MOST]:
        version = rule.current
        counts_money = bool(version.currency)
        least = (
            max(version.minimum_amount_minor or 0, 10 * 10 ** money.exponent(version.currency)) if counts_money else 0
        )
        found.append(
            EventRequest(
                event_id=f"rule-{rule.pk}",
                app_user_id=user,
                action=rule.action,
                category=rule.category.key if rule.category else "",
                quantity=version.minimum_quantity or 1,
                amount_minor=least if counts_money else None,
                currency=version.currency,
            )
        )
    return found
