"""`make run`: one supervisor starts everything, keeps it running, and ends all of it."""

import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psycopg
import pytest

from moments.devserver.embedded import Postgres
from moments.management.commands import prepare
from tests.stack import ROOT, Stack

pytestmark = [pytest.mark.xdist_group("launcher"), pytest.mark.slow]


@pytest.fixture(scope="module")
def running():
    """From an empty folder, without the demo, which other tests load."""
    stack = Stack(is_cold=True, MOMENTS_DEMO="0")
    stack.environment["MOMENTS_ENV_FILE"] = str(stack.folder / "env")
    stack.start()
    yield stack
    stack.end()
    stack.remove()


def processes_of(stack: Stack) -> dict[int, str]:
    """Every process that was started for this data folder: pid → command line."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if not entry.name.isdigit():
                continue
            line = (entry / "cmdline").read_text().replace("\0", " ")
            if str(stack.data_dir) in line or str(stack.data_dir).encode() in (entry / "environ").read_bytes():
                found[int(entry.name)] = line
        except OSError:
            continue
    return found


def pids(stack: Stack, word: str) -> set[int]:
    return {pid for pid, line in processes_of(stack).items() if word in line}


def eventually(check, seconds: float = 20):
    until = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.1)
    return found


def answers(stack: Stack, path: str = "/readyz") -> bool:
    try:
        with urllib.request.urlopen(stack.url + path, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def launch_again(stack: Stack, **changes: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "moments.devserver.launcher"],
        cwd=ROOT,
        env={**stack.environment, **changes},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_everything_it_writes_lies_in_its_folder_and_it_says_where_to_click(running):
    assert answers(running)
    assert f"Open     {running.url}/" in running.log.read_text()
    assert {"postgres", "redis", "static", "run"} <= {path.name for path in running.data_dir.iterdir()}


def test_a_fresh_start_raises_no_alarm(running):
    """Worker and scheduler have been heard of and the books were checked, long before the first interval is over."""
    eventually(lambda: answers(running, "/statusz"))


def test_a_second_one_with_the_same_folder_is_refused(running):
    again = launch_again(running)

    assert again.returncode != 0 and "already running" in again.stderr
    assert answers(running)


def test_a_taken_port_is_named_and_another_one_suggested(running, tmp_path):
    again = launch_again(running, MOMENTS_DATA_DIR=str(tmp_path))

    assert again.returncode != 0
    assert f"Port {running.port} is taken" in again.stderr and f"PORT={running.port + 1}" in again.stderr


def test_the_demo_does_not_leave_this_machine(running, tmp_path):
    again = launch_again(running, MOMENTS_DATA_DIR=str(tmp_path), PORT="1", MOMENTS_DEMO="1", HOST="0.0.0.0")

    assert again.returncode != 0


def test_a_folder_with_the_demos_passwords_is_not_opened_to_others(tmp_path):
    (tmp_path / "demo.json").write_text("{}")
    environment = {**os.environ, "MOMENTS_DATA_DIR": str(tmp_path), "MOMENTS_DEMO": "0", "HOST": "0.0.0.0", "PORT": "0"}

    done = subprocess.run(
        [sys.executable, "-m", "moments.devserver.launcher"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0 and "known passwords" in done.stderr


def test_commands_typed_by_hand_find_the_running_servers(running):
    done = running.python("manage.py", "reconcile")
    assert (done.returncode, done.stdout) == (0, "The books agree.\n"), done.stderr
    assert "0 rewards" in running.manage("expire_rewards", "--now", "2099-01-01T00:00:00Z").stdout


def test_each_command_says_what_it_did(running):
    for command, words in (
        ("expire_rewards", "0 rewards expired"),
        ("open_and_close_campaigns", "0 campaigns went live"),
        ("substitute_out_of_stock", "0 equals offered"),
        ("sweep_outbox", "0 mails sent"),
    ):
        done = running.manage(command)
        assert done.returncode == 0 and words in done.stdout, done.stderr


def test_a_campaign_made_by_hand_can_be_called_at_once(running):
    import json

    made = json.loads(running.manage("make_campaign", "--cpa", "12.34", "--products", "3").stdout)
    assert made["baseUrl"] == running.url
    body = {name: made[name] for name in ("appId", "campaignId", "momentId", "rewardGroupId")}

    status, answer, headers = running.post(
        "/prod/GetReward", {**body, "deviceType": "iOS"}, **{"x-api-key": made["apiKey"]}
    )

    assert (status, answer["testMode"]) == (200, False)
    assert "ratelimit" in headers
    eventually(lambda: answer["rewardId"] in logged_rewards(running))


def logged_rewards(stack: Stack) -> list[str]:
    """Of API calls that the web workers have written to their log."""
    with psycopg.connect(Postgres(stack.data_dir).owner_url) as database:
        return [str(pk) for (pk,) in database.execute("SELECT reward_id FROM api_apicall").fetchall()]


def test_the_rate_limit_counts_over_all_workers(running):
    """64 connections to two workers for 4 s: bursts of 10, and 5 a second on average."""
    import json
    from concurrent.futures import ThreadPoolExecutor

    made = json.loads(running.manage("make_campaign").stdout)
    body = {name: made[name] for name in ("appId", "campaignId", "momentId", "rewardGroupId")}
    began = time.monotonic()
    until = began + 4

    def call(_number):
        found = []
        while time.monotonic() < until:
            answer = running.post("/prod/GetRewardInfo", {**body, "deviceType": "iOS"}, **{"x-api-key": made["apiKey"]})
            found.append(answer[0])
        return found

    with ThreadPoolExecutor(64) as pool:
        statuses = [status for found in pool.map(call, range(64)) for status in found]

    most = 10 + 5 * (time.monotonic() - began) + 5
    assert set(statuses) == {200, 429}
    assert 15 <= statuses.count(200) <= most


@pytest.mark.parametrize("word", ["moments.server.rsgi", "celery -A", "redis-server", "bin/postgres -D"])
def test_what_dies_is_started_again(running, word):
    word = word.replace("celery -A", "worker -P")
    before = eventually(lambda: pids(running, word))

    os.kill(min(before), signal.SIGKILL)

    eventually(lambda: pids(running, word) - before, 40)
    eventually(lambda: answers(running), 40)


def reload(stack: Stack, env_file: str) -> subprocess.CompletedProcess:
    """With the file of settings as it is then."""
    (stack.folder / "env").write_text(env_file)
    return stack.python("-m", "moments.devserver.launcher", "reload", MOMENTS_ENV_FILE=str(stack.folder / "env"))


def environments(stack: Stack, word: str) -> list[str]:
    return [pathlib.Path(f"/proc/{pid}/environ").read_text() for pid in pids(stack, word)]


def is_there(stack: Stack, path: str) -> bool:
    """Asked more often than there are workers."""
    found = set()
    for _time in range(8):
        request = urllib.request.Request(stack.url + path, b"{}", {"Content-Type": "application/json"})
        try:
            found.add(urllib.request.urlopen(request, timeout=5).status)
        except urllib.error.HTTPError as error:
            found.add(error.code)
    assert len(found) == 1, found
    return found != {404}


def test_a_reload_with_a_bad_setting_says_so_and_keeps_what_runs(running):
    before = pids(running, "celery") | pids(running, "moments.server.rsgi")

    done = reload(running, "MOMENTS_KEEP_MAILS_DAYS=soon\n")

    assert done.returncode == 1 and "old code and settings go on" in done.stdout
    assert before <= pids(running, "celery") | pids(running, "moments.server.rsgi") and answers(running)


def test_a_reload_over_a_database_of_an_earlier_version_says_so_and_keeps_what_runs(running):
    before = pids(running, "celery") | pids(running, "moments.server.rsgi")
    with psycopg.connect(Postgres(running.data_dir).owner_url, autocommit=True) as database:
        database.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('rewards', '0002_issue', now())")
        try:
            done = reload(running, "")
        finally:
            database.execute("DELETE FROM django_migrations WHERE app = 'rewards' AND name = '0002_issue'")

    assert done.returncode == 1 and "old code and settings go on" in done.stdout
    assert "`make reset`" in running.log.read_text()
    assert before <= pids(running, "celery") | pids(running, "moments.server.rsgi") and answers(running)


def test_a_reload_takes_up_settings_everywhere_and_says_when_it_is_done(running):
    """After one that failed."""
    before = pids(running, "celery")

    done = reload(running, "MOMENTS_BOUNCE_TOKEN=bounce-7f3a\n")

    assert (done.returncode, "Reloaded" in done.stdout) == (0, True), done.stdout + done.stderr
    assert all("bounce-7f3a" in found for found in environments(running, "celery"))
    assert not before & pids(running, "celery")
    assert is_there(running, "/mail/bounces/")

    assert reload(running, "").returncode == 0
    assert not any("bounce-7f3a" in found for found in environments(running, "celery"))
    assert not is_there(running, "/mail/bounces/")


def campaigns_in(stack: Stack) -> int:
    with psycopg.connect(Postgres(stack.data_dir).owner_url) as database:
        return database.execute("SELECT count(*) FROM campaigns_campaign").fetchone()[0]


def test_ctrl_c_ends_all_of_it(running):
    """The last one that uses it as it was started."""
    assert campaigns_in(running) > 0

    assert running.end() == 0
    assert not processes_of(running)


OTHER = {"MOMENTS_SECRET_KEY": "s" * 60, "MOMENTS_TOKEN_KEYS": "1:" + "t" * 40}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"MOMENTS_DEMO": "1"}, "the demo did not make"),
        (OTHER, "A secret key is missing"),
        (OTHER, "Version 1 of MOMENTS_TOKEN_KEYS differs"),
        ({"MOMENTS_SECRET_KEY": "s" * 60}, "Set both, or neither"),
        ({"MOMENTS_DEMO": "1", "MOMENTS_BASE_URL": "https://moments.example.com"}, "runs on this machine only"),
    ],
)
def test_a_live_installation_starts_neither_as_the_demo_nor_with_other_keys(running, changes, words):
    """After the last one that uses it."""
    refused = launch_again(running, **changes)

    assert refused.returncode != 0 and words in refused.stdout + refused.stderr, refused.stdout + refused.stderr


def test_a_restored_database_does_not_start_without_its_keys(running):
    kept = running.data_dir / "secrets.json"
    kept.rename(kept.with_suffix(".away"))

    refused = launch_again(running)

    assert refused.returncode != 0 and "Restore that file from the backup" in refused.stderr
    assert not kept.exists(), "other keys were made in their place"
    kept.with_suffix(".away").rename(kept)


def test_started_again_it_has_its_data_and_stays_live_when_the_setting_is_forgotten(running):
    del running.environment["MOMENTS_DEMO"]
    running.log.unlink()
    running.start()

    assert campaigns_in(running) > 0
    assert "Live installation: the database holds accounts" in running.log.read_text()
    assert not answers(running, "/mailbox/")
    staff = "from accounts.models import User; User.objects.create_superuser('staff@example.com', 'moments-demo-2026')"
    assert running.python("manage.py", "shell", "-v0", "-c", staff).returncode == 0
    os.kill(running.process.pid, signal.SIGKILL)
    eventually(lambda: not processes_of(running), 60)  # granian gives a worker that has just started 20 seconds

    refused = launch_again(running)
    assert refused.returncode != 0 and "staff@example.com" in refused.stdout
    closing = [sys.executable, "-m", "moments.devserver.launcher", "manage", "close_demo_accounts"]
    closed = subprocess.run(
        closing, cwd=ROOT, env=running.environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert "Closed: staff@example.com" in closed.stdout, closed.stdout + closed.stderr
    running.log.unlink()
    running.start()


def test_where_nothing_runs_a_command_says_so_in_one_line(tmp_path):
    environment = {"PATH": os.environ["PATH"], "MOMENTS_DATA_DIR": str(tmp_path)}
    for command in ("reconcile", "migrate"):  # one of ours, one of Django's
        done = subprocess.run(
            [sys.executable, "manage.py", command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert len(done.stderr.strip().splitlines()) == 1 and "make run" in done.stderr, done.stderr


def test_a_reload_leaves_the_static_files_that_open_pages_name(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    given_out = tmp_path / "css" / "base.0123456789ab.css"
    given_out.parent.mkdir()
    given_out.write_text("a {}")

    prepare.Command().gather_static_files()

    assert given_out.read_text() == "a {}"
    assert (tmp_path / "css" / "tokens.css").exists()
