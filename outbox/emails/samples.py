"""Samples of every kind of email, rendered from unsaved objects without real data."""

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.utils import translation

from moments.registry import email_samples, emails
from moments.web.context import of_mails
from outbox.emails.rendering import Rendered, one_line, render_kind, render_mail, subject_of, tidy
from outbox.kinds import PLAIN, account_kinds
from outbox.models import Mail

TO = "kim@example.com"


def render_sample(kind: str, language: str) -> Rendered:
    with translation.override(language):
        if kind in emails:
            return render_kind(kind, email_samples()[kind], to=TO)
        if kind == PLAIN:
            return render_mail(plain_sample(language))
        return _of_account(kind, email_samples()["account"])


def sample_subjects(language: str) -> dict[str, str]:
    """Return kind → subject, creating the samples only once."""
    with translation.override(language):
        samples = email_samples()
        subjects = {kind: subject_of(kind, {**of_mails(), **samples[kind]}) for kind in emails}
        of_account = {kind: _of_account(kind, samples["account"]).subject for kind in account_kinds()}
        return {**subjects, **of_account, PLAIN: plain_sample(language).subject}


def plain_sample(language: str) -> Mail:
    text = "Your request was answered.\n\n" + settings.BASE_URL + "/console/support/"
    return Mail(kind="plain", to_email=TO, language=language, subject="A mug (request 12)", text=text)


def _of_account(kind: str, shown: dict) -> Rendered:
    message = get_adapter().render_mail(f"account/email/{kind}", TO, shown)
    html = next(str(content) for content, _type in message.alternatives)
    return Rendered(TO, one_line(str(message.subject)), tidy(str(message.body)), html)
