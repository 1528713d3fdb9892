"""JSON as the API takes it: what no database stores is refused before anybody sees it."""

from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StrictJSONParser(JSONParser):
    """JSON without NUL and lone surrogates in its strings, and not nested without end."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        """The value; raises ParseError (400)."""
        try:
            value = super().parse(stream, media_type, parser_context)
            _check(value)
        except (RecursionError, UnicodeEncodeError) as error:
            raise ParseError from error
        return value


def _check(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise ParseError
        value.encode()
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check(key)
            _check(inner)
    elif isinstance(value, list):
        for inner in value:
            _check(inner)
