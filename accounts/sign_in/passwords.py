"""What a password must not be."""

import re

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User

LOOK_ALIKE = str.maketrans("@4301!|5$7", "aaeoiiisst")
AROUND = r"[\W\d_]+"


class DecoratedCommonPasswordValidator(CommonPasswordValidator):
    """Refuses the passwords that leak most, also twice over, in other letters' clothes, with digits and signs around.

    Django's list has the 20,000 that leak most often; few of them have the twelve characters that we ask for, so what
    people make of the others counts too: ``Password2026!``, ``p@ssw0rdp@ssw0rd``, ``qwertyqwerty1``.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        if any(self.is_common(form) for form in forms_of(password)):
            message = _("Many people have this password, or nearly. Try four words that do not belong together.")
            raise ValidationError(message, code="password_too_common")

    def is_common(self, word: str) -> bool:
        return word in self.passwords

    def get_help_text(self) -> str:
        return _("It cannot be one that many have, not even with something added.")


def forms_of(password: str) -> set[str]:
    """The words that it may have been made of."""
    plain = password.lower().strip()
    bare = {plain, re.sub(f"^{AROUND}|{AROUND}$", "", plain)}
    spelled = bare | {word.translate(LOOK_ALIKE) for word in bare}
    spelled |= {re.sub(f"^{AROUND}|{AROUND}$", "", word) for word in spelled}
    return {once(word) for word in spelled if word}


def once(word: str) -> str:
    """What it repeats; itself where it repeats nothing."""
    return word[: (word + word).find(word, 1)]
