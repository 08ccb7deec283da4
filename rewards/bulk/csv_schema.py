"""Validation of uploaded CSV files. Each problem names the allowed values."""

import re
from collections import Counter

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from moments.i18n.languages import locale_hint
from moments.web.csv_in import Line, read_lines
from rewards.models import Reward

COLUMNS = ["moment", "group", "user_id", "email", "device_type", "locale", "key"]
ALSO_CALLED = {
    "momentid": "moment",
    "rewardgroupid": "group",
    "rewardgroup": "group",
    "userid": "user_id",
    "appuserid": "user_id",
    "mail": "email",
    "devicetype": "device_type",
    "device": "device_type",
    "externalid": "key",
    "idempotencykey": "key",
}
DEVICES = {value.lower(): value for value in Reward.Device.values}


def read_sheet(content: bytes, campaign: Campaign) -> list[Line]:
    """Return every row of the file with its problems. Raises ``RuleViolation`` if the file cannot be read."""
    lines = read_lines(content, COLUMNS, also_called=ALSO_CALLED)
    check = _Checks(campaign)
    for line in lines:
        check.line(line)
    return lines


class _Checks:
    """Checks for the lines of one file against one campaign."""

    def __init__(self, campaign: Campaign) -> None:
        self.moments = [moment.key for moment in campaign.moments.all()]
        groups = list(campaign.groups.all())
        self.groups = {group.marketplace_id: group.key for group in groups} | {group.key: group.key for group in groups}
        self.group_keys = [group.key for group in groups]
        self.limit = campaign.per_user_limit
        self.keys: dict[str, int] = {}
        self.users: Counter[tuple[str, str]] = Counter()

    def line(self, line: Line) -> None:
        self._text(line)
        self._choose(line, "moment", {key: key for key in self.moments}, self.moments)
        self._choose(line, "group", self.groups, self.group_keys)
        self._device(line)
        self._once(line)

    def _text(self, line: Line) -> None:
        for column, most in (("user_id", 128), ("email", 254), ("key", 200)):
            line.refuse_long(column, most)
        if line.values["email"]:
            try:
                validate_email(line.values["email"])
            except ValidationError:
                line.refuse("email", _("an address like kim@example.com, or nothing"))
        if hint := locale_hint(line.values["locale"]):
            line.values["locale"] = hint
        elif line.values["locale"]:
            line.refuse("locale", _("a language like en or pt-BR, or nothing"))

    def _choose(self, line: Line, column: str, known: dict[str, str], named: list[str]) -> None:
        """Resolve the column's value; an empty one is valid if there is only one choice."""
        given = line.values[column]
        if not given and len(named) == 1:
            given = named[0]
        if given in known:
            line.values[column] = known[given]
        elif not named:
            line.refuse(column, _("nothing yet: the campaign has none"))
        else:
            line.refuse(column, _("one of %s") % ", ".join(named))

    def _device(self, line: Line) -> None:
        given = line.values["device_type"]
        device = DEVICES.get(re.sub(r"[\s_]", "", given).lower()) if given else Reward.Device.WEB.value
        if device is None:
            line.refuse("device_type", _("one of %s, or nothing") % ", ".join(Reward.Device.values))
        else:
            line.values["device_type"] = device

    def _once(self, line: Line) -> None:
        key, user = line.values["key"], line.values["user_id"]
        if key:
            first = self.keys.setdefault(key, line.number)
            if first != line.number:
                line.refuse("key", _("a key that no other line has; line %d has it") % first)
        if user and line.values["moment"]:
            self.users[line.values["moment"], user] += 1
            if self.users[line.values["moment"], user] > self.limit:
                line.refuse("user_id", _("a user at most %d times for a moment") % self.limit)
