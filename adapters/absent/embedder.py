"""No sentence embeddings."""

from collections.abc import Sequence

from domain.ports.embedder import Embedder, Embeddings
from domain.values import Unavailable


class AbsentEmbedder(Embedder):
    """Stands where no encoder is installed or wanted."""

    @property
    def version(self) -> str:
        """A name under which no vector is ever stored."""
        return "absent"

    async def embed(self, texts: Sequence[str]) -> Embeddings | Unavailable:  # noqa: ARG002 - the port asks for it
        """Unavailable, always and at once."""
        return Unavailable("not_configured")
