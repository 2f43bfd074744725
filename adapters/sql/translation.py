"""What SQLAlchemy and the drivers raise, in the core's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    EmulatedDBAPIException,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
    SQLAlchemyError,
    StatementError,
)

from domain.errors import RepositoryUnavailable


class RowsRefused(RepositoryUnavailable):
    """The engine works, but not with these rows. Other rows may fare better."""


class Collision(RowsRefused):
    """A row with the same key is there already."""


class Contended(RowsRefused):
    """The server undid the transaction because it stood in the way of another; at once the same may succeed."""


_UNDONE = frozenset({1213, 1020, 9007, 8022, 8028})
"""Deadlock, and a row that changed since it was read; the last three are TiDB's words for the same."""

_LOCKED = frozenset({1205})
"""Another transaction kept a row for too long."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn every vendor error inside the block into RepositoryUnavailable. Messages name classes, never data."""
    try:
        yield
    except IntegrityError as error:
        raise Collision("the storage refused rows: a key is taken") from error
    except (DataError, InterfaceError, ProgrammingError, OverflowError, UnicodeError) as error:
        raise RowsRefused(f"the storage refused rows: {type(error).__name__}") from error
    except DBAPIError as error:
        raise _failed(error) from error
    except StatementError as error:  # not from the driver: a value that fits no column
        raise RowsRefused(f"the storage refused rows: {type(error).__name__}") from error
    except (SQLAlchemyError, EmulatedDBAPIException, OSError, EOFError) as error:
        raise RepositoryUnavailable(f"the storage does not answer: {type(error).__name__}") from error


def _failed(error: DBAPIError) -> RepositoryUnavailable:
    code = error.orig.args[0] if error.orig is not None and error.orig.args else None
    if code in _UNDONE:
        return Contended("the storage undid the transaction in favour of another")
    if code in _LOCKED:
        return RowsRefused("the storage refused rows: another transaction has them")
    return RepositoryUnavailable(f"the storage does not answer: {type(error).__name__}")
