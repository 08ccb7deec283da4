"""A webhook endpoint for benches, harnesses and scripts, made through the same service as any other."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Organization
from moments import clock
from moments.errors import RuleViolation
from outbox.webhooks.endpoints import create_endpoint


class Command(BaseCommand):
    help = "Adds a webhook endpoint to an organization and prints its id and secret as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, help="its id")
        parser.add_argument("--url", required=True)
        parser.add_argument("--events", default="", help="types, comma-separated; else all but the opt-in ones")

    def handle(self, *args: Any, **options: Any) -> None:
        given = options["organization"]
        found = Organization.objects.filter(pk=int(given)).first() if _is_id(given) else None
        if found is None:
            raise CommandError(f"There is no organization with the id {given}.")
        types = [part.strip() for part in options["events"].split(",") if part.strip()]
        try:
            endpoint, secret = create_endpoint(found, url=options["url"], event_types=types, by=None, now=clock.now())
        except RuleViolation as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(json.dumps({"id": str(endpoint.pk), "secret": secret}))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
