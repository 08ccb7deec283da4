"""Commands of Moments for tests that give many: as ``manage.py`` would run them, in one process that stays."""

import contextlib
import io
import json
import os
import pathlib
import subprocess
import sys


class Typist:
    """Started with the first command."""

    def __init__(self, root: pathlib.Path, environment: dict[str, str]) -> None:
        self.root, self.environment = root, environment
        self.process: subprocess.Popen | None = None

    def type(self, *arguments: str) -> subprocess.CompletedProcess:
        if not self.process:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.harness.command_line"],
                cwd=self.root,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        self.process.stdin.write(json.dumps(arguments) + "\n")
        self.process.stdin.flush()
        return subprocess.CompletedProcess(arguments, **json.loads(self.process.stdout.readline()))

    def end(self) -> None:
        if self.process:
            self.process.communicate()
            self.process = None


def run(arguments: list[str]) -> dict:
    """What a command printed, and how it ended. It leaves no connection behind."""
    from django.core.management import ManagementUtility
    from django.db import connections

    printed, complained, code = io.StringIO(), io.StringIO(), 0
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complained):
            ManagementUtility(["manage.py", *arguments]).execute()
    except SystemExit as ended:
        code = ended.code or 0
    except Exception as error:
        complained.write(str(error))
        code = 1
    connections.close_all()
    return {"returncode": code, "stdout": printed.getvalue(), "stderr": complained.getvalue()}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moments.settings")
    answers = sys.stdout
    for line in sys.stdin:
        answers.write(json.dumps(run(json.loads(line))) + "\n")
        answers.flush()
