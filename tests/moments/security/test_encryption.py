"""What is sealed opens with the installation's keys, for its own purpose, and for nothing else."""

import pytest

from moments.security.encryption import DecryptionError, decrypt, encrypt


def test_what_is_sealed_opens_for_its_purpose_alone():
    sealed = encrypt("山田-1234", purpose="order A")

    assert decrypt(sealed, purpose="order A") == "山田-1234"
    assert "1234" not in sealed and sealed != encrypt("山田-1234", purpose="order A")
    for wrong in ({"purpose": "order B"}, {"purpose": ""}):
        with pytest.raises(DecryptionError):
            decrypt(sealed, **wrong)
    with pytest.raises(DecryptionError):
        decrypt("FILM-1234", purpose="order A")


def test_after_the_key_was_replaced_the_one_before_it_still_opens(settings):
    sealed = encrypt("FILM-1234", purpose="order A")

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert decrypt(sealed, purpose="order A") == "FILM-1234"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(DecryptionError):
        decrypt(sealed, purpose="order A")
