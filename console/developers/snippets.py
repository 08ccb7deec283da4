"""Code snippets for servers: API calls with a campaign's ids, without a key."""

import json
import shlex
from collections.abc import Sequence

from campaigns.models import Campaign, Moment, RewardGroup
from moments.registry import absolute_url

LANGUAGES = {"curl": "curl", "python": "Python", "javascript": "JavaScript"}
CALLS = ["GetRewardInfo", "GetReward"]
SAMPLE_USER = "user-1"


def request_body(campaign: Campaign, moment: Moment, group: RewardGroup) -> dict[str, str]:
    return {
        "appId": str(campaign.app_id),
        "campaignId": str(campaign.pk),
        "momentId": moment.key,
        "rewardGroupId": group.key,
        "deviceType": "Web",
        "userId": SAMPLE_USER,
    }


def snippet(language: str, call: str, body: dict[str, str]) -> str:
    """Return a complete call that can be run with the key in $MOMENTS_KEY."""
    return WRITERS[language](absolute_url(f"/prod/{call}"), body)


def _indented(body: dict[str, str]) -> str:
    return json.dumps(body, indent=4).removesuffix("}") + "  }"


def _curl(url: str, body: dict[str, str]) -> str:
    data = shlex.quote(_indented(body))
    return f"""curl {url} \\
  -H "x-api-key: $MOMENTS_KEY" \\
  -H "Content-Type: application/json" \\
  -d {data}"""


def _python(url: str, body: dict[str, str]) -> str:
    return f"""import json
import os
import urllib.error
import urllib.request

body = {json.dumps(body, indent=4)}
call = urllib.request.Request(
    {json.dumps(url)},
    data=json.dumps(body).encode(),
    headers={{"x-api-key": os.environ["MOMENTS_KEY"], "Content-Type": "application/json"}},
)
try:
    with urllib.request.urlopen(call, timeout=10) as answer:
        reward = json.load(answer)
except urllib.error.HTTPError as refused:
    raise SystemExit(refused.read().decode())
print(json.dumps(reward, indent=4))"""


def _javascript(url: str, body: dict[str, str]) -> str:
    return f"""const answer = await fetch({json.dumps(url)}, {{
  method: "POST",
  headers: {{ "x-api-key": process.env.MOMENTS_KEY, "Content-Type": "application/json" }},
  body: JSON.stringify({_indented(body)}),
  signal: AbortSignal.timeout(10_000),
}});
const reward = await answer.json();
if (!answer.ok) throw new Error(JSON.stringify(reward));
console.log(JSON.stringify(reward, null, 2));"""


WRITERS = {"curl": _curl, "python": _python, "javascript": _javascript}


def split_snippet(language: str, campaign: Campaign, moments: Sequence[Moment]) -> str:
    """Return code that assigns a user to a moment like ``ab_split.moment_for``."""
    shares = [(moment.key, moment.share_percent) for moment in moments if moment.share_percent]
    return SPLITTERS[language](str(campaign.pk), shares)


def _split_in_shell(campaign_id: str, shares: list[tuple[str, int]]) -> str:
    steps, below = "", 0
    for number, (key, percent) in enumerate(shares):
        below += percent
        steps += f"{'elif' if number else 'if'} [ $BUCKET -lt {below} ]; then MOMENT={shlex.quote(key)}\n"
    return f"""USER_ID={SAMPLE_USER}
BUCKET=$(( 0x$(printf '%s' "{campaign_id}:$USER_ID" | sha256sum | cut -c1-8) % 100 ))
{steps}fi
echo "$MOMENT\""""


def _split_in_python(campaign_id: str, shares: list[tuple[str, int]]) -> str:
    rows = "".join(f"    ({json.dumps(key)}, {percent}),\n" for key, percent in shares)
    return f"""import hashlib

SPLIT = [
{rows}]


def moment_for(user_id):
    digest = hashlib.sha256(f"{campaign_id}:{{user_id}}".encode()).hexdigest()
    bucket = int(digest[:8], 16) % 100
    for moment, percent in SPLIT:
        bucket -= percent
        if bucket < 0:
            return moment


print(moment_for("{SAMPLE_USER}"))"""


def _split_in_javascript(campaign_id: str, shares: list[tuple[str, int]]) -> str:
    rows = "".join(f"  [{json.dumps(key)}, {percent}],\n" for key, percent in shares)
    return f"""import {{ createHash }} from "node:crypto";

const SPLIT = [
{rows}];

function momentFor(userId) {{
  const digest = createHash("sha256").update(`{campaign_id}:${{userId}}`).digest("hex");
  let bucket = parseInt(digest.slice(0, 8), 16) % 100;
  return SPLIT.find(([, percent]) => (bucket -= percent) < 0)[0];
}}

console.log(momentFor("{SAMPLE_USER}"));"""


SPLITTERS = {"curl": _split_in_shell, "python": _split_in_python, "javascript": _split_in_javascript}
