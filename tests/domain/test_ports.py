"""A forgotten method of a port is noticed when the adapter is made, not when it is called."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Protocol

import pytest

import domain.ports


def ports() -> Iterator[type]:
    for found in pkgutil.iter_modules(domain.ports.__path__):
        module = importlib.import_module(f"domain.ports.{found.name}")
        for value in vars(module).values():
            if isinstance(value, type) and value.__module__ == module.__name__ and Protocol in value.__bases__:
                yield value


@pytest.mark.parametrize("port", [*ports()], ids=lambda port: port.__name__)
def test_an_adapter_that_forgets_a_method_cannot_be_made(port: type):
    forgetful = type("Forgetful", (port,), {})

    with pytest.raises(TypeError, match="abstract method"):
        forgetful()


def test_every_port_was_looked_at():
    assert len([*ports()]) >= 13
