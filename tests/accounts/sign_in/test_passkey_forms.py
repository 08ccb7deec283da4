"""What no browser sends as a passkey is refused like a wrong one."""

import pytest
from django.core.exceptions import ValidationError

from accounts.sign_in.passkeys import CredentialField, browsers_shape


@pytest.mark.parametrize("error", [AttributeError, KeyError, IndexError, TypeError, ValueError, OverflowError])
def test_whatever_the_libraries_trip_over_is_a_wrong_credential(error):
    with pytest.raises(ValidationError) as caught, browsers_shape():
        raise error("of the library")

    assert caught.value.code == "incorrect_code" and "of the library" not in str(caught.value)


def test_other_errors_are_no_matter_of_the_credential():
    with pytest.raises(ZeroDivisionError), browsers_shape():
        raise ZeroDivisionError


def test_a_credential_is_json_and_so_deep_as_browsers_make_it():
    assert CredentialField().to_python('{"id": "abc"}') == {"id": "abc"}
    for text in ("{", "[" * 100_000):
        with pytest.raises(ValidationError):
            CredentialField().to_python(text)


def test_a_credential_that_was_refused_is_not_shown_again():
    assert CredentialField().bound_data('{"id": "secret"}', None) is None
