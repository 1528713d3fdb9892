"""The code of an edition: what a reader types or scans to see whether a paper is genuine."""

from typing import Final

# Without letters and digits that are mistaken for one another on paper.
_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS: Final = 4
_LENGTH: Final = 4


def verification_code(digest: str) -> str:
    """The code that a content's digest leads to: four groups of four letters, 78 bits of it."""
    number = int(digest, 16)
    letters = []
    for _place in range(_GROUPS * _LENGTH):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    text = "".join(letters)
    return "-".join(text[start : start + _LENGTH] for start in range(0, len(text), _LENGTH))


def as_typed(text: str) -> str:
    """The code as somebody wrote it: any case, with or without dashes and spaces."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())[: _GROUPS * _LENGTH]
    return "-".join(letters[start : start + _LENGTH] for start in range(0, len(letters), _LENGTH))
