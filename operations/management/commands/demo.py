from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from moments import clock
from moments.installation.demo_guard import NotTheDemo
from operations.demo import load_demo


class Command(BaseCommand):
    help = "Loads the demo, or what of it is missing, and writes demo.json into the data folder."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = load_demo(now=clock.now(), data_dir=settings.DATA_DIR)
        except NotTheDemo as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(f"Demo: {found['console']['email']} at {found['baseUrl']}/")
