"""One version, wherever it is said."""

import json
import re
import tomllib

from django.urls import reverse

from moments.version import PROJECT, VERSION

ROOT = PROJECT.parent


def test_the_version_is_the_projects():
    assert tomllib.loads(PROJECT.read_text())["project"]["version"] == VERSION
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


def test_the_changelog_begins_with_it():
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(), re.M)

    assert versions[0] == VERSION and versions == sorted(versions, reverse=True)


def test_the_security_policy_supports_it():
    assert f"| {VERSION.rpartition('.')[0]} | yes |" in (ROOT / "SECURITY.md").read_text()


def test_the_console_shows_it_at_its_foot(console):
    foot = console.get(reverse("console:home")).text.partition('<footer class="foot">')[2]

    assert f"Moments {VERSION}" in foot


def test_the_api_describes_itself_with_it(client, db):
    assert client.get("/api/openapi.json").json()["info"]["version"] == VERSION


def test_every_file_that_is_not_ours_is_in_the_notice():
    notice = (ROOT / "NOTICE").read_text()
    fonts = [path for path in (ROOT / "moments/web/fonts").iterdir() if path.suffix == ".ttf"]

    assert fonts and all(f"moments/web/fonts/{path.name}" in notice for path in fonts)
    assert "SIL OPEN FONT LICENSE Version 1.1" in (ROOT / "moments/web/fonts/OFL.txt").read_text()


def test_hooks_call_what_make_check_calls():
    """No host but the one that pre-commit itself comes from: every hook is local and runs from .venv."""
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    entries = re.findall(r"entry: (\S+)", hooks)

    assert re.findall(r"- repo: (\S+)", hooks) == ["local"] and all(entry.startswith(".venv/bin/") for entry in entries)
    for tool in ("ruff check", "ruff format", "mypy", "djlint", "makemigrations --check", "tests/test_imports.py"):
        assert tool in hooks and tool in (ROOT / "Makefile").read_text()


def test_the_dev_container_forwards_the_port_of_make_run():
    described = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())

    assert described["forwardPorts"] == [8000]
