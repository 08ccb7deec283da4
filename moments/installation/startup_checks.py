"""Problems that prevent a start. `check --deploy` reports them as well."""

import logging
from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from moments.installation.demo_guard import why_it_may_not_start
from moments.security.key_fingerprints import key_problems

logger = logging.getLogger(__name__)


def installation_problems() -> list[str]:
    reason = why_it_may_not_start()
    return [*([reason] if reason else []), *key_problems()]


def check_installation(app_configs: object, **options: Any) -> list[checks.CheckMessage]:
    try:
        return [checks.Error(problem, id="moments.E001") for problem in installation_problems()]
    except DatabaseError as error:
        message = f"PostgreSQL does not answer, so accounts and keys were not checked: {str(error).strip()}"
        return [checks.Warning(message, id="moments.W002")]


def refuse_to_serve() -> None:
    """Raise ``ImproperlyConfigured`` if web, worker or scheduler must not start. Skipped while PostgreSQL is down."""
    try:
        problems = installation_problems()
    except DatabaseError as error:
        logger.warning("Accounts and keys were not checked: %s", str(error).strip().splitlines()[0])
        return
    if problems:
        raise ImproperlyConfigured("\n".join(problems))
