"""The house: which app may import which, and the wall between customers and developers."""

import ast
import pathlib
import re
from collections.abc import Iterable

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINE = [
    *("moments", "accounts", "catalog", "outbox", "campaigns", "rewards"),
    *("redemption", "api", "console", "operations"),
]
# What an app may import besides itself. The wall: nothing of redemption on one side, api and console on the other.
MAY_IMPORT: dict[str, set[str]] = {app: set(LINE[:place]) for place, app in enumerate(LINE)}
MAY_IMPORT["api"] -= {"redemption"}
MAY_IMPORT["console"] -= {"redemption"}

# The one page of customers that developers see: the preview of a reward page.
PREVIEW = "console/campaigns/preview_views.py"
PREVIEWED = "redemption/claim/reward.html"
# Columns of a reward that move when its customer redeems it.
UNSEEN = {"status", "customer", "customer_id", "claimed_at"}
MOST_MODULES = 22

Sources = dict[str, str]  # path below the root → text


def files_of(app: str) -> list[pathlib.Path]:
    return [path for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]


def sources(*apps: str) -> Sources:
    return {path.relative_to(ROOT).as_posix(): path.read_text() for app in apps for path in files_of(app)}


def imported(source: str) -> set[str]:
    """Dotted names of every import, those inside functions included."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def app_of(path: str) -> str:
    return path.partition("/")[0]


# ---- the graph of apps


def breaches_of_the_graph(files: Sources) -> set[str]:
    return {
        f"{path}: {name}"
        for path, source in files.items()
        for name in imported(source)
        if (app := name.split(".")[0]) in LINE and app not in MAY_IMPORT[app_of(path)] | {app_of(path)}
    }


@pytest.mark.slow
def test_every_app_imports_only_what_it_may():
    assert breaches_of_the_graph(sources(*LINE)) == set()


@pytest.mark.parametrize(
    "path, source",
    [
        ("moments/money.py", "from accounts.models import User"),
        ("rewards/points/exchanges.py", "def exchange():\n    from redemption.orders import emails"),
        ("redemption/claim/appeals.py", "import api.limits"),
        ("redemption/claim/appeals.py", "def page():\n    from console.home import dashboard"),
        ("api/gateway.py", "from redemption.models import Order"),
        ("console/reports/views.py", "if True:\n    from redemption import models"),
        ("console/home/views.py", "from operations.alarms import alarms"),
    ],
)
def test_a_forbidden_import_is_found(path, source):
    assert breaches_of_the_graph({path: source})


# ---- rules know no pages

ENTRIES = {"server", "views", "forms", "admin", "tasks", "urls", "routes", "management", "templatetags", "middleware"}


def is_entry(path: str) -> bool:
    """Whether a file is where something comes in: a page, a form, admin, a task, a command, an address."""
    parts = pathlib.PurePosixPath(path).with_suffix("").parts[1:]
    kinds = {part.rpartition("_")[2] for part in parts} if parts and parts[-1] != "redis_urls" else set()
    return bool(kinds & ENTRIES)


def breaches_of_rules(files: Sources) -> set[str]:
    """Rules modules that import a view, a form, admin or a task."""
    entries = {path.removesuffix(".py").replace("/", ".") for path in files if is_entry(path)}
    packages = {entry.rpartition(".")[0] for entry in entries if entry.endswith(".__init__")}
    return {
        f"{path}: {name}"
        for path, source in files.items()
        if not is_entry(path)
        for name in imported(source)
        if name in entries | packages
    }


def test_no_rules_module_imports_a_page_a_form_admin_or_a_task():
    """Pages of the console and the API have no rules of their own, so nothing is asked of them here."""
    assert breaches_of_rules(sources(*(app for app in LINE if app not in {"api", "console"}))) == set()


@pytest.mark.parametrize("entry", ["views", "reward_views", "forms", "tasks", "admin.orders"])
def test_a_rules_module_that_imports_an_entry_is_found(entry):
    files = {
        f"redemption/{entry.replace('.', '/')}.py": "",
        "redemption/claim/appeals.py": f"def late():\n    from redemption.{entry} import something",
    }

    assert breaches_of_rules(files)


# ---- pages open no transaction

PAGES = {"views", "forms", "routes"}


def transactions_of_pages(files: Sources) -> set[str]:
    """Pages, forms and routes that open a transaction: what belongs together is one service of the rows' own app."""
    wrong = set()
    for path, source in files.items():
        if pathlib.PurePosixPath(path).stem.rpartition("_")[2] in PAGES:
            names = {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
            if "atomic" in names or any(name.startswith("django.db.transaction") for name in imported(source)):
                wrong.add(path)
    return wrong


def test_no_page_form_or_route_opens_a_transaction():
    assert transactions_of_pages(sources(*LINE)) == set()


@pytest.mark.parametrize("path", ["console/team/views.py", "accounts/sign_in/forms.py", "api/v1/routes.py"])
@pytest.mark.parametrize(
    "source",
    [
        "from django.db import transaction",
        "def late():\n    from django.db.transaction import atomic",
        "import django.db\nwith django.db.transaction.atomic():\n    pass",
    ],
)
def test_a_page_that_opens_a_transaction_is_found(path, source):
    assert transactions_of_pages({path: source}) == {path}
    assert transactions_of_pages({"accounts/organizations/service.py": source}) == set()


# ---- the wall, in templates and in the rows that both sides share

TEMPLATE = re.compile(r"""\{%\s*(?:include|extends)\s+["']([^"']+)["']""")


def breaches_of_templates(templates: Sources, code: Sources) -> set[str]:
    """Templates of redemption that developers' templates include or extend, or that their views name."""
    wrong = {
        f"{path}: {name}"
        for path, source in templates.items()
        for name in TEMPLATE.findall(source)
        if name.startswith("redemption/")
    }
    for path, source in code.items():
        names = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
        named = {name for name in names if isinstance(name, str) and re.match(r"redemption/.*\.(html|txt)$", name)}
        wrong |= {f"{path}: {name}" for name in named if (path, name) != (PREVIEW, PREVIEWED)}
    return wrong


def test_developers_templates_use_nothing_of_redemption_but_the_previewed_reward_page():
    templates = {
        path.relative_to(ROOT).as_posix(): path.read_text()
        for app in ("api", "console")
        for path in sorted((ROOT / "templates" / app).rglob("*.*"))
    }

    assert len(templates) > 50
    assert breaches_of_templates(templates, sources("api", "console")) == set()


def test_a_template_of_redemption_on_a_developers_page_is_found():
    included = {"templates/console/home.html": '{% include "redemption/account/order.html" %}'}
    rendered = {"console/home/views.py": 'render(request, "redemption/claim/reward.html")'}

    assert breaches_of_templates(included, {})
    assert breaches_of_templates({}, rendered)
    assert not breaches_of_templates({}, {PREVIEW: f'render(request, "{PREVIEWED}")'})


def breaches_of_listing(files: Sources) -> set[str]:
    """How ``api`` and ``console`` could learn of a redemption from a reward's row."""
    wrong = set()
    for path, source in files.items():
        wrong |= {
            f"{path}: {name}"
            for name in imported(source)
            if name == "rewards.models.Reward" or name.startswith(("rewards.claims", "rewards.models.reward"))
        }
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "reward":
                wrong |= {f"{path}: reward.{node.attr}"} if node.attr in UNSEEN else set()
            elif isinstance(node, ast.Constant) and node.value in {"customer", "customer_id", "claimed_at"}:
                wrong.add(f"{path}: {node.value}")
    return wrong


def test_developers_read_rewards_only_through_the_listing():
    templates = [path for app in ("api", "console") for path in (ROOT / "templates" / app).rglob("*.*")]
    shown = {
        f"{path.relative_to(ROOT)}: {found}"
        for path in templates
        for found in re.findall(rf"\breward\.(?:{'|'.join(UNSEEN)})\b", path.read_text())
    }

    assert breaches_of_listing(sources("api", "console")) == set()
    assert shown == set()


def test_the_listing_selects_no_column_that_a_redemption_moves():
    from rewards.issuing import listing

    assert not {name.partition("__")[0] for name in listing.COLUMNS} & UNSEEN
    assert not set(listing.COLUMNS) & UNSEEN


@pytest.mark.parametrize(
    "source",
    [
        "from rewards.models import Reward",
        "def late():\n    from rewards.claims.service import claim_reward",
        "from rewards.claims import service",
        "show(reward.status)",
        "rows.values('customer')",
        "rows.only('id', 'claimed_at')",
    ],
)
def test_a_way_around_the_listing_is_found(source):
    assert breaches_of_listing({"console/rewards/views.py": source})


# ---- a page's address is its folder


def test_a_page_of_the_console_has_the_address_of_its_folder():
    from tests.access.matrix import patterns

    wrong = {
        f"{path}: {pattern.callback.__module__}"
        for name, path, pattern in patterns()
        if pattern and name.startswith("console:") and name != "console:home"
        if not path.startswith(pattern.callback.__module__.rpartition(".")[0].replace(".", "/") + "/")
    }

    assert wrong == set()


# ---- names and sizes


def test_no_file_is_longer_than_400_lines():
    files = sources(*LINE, "tests")
    long = {path: lines for path, text in files.items() if (lines := len(text.splitlines())) > 400}
    assert not long


def test_no_folder_holds_more_modules_than_one_can_look_over():
    folders: dict[pathlib.Path, int] = {}
    for app in LINE:
        for path in files_of(app):
            if path.name != "__init__.py":
                folders[path.parent] = folders.get(path.parent, 0) + 1

    assert {str(folder): count for folder, count in folders.items() if count > MOST_MODULES} == {}


@pytest.mark.slow
def test_names_of_the_right_are_strings_in_the_schedule_and_the_settings_alone():
    """A dotted path of a function further right, as a string, outside the schedule and the settings."""
    assert strings_to_the_right(sources(*LINE)) == set()
    assert strings_to_the_right({"catalog/stock.py": 'enqueue("redemption.tasks.fulfill")'})


def strings_to_the_right(files: Sources) -> set[str]:
    wrong = set()
    for path, source in files.items():
        right = set(LINE) - MAY_IMPORT[app_of(path)] - {app_of(path)}
        if path in {"moments/celery.py", "moments/settings.py", "moments/urls.py"}:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                head, _dot, tail = node.value.partition(".")
                if head in right and tail.replace("_", "").replace(".", "").isalpha() and "." in tail:
                    wrong.add(f"{path}: {node.value}")
    return wrong


# ---- errors of the database


@pytest.mark.slow
def test_no_database_error_is_taken_for_one_cause_without_its_constraint():
    """Whoever catches ``IntegrityError`` asks which constraint it was, or raises it again."""
    blind = [f"{path}:{line}" for path, source in sources(*LINE).items() for line in blind_handlers(source)]

    assert not blind
    assert blind_handlers("try:\n    save()\nexcept IntegrityError:\n    raise NameTaken\n") == [3]


def blind_handlers(source: str) -> Iterable[int]:
    """Lines of handlers of ``IntegrityError`` that do not look at the constraint."""
    handlers = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ExceptHandler) and node.type]
    return [
        node.lineno
        for node in handlers
        if node.type
        and "IntegrityError" in ast.unparse(node.type)
        and "constraint" not in ast.unparse(node)
        and "is_violation_of" not in ast.unparse(node)
    ]
