"""What the commands start. Each imports what it needs when it runs: --help needs none of it."""

# ruff: noqa: PLC0415 - see above

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.cli.runtime import Conversing, Tables
    from application.check_health import CheckHealth


class Program:
    """The program on the settings of this machine: an `adapters.cli.runtime.Runtime` by its shape alone.

    To derive from it would take importing the use cases.
    """

    def serve(self, *, host: str | None, port: int | None, env_file: Path | None) -> None:
        """Serve HTTP until told to stop."""
        from bootstrap.settings import load

        given = {"HOST": host, "PORT": None if port is None else str(port)}
        configuration = load(env_file, changes={name: value for name, value in given.items() if value is not None})

        from bootstrap.serving import greeting_of_service, serve

        serve(configuration, greeting_of_service)

    def demo(self, *, port: int, language: str) -> None:
        """Serve the demo until told to stop."""
        from bootstrap import demo
        from bootstrap.settings import load

        with demo.demo_api() as api:
            changes = {**demo.demo_changes(language, api.url), "PORT": str(port)}
            configuration = load(changes=changes)

            from bootstrap.serving import serve

            greeting = partial(demo.greeting_of_demo, language, configuration.settings.api_v1_prefix)
            serve(configuration, greeting, beside=partial(demo.answering, api))

    @asynccontextmanager
    async def conversing(
        self, *, catalogue: Path | None, env_file: Path | None, demo: bool
    ) -> "AsyncIterator[Conversing]":
        """The use cases of a conversation, with a storage of their own that ends with it.

        So that trying out a catalogue neither publishes it where a service works nor settles that one's calls.
        """
        import tempfile

        from bootstrap.demo import answering, demo_api, demo_changes
        from bootstrap.settings import load

        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="huiyi-chat-"))
            changes = {"DATABASE_URL": f"sqlite:///{folder}/chat.db"}
            api = stack.enter_context(demo_api()) if demo else None
            if api is not None:
                changes |= demo_changes("zh-CN", api.url)
            if catalogue is not None:
                changes["CATALOGUE_FILE"] = str(catalogue)
            configuration = load(env_file, changes=changes)

            from bootstrap.in_process import conversing

            async with conversing(configuration) as started:
                if api is not None:
                    await answering(api)
                yield started

    @asynccontextmanager
    async def checking(self, *, env_file: Path | None) -> "AsyncIterator[CheckHealth]":
        """The health of every part that the settings name."""
        from bootstrap.settings import load

        configuration = load(env_file)

        from bootstrap.in_process import checking

        async with checking(configuration) as check:
            yield check

    @asynccontextmanager
    async def storing(self, *, env_file: Path | None) -> "AsyncIterator[Tables]":
        """The tables of the database that the settings name."""
        from bootstrap.settings import load

        configuration = load(env_file)

        from bootstrap.in_process import storing

        async with storing(configuration) as tables:
            yield tables
