"""Workers die in the middle of their work, and there are two schedulers: nothing is lost, nothing happens twice."""

import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import psycopg
import pytest

from moments.devserver.embedded import Postgres, Redis
from tests.harness.command_line import Typist
from tests.harness.numbers import size
from tests.harness.smtp_sink import Sink
from tests.prepared import copy_postgres
from tests.stack import ROOT

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(1500)]
SEED = int(os.environ.get("MOMENTS_SEED") or random.SystemRandom().randrange(1_000_000))
CELERY = [sys.executable, "-m", "celery", "--quiet", "-A", "moments", "--skip-checks"]
WORKER = [*CELERY, "worker", "-P", "threads", "-c", "4", "-l", "ERROR", "--without-gossip", "--without-mingle"]


class Servers:
    """PostgreSQL and Redis with Moments' tables, and nothing that works on them but what a test starts."""

    def __init__(self, folder: pathlib.Path, **environment: str) -> None:
        folder.chmod(0o755)
        self.folder, self.postgres, self.redis = folder, Postgres(folder), Redis(folder)
        copy_postgres(self.postgres)
        self.servers = [self.postgres.start(), self.redis.start()]
        self.typist: Typist | None = None
        self.environment = {
            "PATH": os.environ["PATH"],
            "MOMENTS_DATA_DIR": str(folder),
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            **environment,
        }

    def run(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def manage(self, *arguments: str) -> str:
        self.typist = self.typist or Typist(ROOT, self.environment)
        done = self.typist.type(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def begin(self, command: list[str]) -> subprocess.Popen:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True, **quiet)

    def ask(self, sql: str) -> list[tuple]:
        with psycopg.connect(self.postgres.owner_url, autocommit=True) as database:
            cursor = database.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def end(self) -> None:
        if self.typist:
            self.typist.end()
        for server in reversed(self.servers):
            server.end()


@pytest.fixture
def servers(tmp_path_factory):
    started = []

    def start(**environment: str) -> Servers:
        import tempfile

        started.append(Servers(pathlib.Path(tempfile.mkdtemp(prefix="moments-servers-")), **environment))
        return started[-1]

    yield start
    for one in started:
        one.end()
        import shutil

        shutil.rmtree(one.folder, ignore_errors=True)


@pytest.fixture
def slow_sink():
    """Each mail takes a tenth of a second: most kills hit a worker in the middle of some."""
    started = Sink(delay=0.1).start()
    yield started
    started.stop()


def end(process: subprocess.Popen, number: int) -> None:
    if process.poll() is None:
        os.killpg(process.pid, number)
    process.wait(60)


def test_workers_that_die_in_the_middle_lose_no_mail(servers, slow_sink, numbers):
    kills, terms = size(2, 100), size(1, 20)
    here = servers(SMTP_URL=slow_sink.url)
    plan = random.Random(SEED)
    signals = [signal.SIGKILL] * kills + [signal.SIGTERM] * terms
    plan.shuffle(signals)
    here.run("-m", "tests.harness.mailer", str(size(40, 700)))
    total = here.ask("SELECT count(*) FROM outbox_mail")[0][0]

    hit = 0
    for number in signals:
        worker, before = here.begin(WORKER), len(slow_sink.ids)
        until = time.monotonic() + 30
        while len(slow_sink.ids) == before and time.monotonic() < until and len(slow_sink.ids) < total:
            time.sleep(0.01)
        time.sleep(plan.random() * 0.3)
        hit += bool(here.ask("SELECT count(*) FROM outbox_mail WHERE status = 'sending'")[0][0])
        end(worker, number)
        if not here.ask("SELECT count(*) FROM outbox_mail WHERE status = 'queued'")[0][0]:
            here.ask("UPDATE outbox_mail SET status = 'queued', due_at = now() WHERE status = 'sent' AND id % 2 = 0")
    here.ask("UPDATE outbox_mail SET claimed_at = claimed_at - interval '6 minutes' WHERE status = 'sending'")
    while here.ask("SELECT count(*) FROM outbox_mail WHERE status <> 'sent'")[0][0]:
        here.manage("sweep_outbox")

    assert set(slow_sink.ids) == {row[0] for row in here.ask("SELECT message_id::text FROM outbox_mail")}
    assert hit > kills // 2
    numbers("workers killed mid-task", seed=SEED, SIGKILL=kills, SIGTERM=terms, in_the_middle=hit, mails=total, lost=0)


def test_two_schedulers_expire_each_reward_once(servers, numbers):
    campaigns, seconds = size(4, 20), size(20, 150)
    here = servers()
    here.manage("shell", "-v0", "-c", MAKE.format(count=campaigns))
    fast = [*CELERY, "beat", "-l", "ERROR", "--pidfile=", "--max-interval", "1", "-S", "moments.scheduler.Scheduler"]
    running = [here.begin(fast) for _number in range(2)]
    running.append(here.begin(WORKER))
    try:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not closed(here, campaigns):
            here.manage("shell", "-v0", "-c", NUDGE)  # beats wait a minute for their first turn
            time.sleep(0.5)
        time.sleep(size(2, 70))  # both beats have had another turn
    finally:
        for process in running:
            end(process, signal.SIGKILL)

    statuses = dict(here.ask("SELECT status, count(*) FROM rewards_reward GROUP BY 1"))
    counted = "SELECT count(*), count(DISTINCT dedupe_key) FROM outbox_event WHERE type = 'campaign.window_closed'"
    events = here.ask(counted)
    assert statuses == {"expired": campaigns * 5}
    assert events == [(campaigns, campaigns)]
    numbers("two schedulers", rewards=campaigns * 5, expired=statuses["expired"], windows_closed=events[0][0])


def test_without_a_broker_the_scheduler_sends_mail_itself(servers, slow_sink, numbers):
    """The control is Celery's own scheduler, beside a worker that waits for the broker as well."""
    here = servers(SMTP_URL=slow_sink.url, REDIS_URL="redis://127.0.0.1:1/0")
    ours, control = "moments.scheduler.Scheduler", "celery.beat.Scheduler"

    def seconds_until_sent(scheduler: str, *, at_most: float) -> float:
        here.manage("shell", "-v0", "-c", f"{TELL}notify_operators({scheduler!r}, 'Text', now=clock.now())")
        running = [here.begin([*CELERY, "beat", "-l", "ERROR", "--pidfile=", "-S", scheduler]), here.begin(WORKER)]
        began = time.monotonic()
        while not here.ask(f"{FIND_SENT}'{scheduler}'") and time.monotonic() < began + at_most:
            time.sleep(0.1)
        for process in running:
            end(process, signal.SIGKILL)
        return time.monotonic() - began

    seconds = seconds_until_sent(ours, at_most=40)
    seconds_until_sent(control, at_most=2 * seconds)

    assert [here.ask(f"{FIND_SENT}'{name}'") for name in (ours, control)] == [[(1,)], []]
    numbers("no broker, first mail", after=f"{seconds:.1f} s")


FIND_SENT = "SELECT 1 FROM outbox_mail WHERE status = 'sent' AND subject = "
TELL = "from moments import clock; from outbox.service import notify_operators; "


def closed(here: Servers, campaigns: int) -> bool:
    return here.ask("SELECT count(*) FROM campaigns_campaign WHERE window_closed_at IS NOT NULL") == [(campaigns,)]


MAKE = """
from tests import make
from campaigns.models import Campaign
from moments import clock
for _number in range({count}):
    campaign = make.campaign()
    for _reward in range(5):
        make.reward(campaign)
Campaign.objects.update(rewards_expire_at=clock.now())
"""
NUDGE = """
import moments.celery as c
for _time in range(2):
    c.app.send_task("rewards.tasks.expire_rewards")
"""
