"""What the vendor raises, in the core's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import ChildDeadlockedError, IncorrectPolicyType, RedisClusterException, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from domain.errors import PartUnavailable

_NOT_OF_THE_TREE = (ChildDeadlockedError, IncorrectPolicyType, RedisClusterException)


class Silence(PartUnavailable):
    """There was no answer in time; what was asked may have been done all the same."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn every error of the vendor inside the block into PartUnavailable. Messages name classes, never data."""
    try:
        yield
    except (TimeoutError, RedisTimeoutError) as error:
        raise Silence("redis", "Redis does not answer in time") from error
    except (*_NOT_OF_THE_TREE, RedisError, OSError, EOFError) as error:
        raise PartUnavailable("redis", f"Redis does not answer: {type(error).__name__}") from error
