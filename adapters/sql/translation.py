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
        raise RepositoryUnavailable(f"the storage does not answer: {type(error).__name__}") from error
    except StatementError as error:  # not from the driver: a value that fits no column
        raise RowsRefused(f"the storage refused rows: {type(error).__name__}") from error
    except (SQLAlchemyError, EmulatedDBAPIException, OSError, EOFError) as error:
        raise RepositoryUnavailable(f"the storage does not answer: {type(error).__name__}") from error
