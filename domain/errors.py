"""Every error the core raises.

HuiyiError                     code, retryable, details safe to show
├── InvalidRequest             the caller's data is wrong
├── NotFound
│   ├── SessionNotFound
│   ├── TurnNotFound
│   └── IntentNotFound
├── Conflict
│   ├── ConversationConflict   somebody else saved this conversation first
│   └── MessageConflict        a message id came again with another body
├── CatalogueInvalid           carries every problem found
├── SettingsInvalid            a setting is unknown or wrong; names it
├── ConversationBusy           the conversation's lock was not free in time
├── DeadlineExceeded
└── PartUnavailable            an outside part failed; `part` names it
    └── RepositoryUnavailable
"""

from collections.abc import Mapping
from typing import ClassVar


class HuiyiError(Exception):
    """Base of the tree. `code` is stable and public; `details` may be shown to a client."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, details: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details: Mapping[str, str] = dict(details or {})


class InvalidRequest(HuiyiError):
    """The caller's data is wrong; sending it again will not help."""

    code = "VALIDATION_ERROR"


class NotFound(HuiyiError):
    """The thing asked for does not exist, or not for this caller."""

    code = "NOT_FOUND"


class SessionNotFound(NotFound):
    """No such conversation for this user."""

    code = "SESSION_NOT_FOUND"


class TurnNotFound(NotFound):
    """The conversation has no turn of that number."""


class IntentNotFound(NotFound):
    """The catalogue has no intent of that name."""

    code = "INTENT_NOT_FOUND"


class Conflict(HuiyiError):
    """The request contradicts what is stored."""

    code = "CONFLICT"


class ConversationConflict(Conflict):
    """A compare-and-set save lost: the stored version is not the one that was read."""

    retryable = True


class MessageConflict(Conflict):
    """A message id was used before with another body."""


class CatalogueInvalid(HuiyiError):
    """A catalogue is refused. `message` lists every problem, one a line."""

    code = "CATALOGUE_INVALID"


class SettingsInvalid(HuiyiError):
    """The service cannot start with these settings. `message` is one line that names the setting and the mend."""

    code = "SETTINGS_INVALID"


class ConversationBusy(HuiyiError):
    """Earlier messages of the conversation are still being worked on."""

    code = "SERVICE_UNAVAILABLE"
    retryable = True


class DeadlineExceeded(HuiyiError):
    """The time given to the operation has passed."""

    code = "TIMEOUT"
    retryable = True


class PartUnavailable(HuiyiError):
    """A part the service needs did not answer; `part` is its name."""

    code = "SERVICE_UNAVAILABLE"
    retryable = True

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message, {"part": part})
        self.part = part


class RepositoryUnavailable(PartUnavailable):
    """Conversations can neither be read nor saved."""

    def __init__(self, message: str) -> None:
        super().__init__("repository", message)
