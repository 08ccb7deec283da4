"""New code and a migration under traffic: nothing acknowledged is lost, and next to nobody notices."""

import pathlib
import shutil
import tempfile
import threading
import time

import pytest

from tests.crash.test_kills import CHEAP, truth
from tests.harness.http import App
from tests.harness.numbers import size
from tests.stack import ROOT, Stack
from tests.test_imports import LINE

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(600)]
PER_SECOND = 20
OURS = [*LINE, "static", "templates", "tests"]

# Both take the strongest lock on the tables that every issue writes.
MIGRATION = """
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rewards", "{after}")]
    operations = [
        migrations.RunSQL("ALTER TABLE rewards_reward ADD COLUMN note_{number} text"),
        migrations.RunSQL("ALTER TABLE campaigns_campaign ADD COLUMN note_{number} text"),
    ]
"""


@pytest.fixture
def checkout():
    """A copy of the code, to be upgraded while it runs."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="moments-checkout-"))
    folder.chmod(0o755)
    for name in OURS:
        shutil.copytree(ROOT / name, folder / name)  # with what is compiled: five processes would do it at once
    for name in ("manage.py", "pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, folder / name)
    yield folder
    shutil.rmtree(folder)


def upgrade(stack: Stack, after: str, number: int) -> str:
    """Put a migration into the copy, and ask the launcher to take it up."""
    name = f"9{number:03}_note"
    (stack.root / "rewards" / "migrations" / f"{name}.py").write_text(MIGRATION.format(after=after, number=number))
    done = stack.python("-m", "moments.devserver.launcher", "reload")
    assert done.returncode == 0, done.stderr
    until = time.monotonic() + 60
    while stack.log.read_text().count("| Reloaded:") < number:
        assert time.monotonic() < until, stack.log.read_text()[-2000:]
        time.sleep(0.1)
    return name


class Traffic:
    """So many issues a second, each on time whether the last was answered or not; none is repeated."""

    def __init__(self, app: App) -> None:
        self.app, self.answers, self.threads = app, [], []
        self.stopped = threading.Event()
        self.clock = threading.Thread(target=self.tick)

    def tick(self) -> None:
        began, number = time.monotonic(), 0
        while not self.stopped.is_set():
            thread = threading.Thread(target=self.one, args=(f"t-{number}",))
            thread.start()
            self.threads.append(thread)
            number += 1
            time.sleep(max(began + number / PER_SECOND - time.monotonic(), 0))

    def one(self, key: str) -> None:
        self.answers.append((key, self.app.call(idempotencyKey=key, timeout=20)))

    def stop(self) -> None:
        self.stopped.set()
        self.clock.join()
        for thread in self.threads:
            thread.join()


def test_migrations_and_new_workers_under_traffic(checkout, numbers):
    reloads, pause = size(1, 4), size(1, 15)
    stack = Stack(root=checkout, MOMENTS_DEMO="0", MOMENTS_API_RATE="100000/s").start()
    try:
        app = App(stack.port, stack.make_campaign(*CHEAP))
        traffic, after = Traffic(app), last_migration()
        traffic.clock.start()
        for number in range(1, reloads + 1):
            time.sleep(pause)
            after = upgrade(stack, after, number)
        time.sleep(size(2, 15))  # calls that the new web workers alone answer
        traffic.stop()

        good = {key: answer.json["rewardId"] for key, answer in traffic.answers if answer.status == 200}
        bad = [answer.status for _key, answer in traffic.answers if answer.status != 200]
        found = truth(stack, app.made["campaignId"])
        assert good.items() <= found["rewards"].items()
        assert len(bad) <= len(traffic.answers) // 1000, (bad, stack.log.read_text()[-2000:])
        assert stack.manage("reconcile").stdout == "The books agree.\n"
    finally:
        stack.end()
        stack.remove()
    numbers("migrations and reloads", reloads=reloads, calls=len(traffic.answers), errors=len(bad), lost=0)


def last_migration() -> str:
    return max(path.stem for path in (ROOT / "rewards" / "migrations").glob("0*.py"))
