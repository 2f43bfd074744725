"""What of RAGFlow answers: an assistant with its model, or the documents themselves."""

from domain.values import Value


class Assistant(Value, frozen=True, kw_only=True):
    """A chat assistant, which words its answers by its own model.

    `first_seconds` is how long an answer may take to begin, `idle_seconds` how long it may pause. `empty_replies` are
    what the assistant says for nothing found, beyond what assistants say as RAGFlow is delivered. With `stream` off
    the answer comes in one piece, and these two times do not apply.
    """

    chat_id: str
    first_seconds: float = 60.0
    idle_seconds: float = 20.0
    empty_replies: tuple[str, ...] = ()
    stream: bool = True


class Datasets(Value, frozen=True, kw_only=True):
    """Datasets, whose best passage is quoted. What fits less than `least_score` (0..1) counts as no answer."""

    ids: tuple[str, ...]
    least_score: float = 0.45
