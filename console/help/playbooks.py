"""Six playbooks: what to reward, with what, and how to measure the effect."""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign

Kind = Campaign.Kind
Text = str | Promise


@dataclass(frozen=True)
class Playbook:
    """A playbook. ``prefill`` are initial values of *Create campaign*; ``setup`` are (setting, advice) pairs."""

    slug: str
    title: Text
    summary: Text
    when: Text
    setup: list[tuple[Text, Text]]
    steps: list[Text]
    measure: Text
    mistakes: list[Text]
    prefill: dict[str, Text] = field(default_factory=dict)


PLAYBOOKS = [
    Playbook(
        slug="up-sell",
        title=_("Up-sell"),
        summary=_("A reward for moving to the larger plan or the next pack."),
        when=_("People pay you already, and the next step up is worth clearly more to you than the reward costs."),
        setup=[
            (_("Kind"), _("Challenge: say beforehand what the larger plan brings.")),
            (_("Cost per action"), _("Up to 25 % of what the upgrade adds over a customer's lifetime.")),
            (_("Rewards"), _("Three to five products of one price, so that the choice is about taste.")),
            (_("Per user"), _("One. An upgrade happens once.")),
        ],
        steps=[
            _("Show the announcement where the upgrade is offered: GetRewardInfo has its text and picture."),
            _("Call GetReward from your server when the payment has cleared, never when a button was pressed."),
            _("Show the reward URL on the receipt, and send it by mail: it works until the date that the page names."),
        ],
        measure=_("Upgrades per hundred people who saw the offer, against as many who saw it without the reward."),
        mistakes=[
            _("Rewarding before the refund period is over. The charge is made when a reward is issued."),
            _("A discount beside the reward: then nobody can tell which of the two worked."),
        ],
        prefill={"kind": Kind.CHALLENGE, "name": _("Upgrade")},
    ),
    Playbook(
        slug="new-feature",
        title=_("New feature"),
        summary=_("A reward for really using something new, not for looking at it."),
        when=_("A feature is ready, those who use it stay longer, and most people have not found it yet."),
        setup=[
            (_("Kind"), _("Challenge, for two to four weeks.")),
            (_("Cost per action"), _("$5 or more; less is hardly noticed.")),
            (_("Moment"), _("The first use that counts: the third saved search, not the first click.")),
            (_("Per user"), _("One.")),
        ],
        steps=[
            _("Choose the action that those who stayed have in common."),
            _("Announce it inside the product, to those who have not used the feature."),
            _("Issue when the action is done on your server, with the user's id: a repeat never costs twice."),
        ],
        measure=_("How many still use it four weeks later, against those who were not offered a reward."),
        mistakes=[
            _("Rewarding the click on “Try it”: you get clicks."),
            _("Running it for everybody at once. Half of your users is a test; all of them is a bill."),
        ],
        prefill={"kind": Kind.CHALLENGE, "name": _("New feature")},
    ),
    Playbook(
        slug="first-purchase",
        title=_("First purchase"),
        summary=_("A present with the first payment, when people decide whether you keep your word."),
        when=_("Many sign up and look around; few buy. Those who buy once tend to buy again."),
        setup=[
            (_("Kind"), _("Challenge if price is the hurdle, surprise if it is trust.")),
            (_("Cost per action"), _("25 % of the lifetime value of a paying user.")),
            (_("Rewards"), _("One category credit works well: people pick what they like.")),
            (_("Per user"), _("One, by your own user id.")),
        ],
        steps=[
            _("Tell those who have looked at a price but not paid."),
            _("Issue after the payment has cleared, with the order's number as the idempotency key."),
            _("Put the reward URL on the confirmation page and into the receipt."),
        ],
        measure=_("First purchases per hundred, and second purchases within sixty days."),
        mistakes=[
            _("A reward worth more than the purchase: you attract people who want the reward."),
            _("No user id in the call: then every repeat is a new reward."),
        ],
        prefill={"kind": Kind.SURPRISE, "name": _("First purchase")},
    ),
    Playbook(
        slug="trial-to-paid",
        title=_("Trial to paid"),
        summary=_("A reason to stay on the day the trial ends."),
        when=_("Trials are used and then lapse. The reminder alone does not help."),
        setup=[
            (_("Kind"), _("Challenge: announced in the last third of the trial.")),
            (_("Cost per action"), _("Up to the first month's margin, or 25 % of lifetime value.")),
            (_("Moments"), _("Two for a test: one for monthly, one for yearly plans.")),
            (_("Monthly limit"), _("What you would spend on advertising for as many subscribers.")),
        ],
        steps=[
            _("Announce it with the reminder that the trial ends."),
            _("Issue when the first charge succeeded, and not again when the plan renews: user ids see to that."),
            _("Look at both moments after two weeks, and keep the better one."),
        ],
        measure=_("Paid after trial, and how many of these are still there after three months."),
        mistakes=[
            _("Rewarding the card instead of the charge: cards get entered and trials canceled."),
            _("Announcing on the first day: people wait for the end to collect."),
        ],
        prefill={"kind": Kind.CHALLENGE, "name": _("Trial to paid")},
    ),
    Playbook(
        slug="tournament",
        title=_("Tournament"),
        summary=_("Something to win for the best, or for everyone who reaches the final."),
        when=_("You have a season, a league or a leader board, and want people to come back every day of it."),
        setup=[
            (_("Kind"), _("Competition. Say in the terms how winners are found.")),
            (_("Cost per action"), _("Different moments for places: winner, top ten, everybody in the final.")),
            (_("Total budget"), _("Places times cost: you know it to the cent before it begins.")),
            (_("Per user"), _("One for each moment.")),
        ],
        steps=[
            _("Put prizes and dates where the score is shown."),
            _("When it is over and checked for cheating, issue all rewards at once: a file of user ids will do."),
            _("Give the link in the game; rewards last 30 days after the campaign ends."),
        ],
        measure=_("Days played per player during the season and in the four weeks after it."),
        mistakes=[
            _("Issuing before the scores are checked. A void keeps the charge."),
            _("One big prize alone: all but ten people know by noon that they have lost."),
        ],
        prefill={"kind": Kind.COMPETITION, "name": _("Tournament")},
    ),
    Playbook(
        slug="points-for-everything",
        title=_("Points for everything"),
        summary=_("Users collect points for many small actions and exchange them for rewards."),
        when=_("No single action is worth a reward, but people who do many of them stay and pay."),
        setup=[
            (_("Program"), _("One for all your apps that share user ids. Users keep one balance.")),
            (_("Rules"), _("The action that matters most earns the most. Cap what can be repeated, such as ads.")),
            (_("Pending period"), _("For purchases, as long as your refund period.")),
            (_("Tiers"), _("The first within a week of normal use, the next at about five times as many points.")),
            (_("Campaign"), _("A surprise campaign pays for the tiers. Its caps hold for exchanges, too.")),
        ],
        steps=[
            _("Send events from your server with POST /api/v1/events, each with an id of its own."),
            _("Show the balance and the way to the next tier in your app, or open the hosted points page."),
            _("Reverse an event when a purchase is refunded: its points are taken back exactly."),
            _("Try rules in the simulator before you save them, and check the liability of a new tier."),
        ],
        measure=_("Weekly active days of users with points, and the share of points that are exchanged."),
        mistakes=[
            _("A first tier that takes months: most users never see a reward."),
            _("No cap on actions that a script can repeat."),
            _("Changing what points are worth after users have collected them."),
        ],
        prefill={"kind": Kind.SURPRISE, "name": _("Points")},
    ),
]
BY_SLUG = {guide.slug: guide for guide in PLAYBOOKS}
