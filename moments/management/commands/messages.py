"""`make messages`: updates the translation catalogs after texts for customers changed."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from moments.i18n import message_catalogs


class Command(BaseCommand):
    help = "Brings locale/*/LC_MESSAGES/django.po in step with the sources and says what still lacks a translation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="Name every text that lacks one, not the first ten.")

    def handle(self, *args: Any, **options: Any) -> None:
        languages = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
        gathered = message_catalogs.gather(languages)
        for language in languages:
            lacking = message_catalogs.update(language, gathered)
            self.stdout.write(f"{language}: {len(gathered)} texts, {len(lacking)} lack a translation")
            for text in lacking[: None if options["all"] else 10]:
                self.stdout.write(f"    {text!r}")
        message_catalogs.compile_changed()
