"""The disk under PostgreSQL is full: refused cleanly, nothing acknowledged is lost, and it goes on with room again."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import psycopg
import pytest

from moments.devserver.embedded import Postgres
from tests.harness.http import App
from tests.harness.issuers import Issuers
from tests.harness.numbers import size
from tests.prepared import data_of_the_run
from tests.stack import Stack

pytestmark = [
    pytest.mark.xdist_group("crash"),
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="a small disk of one's own takes Linux's mount namespaces"),
]
MEGABYTES = 200
OWN_MOUNTS = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-U", "--map-current-user", "--keep-caps", "-m"]
SCRIPT = """
set -e
mount -t tmpfs -o size={size}m,mode=0777 none {disk}
{as_user} cp -a {prepared} {disk}/data
exec {as_user} {bin}/postgres -D {disk}/data -h '' -k {run} -c max_wal_size=64MB -c log_min_messages=panic
"""


class SmallDisk:
    """A PostgreSQL whose data lie on a disk of 200 MB that only its own processes see."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.postgres, self.disk = Postgres(folder), folder / "disk"
        self.disk.mkdir(mode=0o777)
        account = self.postgres.account
        as_user = f"setpriv --reuid {account['user']} --regid {account['group']} --clear-groups" if account else ""
        source = Postgres(data_of_the_run())
        self.postgres.passwords, prepared = source.passwords, source.data
        places = {"disk": self.disk, "bin": self.postgres.binaries, "run": self.postgres.run, "prepared": prepared}
        script = SCRIPT.format(size=MEGABYTES, as_user=as_user, **places)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen([*OWN_MOUNTS, "sh", "-c", script], cwd="/", start_new_session=True, **quiet)
        self.until_up()

    def until_up(self) -> None:
        end = time.monotonic() + 60
        while True:
            try:
                return self.connect().close()
            except psycopg.OperationalError:
                assert self.process.poll() is None and time.monotonic() < end, "no small disk here"
                time.sleep(0.1)

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.postgres.owner_url, autocommit=True)

    @property
    def urls(self) -> dict[str, str]:
        return {"DATABASE_URL": self.postgres.url, "DATABASE_OWNER_URL": self.postgres.owner_url}

    def fill(self) -> None:
        self.database = self.connect()  # on a full disk a new connection may be refused
        with pytest.raises(psycopg.errors.DiskFull):
            self.database.execute(
                f"COPY (SELECT repeat('x', 100000) FROM generate_series(1, {MEGABYTES * 10})) TO '{self.disk}/filler'"
            )

    def empty(self) -> None:
        self.database.execute(f"COPY (SELECT 1 WHERE false) TO '{self.disk}/filler'")
        self.database.close()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture
def small_disk():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="moments-disk-"))
    folder.chmod(0o755)
    disk = SmallDisk(folder)
    yield disk
    disk.end()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_full_disk_refuses_and_loses_nothing(small_disk, numbers):
    stack = Stack(MOMENTS_DEMO="0", MOMENTS_API_RATE="100000/s", **small_disk.urls).start()
    try:
        app = App(stack.port, stack.make_campaign("--cpa", "0.50"))
        small_disk.fill()
        issuers = Issuers(app, 5000, seed=1, folder=stack.folder).start()
        end = time.monotonic() + 60
        while issuers.statuses[503] < size(20, 200):
            assert time.monotonic() < end, issuers.statuses
            time.sleep(0.05)
        page = app.call("GetRewardInfo")
        small_disk.empty()
        known = issuers.done
        while issuers.done < known + 50:
            assert time.monotonic() < end, issuers.statuses
            time.sleep(0.05)
        issuers.stop()

        acknowledged = issuers.acknowledged
        with small_disk.connect() as database:
            rewards = dict(database.execute("SELECT idempotency_key, id::text FROM rewards_reward").fetchall())
            ledger = database.execute("SELECT count(*) FROM campaigns_budgetentry").fetchone()[0]
        done = stack.manage("reconcile")
    finally:
        stack.end()
        stack.remove()
    assert set(issuers.statuses) <= {200, 503}
    assert page.status == 200  # looking writes nothing
    assert acknowledged.items() <= rewards.items() and len(rewards) == ledger
    assert len(rewards) - len(acknowledged) <= issuers.clients  # those under way when the clients stopped
    assert done.stdout == "The books agree.\n", done.stderr
    numbers("disk full", refused_503=issuers.statuses[503], acknowledged=len(acknowledged), lost=0)
