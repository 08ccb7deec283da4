"""The log as members read it."""

import datetime as dt
import json
import re
import uuid
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from api.models import ApiCall

REQUEST_ID = re.compile("[0-9a-f]{16}")
CODE = re.compile("[a-z]+(_[a-z]+)+")
FAILED = 400  # the first status of a refusal


@dataclass(frozen=True)
class CallFilter:
    """What to show. ``status`` is "succeeded", "refused", or a status. ``search`` is a request ID, the beginning of a
    path, the id of a campaign or reward, a user ID, or a refusal code. ``until`` is exclusive.
    """

    app_id: uuid.UUID | None = None
    mode: str = ""
    status: str = ""
    search: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def calls_of(organization_id: int, wanted: CallFilter) -> QuerySet[ApiCall]:
    """Return the organization's calls, the newest first."""
    found = ApiCall.objects.filter(organization_id=organization_id).select_related("app").order_by("-id")
    if wanted.app_id:
        found = found.filter(app_id=wanted.app_id)
    if wanted.mode:
        found = found.filter(is_live=wanted.mode == "live")
    if wanted.status == "succeeded":
        found = found.filter(status__lt=FAILED)
    elif wanted.status == "refused":
        found = found.filter(status__gte=FAILED)
    elif wanted.status:
        found = found.filter(status=int(wanted.status))
    if wanted.search:
        found = found.filter(_matches(wanted.search))
    if wanted.since:
        found = found.filter(occurred_at__gte=wanted.since)
    if wanted.until:
        found = found.filter(occurred_at__lt=wanted.until)
    return found


def _matches(text: str) -> Q:
    """Each kind of text is looked up in few columns, so that indexes serve it."""
    if text.startswith("/"):
        return Q(path__startswith=text)
    if REQUEST_ID.fullmatch(text):
        return Q(request_id=text) | Q(app_user_id=text)
    try:
        number = uuid.UUID(text)
    except ValueError:
        return Q(app_user_id=text) | Q(code=text) if CODE.fullmatch(text) else Q(app_user_id=text)
    return Q(campaign_id=number) | Q(reward_id=number) | Q(app_user_id=text)


def indented(body: str) -> str:
    """Return a stored body as people read it: JSON in lines."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body
