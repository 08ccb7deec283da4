"""Migrations follow the line of apps, and never change after the fact: they read only what is frozen beside them."""

import ast
import pathlib
import re

import pytest

from tests.test_imports import LINE, MAY_IMPORT, ROOT

FROZEN = "Path(__file__).parent / 'frozen'"
READS_FROZEN = re.compile(r"\(FROZEN / '(\d{4}_\w+\.sql)'\)\.read_text\(\)")
READERS = {"open", "read", "read_text", "read_bytes", "readlines", "eval", "exec", "import_module", "__import__"}
READERS |= {"call_command", "run_path", "get_data", "load_module", "get_template", "render_to_string"}


def migrations_of(app: str) -> list[pathlib.Path]:
    return sorted((ROOT / app / "migrations").glob("0*.py"))


def assigned(tree: ast.AST, *names: str) -> list[ast.expr]:
    """What variables and attributes of these names are set to."""
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and any(ast.unparse(target) in names for target in node.targets)
    ]


def apps_needed(source: str) -> set[str]:
    """Apps that a migration names as those that it runs after, or before."""
    found = set()
    for value in assigned(ast.parse(source), "dependencies", "run_before"):
        for node in ast.walk(value):
            if isinstance(node, ast.Tuple) and isinstance(node.elts[0], ast.Constant):
                found.add(node.elts[0].value)
    return found


def is_read_of_frozen(call: ast.Call, folder: pathlib.Path) -> bool:
    found = READS_FROZEN.fullmatch(ast.unparse(call))
    return bool(found) and (folder / "frozen" / found[1]).exists()


def may_change(source: str, folder: pathlib.Path) -> set[str]:
    """What a migration reads or calls that may be something else tomorrow."""
    tree = ast.parse(source)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    readers = [call for call in calls if ast.unparse(call.func).rpartition(".")[2] in READERS]
    wrong = {ast.unparse(call) for call in readers if not is_read_of_frozen(call, folder)}
    wrong |= {ast.unparse(value) for value in assigned(tree, "FROZEN") if ast.unparse(value) != FROZEN}
    return wrong | {f"import {name}" for name in imported(tree) if name.split(".")[0] in LINE}


def imported(tree: ast.AST) -> set[str]:
    """Modules, but those that a model's default is in: Django names it, and calls it for no row that is there."""
    defaults = [node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "default"]
    as_default = {ast.unparse(value).rpartition(".")[0] for value in defaults if isinstance(value, ast.Attribute)}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} - as_default
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("app", LINE)
def test_no_migration_depends_on_an_app_to_its_right(app):
    right = set(LINE) - MAY_IMPORT[app] - {app}
    wrong = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in migrations_of(app)
        for name in apps_needed(path.read_text()) & right
    }

    assert not wrong
    assert migrations_of(app) or app in {"api", "operations"}, "it has no rows of its own"


def test_a_migration_that_depends_on_the_right_is_found():
    assert apps_needed("class Migration:\n    dependencies = [('rewards', '0001_initial'), other()]") == {"rewards"}
    assert apps_needed("class Migration:\n    run_before = [('redemption', '0002_database')]") == {"redemption"}


@pytest.mark.parametrize("app", LINE)
def test_no_migration_reads_what_may_change(app):
    for path in migrations_of(app):
        assert may_change(path.read_text(), path.parent) == set(), path


@pytest.mark.parametrize(
    "line",
    [
        "SQL = open('rewards/database.sql').read()",
        "SQL = (Path(__file__).parents[1] / 'database.sql').read_text()",
        "SQL = (FROZEN / '../database.sql').read_text()",
        "SQL = (FROZEN / '0009_not_there.sql').read_text()",
        "FROZEN = Path(__file__).parents[1]",
        "from rewards.claims.service import void_reward",
        "import rewards.claims.service",
        "def forwards(apps, editor):\n    call_command('reconcile')",
    ],
)
def test_a_migration_that_reads_what_may_change_is_found(line):
    folder = ROOT / "rewards" / "migrations"
    assert may_change(f"FROZEN = {FROZEN}\nSQL = (FROZEN / '0001_database.sql').read_text()", folder) == set()

    assert may_change(line, folder)


@pytest.mark.parametrize("app", LINE)
def test_every_frozen_copy_is_run_in_the_order_of_the_numbers(app):
    """The way back may run an earlier one again."""
    read = [name for path in migrations_of(app) for name in re.findall(r'FROZEN / "(\w+\.sql)"', path.read_text())]

    assert list(dict.fromkeys(read)) == sorted(path.name for path in (ROOT / app / "migrations").glob("frozen/*"))
