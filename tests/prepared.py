"""What `make run` makes before it works: made once in a run of the tests, and copied wherever it is needed."""

import fcntl
import functools
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Callable

import psycopg

from moments.devserver.embedded import APP, Postgres
from moments.devserver.launcher import ROOT, Launcher

KEPT = ("secrets.json", "static", "media", "redis", "demo.json")


class Preparing(Launcher):
    """`make run` as far as the data; then it ends, in order."""

    def start_work(self) -> None:
        self.stop_requests = 1


def migrated() -> None:
    """The run's own database has its tables."""
    once("migrated", migrate)


def migrate() -> None:
    """The tests, as the application, also look at who waits for whom."""
    ran("manage.py", "migrate", "-v0")
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as database:
        database.execute(f"GRANT pg_read_all_stats TO {APP}")


def once(name: str, make: Callable[[], object]) -> None:
    """``make`` is called by one process of this run, while the others that want it wait."""
    with open(pathlib.Path(os.environ["MOMENTS_DATA_DIR"]) / f"{name}.done", "a+") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        if not os.path.getsize(mark.name):
            make()
            mark.write("done")


def copy_files(target: pathlib.Path, *, has_demo: bool = False) -> None:
    """All but PostgreSQL's. What the launcher left word of, locks and sockets stay behind."""
    source = data_of_the_run(has_demo=has_demo)
    target.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", *(source / name for name in KEPT if (source / name).exists()), target], check=True)


def copy_postgres(target: Postgres, *, has_demo: bool = False) -> None:
    """Before it is started for the first time. With the keys that it was written with, where there are none yet."""
    source = Postgres(data_of_the_run(has_demo=has_demo))
    copy_tables(source, target)
    if not (target.data_dir / "secrets.json").exists():
        shutil.copy(source.data_dir / "secrets.json", target.data_dir)


def data_of_the_run(*, has_demo: bool = False) -> pathlib.Path:
    name = "with-demo" if has_demo else "without-demo"
    folder = pathlib.Path(os.environ["MOMENTS_DATA_DIR"]) / name
    once(name, functools.partial(prepare, folder, has_demo))
    return folder


def prepare(folder: pathlib.Path, has_demo: bool) -> None:
    """The demo's database is its own from the start: it would refuse one that was live."""
    if has_demo:
        copy_files(folder)
    copy_tables(with_tables(), Postgres(folder))
    given = {"PATH": os.environ["PATH"], "PORT": "0", "MOMENTS_BASE_URL": "http://localhost"}
    ran("-m", "tests.prepared", env={**given, "MOMENTS_DATA_DIR": str(folder), "MOMENTS_DEMO": str(int(has_demo))})


def copy_tables(source: Postgres, target: Postgres) -> None:
    """All of PostgreSQL's files, while neither runs."""
    subprocess.run(["cp", "-a", f"{source.data}/.", target.data], check=True)


def with_tables() -> Postgres:
    """A PostgreSQL that does not run, with what is in the run's own database."""
    folder = pathlib.Path(os.environ["MOMENTS_DATA_DIR"]) / "with-tables"
    once(folder.name, lambda: fill(Postgres(folder)))
    return Postgres(folder)


def fill(target: Postgres) -> None:
    migrated()
    child = target.start()
    dump = subprocess.run(
        [target.binaries / "pg_dump", os.environ["DATABASE_OWNER_URL"]], capture_output=True, check=True
    ).stdout
    subprocess.run(
        [target.binaries / "psql", "-q", "-v", "ON_ERROR_STOP=1", target.owner_url],
        input=dump,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    child.end()


def ran(*arguments: str, env: dict[str, str] | None = None) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


if __name__ == "__main__":
    sys.exit(Preparing().run())
