"""What is documented is there, and what is there is documented."""

import pathlib
import re
import subprocess

from moments.devserver.generated_secrets import NAMES
from rewards.issuing.refusals import REFUSALS

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_every_setting_stands_in_the_readmes_table():
    sources = [ROOT / "moments" / "settings.py", ROOT / "moments/devserver/launcher.py"]
    text = "".join(path.read_text() for path in sources)
    read = set(re.findall(r"env_\w+\(\s*\"([A-Z_]+)\"", text)) | set(re.findall(r"environ\.get\(\"([A-Z_]+)\"", text))

    read |= set(NAMES)
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.M))

    assert read == documented


def test_every_refusal_is_documented():
    assert set(REFUSALS) <= set(re.findall(r"`([a-z_]+)`", README))


def test_every_command_of_ours_is_documented():
    commands = {path.stem for path in ROOT.glob("*/management/commands/*.py")} - {"__init__", "prepare"}

    assert commands <= set(re.findall(r"[a-z_]+", README))


def test_every_picture_is_there():
    pictures = re.findall(r"\]\((docs/[^)]+)\)", README)

    assert pictures and all((ROOT / picture).exists() for picture in pictures)


def test_every_make_target_is_there():
    targets = set(re.findall(r"^make (\w+)", README, re.M)) | set(re.findall(r"`make (\w+)`", README))

    assert targets <= set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M))


def test_make_help_tells_of_every_target():
    made = (ROOT / "Makefile").read_text()
    command = ["make", "--no-print-directory", "help"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    targets = re.search(r"^\.PHONY: (.*)$", made, re.M).group(1).split()
    assert {line.split()[0] for line in told.splitlines()} == set(targets)


def test_the_manual_of_the_database_lists_what_every_app_adds_to_it():
    lines = re.findall(r"^\| `\w+` \|.*$", (ROOT / "docs" / "database.md").read_text(), re.M)
    cells = [[set(re.findall(r"`(\w+)`", cell)) for cell in line.split("|")[1:-1]] for line in lines]
    sources = {path.parent.name: path.read_text() for path in ROOT.glob("*/database.sql")}

    assert {app for names, *_rest in cells for app in names} == sources.keys()
    for (app,), functions, tables, _others in cells:
        assert functions == set(re.findall(r"CREATE OR REPLACE FUNCTION (\w+)", sources[app]))
        assert tables == set(re.findall(r"refuse_truncate BEFORE TRUNCATE ON (\w+)", sources[app]))
