"""Personal data at rest (E7): sealed, matched blindly, masked for the eye."""

import pytest
from cryptography.exceptions import InvalidTag
from pytest_django import Settings

from core import sealing


def test_a_sealed_phone_cannot_be_read_without_the_key(settings: Settings) -> None:
    sealed = sealing.seal("13812341207")
    assert sealing.open_sealed(sealed) == "13812341207"
    assert b"1207" not in sealed
    assert sealing.seal("13812341207") != sealed
    settings.FIELD_KEY = "another"
    with pytest.raises(InvalidTag):
        sealing.open_sealed(sealed)


def test_the_blind_index_finds_the_same_and_says_nothing(settings: Settings) -> None:
    index = sealing.blind("13812341207")
    assert sealing.blind("13812341207") == index
    assert sealing.blind("13812341208") != index
    settings.BLIND_KEY = "another"
    assert sealing.blind("13812341207") != index
    assert (sealing.blind(""), sealing.seal(""), sealing.open_sealed(b"")) == ("", b"", "")


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("13812341207", "138****1207"), ("0512-57984730", "0512****30"), ("123", "***"), ("", "")],
)
def test_masks(phone: str, masked: str) -> None:
    assert sealing.masked_phone(phone) == masked
