"""Where the OpenAPI description is read, by programs and by people."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.utils import translation
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

# By language; it follows from the code alone.
_made: dict[str, Any] = {}


def description() -> Any:
    """The OpenAPI document in the language of the moment, made once per process."""
    language = translation.get_language() or ""
    if language not in _made:
        _made[language] = SchemaGenerator().get_schema(  # type: ignore[no-untyped-call]
            request=None, public=True
        )
    return _made[language]


class SchemaView(APIView):
    """The description; open to all, for it says nothing about anybody."""

    schema = None
    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer]
    authentication_classes = []
    permission_classes = []
    throttle_classes = []

    def get(self, request: Request) -> Response:
        """The whole document."""
        return Response(description())


@method_decorator(login_not_required, name="dispatch")
class DocsView(TemplateView):
    """A browser of the description, offline and without inline scripts."""

    template_name = "api/docs.html"
