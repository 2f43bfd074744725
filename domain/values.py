"""The one base of every value: immutable, strict about its fields, cheap to encode."""

import msgspec


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An immutable value. Collections inside are tuples or mappings that nobody writes to."""


class Unavailable(Value, frozen=True, tag="unavailable"):
    """A degraded answer: the part could not answer, which is different from 'nothing found'.

    `code` is stable (`not_configured`, `timeout`, `refused`, `broken`); `detail` is for operators.
    """

    code: str
    detail: str = ""
