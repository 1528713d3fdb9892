"""Bodies as the API takes them: no larger than is said, and nothing that no database stores."""

from typing import IO, Any, Final

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser, MultiPartParser

from core.canonical import check_storable

# What a form adds around its file.
AROUND_A_FILE: Final = 1024 * 1024


class TooLarge(APIException):
    """The body is larger than is taken."""

    status_code = 413


def _check_length(parser_context: Any, most: int) -> None:
    """Raise TooLarge by what the request says of itself; the server reads no more than that."""
    length = parser_context["request"].META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > most:
        raise TooLarge


class StrictJSONParser(JSONParser):
    """JSON without NUL and lone surrogates in its strings, and not nested without end."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        """The value; raises ParseError (400), TooLarge (413)."""
        _check_length(parser_context, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        try:
            value = super().parse(stream, media_type, parser_context)
            check_storable(value)
        except (RecursionError, ValueError) as error:
            raise ParseError from error
        return value


class FileParser(MultiPartParser):
    """A form with a file, up to UPLOAD_MAX_BYTES."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        """The fields and files; raises ParseError (400), TooLarge (413)."""
        _check_length(parser_context, settings.UPLOAD_MAX_BYTES + AROUND_A_FILE)
        return super().parse(stream, media_type, parser_context)
