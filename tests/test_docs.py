"""What is documented exists, and what exists is documented."""

import pathlib
import re
import subprocess

import pytest

from moments.devserver.generated_secrets import NAMES
from moments.registry import events
from rewards.issuing.refusals import REFUSALS
from tests.rules_table import TARGET, page
from tests.test_imports import LINE, MOST_MODULES

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
PAGES = {path.relative_to(ROOT).as_posix(): path.read_text() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]}


def test_every_setting_is_in_the_table_of_settings():
    sources = [ROOT / "moments" / "settings.py", ROOT / "moments/devserver/launcher.py"]
    text = "".join(path.read_text() for path in sources)
    read = set(re.findall(r"env_\w+\(\s*\"([A-Z_]+)\"", text)) | set(re.findall(r"environ\.get\(\"([A-Z_]+)\"", text))

    read |= set(NAMES)
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", PAGES["docs/settings.md"], re.M))

    assert read == documented


def test_every_refusal_of_the_api_is_documented():
    assert set(REFUSALS) <= set(re.findall(r"`([a-z_]+)`", PAGES["docs/api.md"]))


def test_every_command_of_ours_is_documented():
    commands = {path.stem for path in ROOT.glob("*/management/commands/*.py")} - {"__init__", "prepare"}

    assert commands <= set(re.findall(r"[a-z_]+", PAGES["docs/operations.md"]))


def test_every_picture_is_there():
    pictures = re.findall(r"\]\((docs/screenshots/[^)]+)\)", README)

    assert pictures and all((ROOT / picture).exists() for picture in pictures)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_link_leads_to_a_file(name):
    folder = (ROOT / name).parent
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", PAGES[name]) if "://" not in link]

    assert [link for link in links if not (folder / link).exists()] == []


# A path of ours, perhaps with a function: `rewards/issuing/service.py:issue_reward`.
PLACE = re.compile(rf"`((?:{'|'.join([*LINE, 'templates', 'tests', 'locale'])})/[\w/.]*\.\w+)(?::(\w+))?`")


def places_that_are_gone(text: str) -> set[str]:
    gone = set()
    for path, function in PLACE.findall(text):
        if re.search(r"[A-Z]{3}", path):  # a placeholder
            continue
        file = ROOT / path
        if not file.exists() or (function and not re.search(rf"^(?:def|class) {function}\b", file.read_text(), re.M)):
            gone.add(f"{path}:{function}")
    return gone


@pytest.mark.parametrize("name", sorted(set(PAGES) - {"docs/rules.md", "docs/database.md"}))
def test_every_file_and_function_that_is_named_is_there(name):
    assert places_that_are_gone(PAGES[name]) == set()


def test_a_place_that_is_gone_is_found():
    assert places_that_are_gone("`rewards/nowhere.py`") and places_that_are_gone("`rewards/tasks.py:no_such_task`")
    assert not places_that_are_gone("`rewards/tasks.py:expire_rewards`")


def test_the_architecture_names_every_folder_of_every_app():
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \|([^|]*)\|$", PAGES["docs/architecture.md"], re.M)
    documented = {app: set(re.findall(r"`(\w+)`", folders)) for app, folders in rows}
    generic = {"models", "migrations", "admin", "management", "templatetags", "__pycache__"}
    real = {
        app: {path.name for path in (ROOT / app).iterdir() if (path / "__init__.py").exists()} - generic for app in LINE
    }

    assert documented == real and MOST_MODULES == 22


def test_the_glossary_is_sorted_and_names_each_term_once():
    terms = re.findall(r"^\| ([^|]+) \|", PAGES["docs/glossary.md"], re.M)[2:]

    assert terms == sorted(set(terms), key=str.lower) and len(terms) > 50


def test_the_page_of_webhooks_lists_every_event_with_its_sentence():
    rows = dict(re.findall(r"^\| `([\w.]+)` \| ([^|]+) \| [^|]+ \|$", PAGES["docs/webhooks.md"], re.M))

    assert rows == {type: str(events[type]) for type in events}


@pytest.mark.slow
def test_the_page_of_rules_is_up_to_date():
    assert TARGET.read_text() == page(), "run `make docs`"


def test_the_readme_is_short_and_names_every_app():
    assert len(README.splitlines()) <= 150
    assert set(re.findall(r"^\| `(\w+)` \|", README, re.M)) == set(LINE)


def test_every_make_target_is_there():
    text = "\n".join(PAGES.values())
    targets = set(re.findall(r"^make ([\w-]+)", text, re.M)) | set(re.findall(r"`make ([\w-]+)`", text))

    assert targets <= set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M))


def test_make_help_tells_of_every_target():
    made = (ROOT / "Makefile").read_text()
    command = ["make", "--no-print-directory", "help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    targets = re.search(r"^\.PHONY: (.*)$", made, re.M).group(1).split()
    assert {line.split()[0] for line in shown.splitlines()} == set(targets)


def test_the_manual_of_the_database_lists_what_every_app_adds_to_it():
    lines = re.findall(r"^\| `\w+` \|.*$", PAGES["docs/database.md"], re.M)
    cells = [[set(re.findall(r"`(\w+)`", cell)) for cell in line.split("|")[1:-1]] for line in lines]
    sources = {path.parent.name: path.read_text() for path in ROOT.glob("*/database.sql")}

    assert {app for names, *_rest in cells for app in names} == sources.keys()
    for (app,), functions, tables, _others in cells:
        assert functions == set(re.findall(r"CREATE OR REPLACE FUNCTION (\w+)", sources[app]))
        assert tables == set(re.findall(r"refuse_truncate BEFORE TRUNCATE ON (\w+)", sources[app]))
