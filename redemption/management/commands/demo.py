from django.conf import settings
from django.core.management.base import BaseCommand

from moments import clock
from redemption.demo import load_demo


class Command(BaseCommand):
    help = "Loads the demo, or what of it is missing, and writes demo.json into the data folder."

    def handle(self, *args, **options):
        found = load_demo(now=clock.now(), data_dir=settings.DATA_DIR)
        self.stdout.write(f"Demo: {found['console']['email']} at {found['baseUrl']}/")
