"""Finds a Chromium for the browser tests, or gets one; prints its path. Fails loudly: no test is ever skipped."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    given = os.environ.get("CHROMIUM")
    if given and os.access(given, os.X_OK):
        return given
    return next((path for name in NAMES if (path := shutil.which(name))), None) or find_playwrights()


def find_playwrights() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def get() -> str | None:
    """By apt as root, else Playwright's own download."""
    steps = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        steps = [
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
            *steps,
        ]
    for step in steps:
        sys.stderr.write(" ".join(step) + "\n")
        subprocess.run(step, stdout=sys.stderr, check=False)
        if found := find():
            return found
    return None


if __name__ == "__main__":
    path = find() or get()
    if not path:
        sys.exit("The browser tests need Chromium. Install it, or set CHROMIUM to its path.")
    sys.stdout.write(path)
