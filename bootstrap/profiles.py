"""Named sets of parts."""

from collections.abc import Mapping
from typing import Final, Literal

Profile = Literal["embedded", "bare"]

PROFILES: Final[Mapping[str, Mapping[str, str]]] = {
    "embedded": {"EMBEDDER": "local", "ENTITY_EXTRACTOR": "local", "KNOWLEDGE_BASE": "local"},
    "bare": {"EMBEDDER": "none", "ENTITY_EXTRACTOR": "none", "KNOWLEDGE_BASE": "none"},
}
"""`embedded`: every part in this process. `bare`: no optional part. What is set by itself wins over its profile."""
