"""Settings of the running servers, published by the launcher for manually run commands."""

import json
from pathlib import Path

FILE = Path("run") / "servers.json"
NAMES = {
    *("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SMTP_URL"),
    *("MOMENTS_BASE_URL", "MOMENTS_DEMO", "MOMENTS_WEBHOOK_LOOPBACK", "PID"),
}


def running_servers(data_dir: Path) -> dict[str, str]:
    """Return the settings that the launcher chose for ``data_dir``; empty if none is running."""
    try:
        found = json.loads((data_dir / FILE).read_text())
    except (OSError, ValueError):
        return {}
    return {name: str(url) for name, url in found.items() if name in NAMES}


def leave_word(data_dir: Path, urls: dict[str, str]) -> None:
    (data_dir / FILE).parent.mkdir(parents=True, exist_ok=True)
    (data_dir / FILE).touch(mode=0o600)  # it may contain passwords
    (data_dir / FILE).write_text(json.dumps(urls))


def take_word_back(data_dir: Path) -> None:
    (data_dir / FILE).unlink(missing_ok=True)
