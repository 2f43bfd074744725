"""What every route works with."""

from adapters.http.envelope import Answers
from adapters.http.errors import Failures
from adapters.http.settings import HttpSettings
from adapters.http.use_cases import UseCases


class Edge:
    """The use cases, the settings, the answers and what is told of failures.

    One object, because Litestar starts a task for each dependency as soon as there are two; and not a dataclass,
    because it would copy that field by field for each request.
    """

    __slots__ = ("answers", "failures", "settings", "use_cases")

    def __init__(self, use_cases: UseCases, settings: HttpSettings, answers: Answers, failures: Failures) -> None:
        self.use_cases = use_cases
        self.settings = settings
        self.answers = answers
        self.failures = failures
