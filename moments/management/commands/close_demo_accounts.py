from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from moments.installation.demo_guard import close_demo_accounts


class Command(BaseCommand):
    help = "Closes every account that the demo's known password opens: no password, no operator rights, no sessions."

    def handle(self, *args: Any, **options: Any) -> None:
        closed = close_demo_accounts()
        (settings.DATA_DIR / "demo.json").unlink(missing_ok=True)
        self.stdout.write(f"Closed: {', '.join(closed)}." if closed else "No account has the demo's password.")
