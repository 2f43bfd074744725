"""What the machine and the web framework can do at best: a Litestar application that gives back what it gets."""

from typing import Annotated

import msgspec
from litestar import Litestar, get, post
from litestar.params import BodyKwarg


class Message(msgspec.Struct):
    """About what a client of the service sends."""

    user_id: str
    input: str
    session_id: str | None = None


@get("/")
async def alive() -> str:
    """Something to wait for."""
    return "here"


@post("/echo", status_code=200)
async def echo(data: Annotated[Message, BodyKwarg()]) -> Message:
    """The message again."""
    return data


app = Litestar([alive, echo], openapi_config=None, logging_config=None)
