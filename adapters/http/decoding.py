"""Reading a JSON body: once, strictly, and with complaints that people understand."""

import re
from typing import Any, TypeVar

import msgspec
from litestar.dto import MsgspecDTO
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition

from adapters.http.callers import header, tongue
from adapters.http.errors import MalformedBody, UnsupportedMediaType
from adapters.http.languages import Tongue
from adapters.http.sentences import of_decoding
from domain.errors import InvalidRequest

T = TypeVar("T", bound=msgspec.Struct)

_ESCAPES = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
"""One escape of a JSON text; the group is set for half of a surrogate pair without the other half."""


class StrictJson(MsgspecDTO[T]):
    """Decodes the body straight into the struct: no unknown fields, no lenient conversions.

    Litestar's own way decodes into dicts first and then converts leniently ("1" becomes 1).
    """

    def decode_bytes(self, value: bytes) -> Any:
        """The struct. Raises UnsupportedMediaType, MalformedBody, or InvalidRequest with the field and a sentence."""
        kind = header(self.asgi_connection, b"content-type") or b""
        if kind.partition(b";")[0].strip().lower() != b"application/json":
            raise UnsupportedMediaType
        return decoded(value, self.model_type, tongue(self.asgi_connection))

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,  # noqa: ARG003 - Litestar calls it by this name
        schema_creator: Any,  # its type is private to Litestar
    ) -> Reference | Schema:
        """The struct itself, since that is what is decoded."""
        schema: Reference | Schema = schema_creator.for_field_definition(field_definition)
        return schema


def decoded(value: bytes | msgspec.Raw, wanted: type[T], tongue: Tongue) -> T:
    """The JSON as that struct. Raises MalformedBody, or InvalidRequest with the field and a sentence."""
    try:
        return _decoded(bytes(value), wanted)
    except msgspec.ValidationError as error:
        raise InvalidRequest("the body does not fit its schema", of_decoding(str(error), tongue)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedBody from error


def _decoded(value: bytes, wanted: type[T]) -> T:
    try:
        return msgspec.json.decode(value, type=wanted)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        mended = _without_halves(value)
        if mended == value:
            raise
    return msgspec.json.decode(mended, type=wanted)


def _without_halves(value: bytes) -> bytes:
    r"""The text with U+FFFD for each lone \ud800…\udfff, which browsers send for an emoji that was cut in two."""
    return _ESCAPES.sub(lambda escape: rb"\ufffd" if escape.group(1) else escape.group(), value)
