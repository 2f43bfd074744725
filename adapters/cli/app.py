"""The `huiyi` command. What a command needs is imported when it runs, so that --help is there at once."""

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer

from adapters.cli import help_texts, options
from adapters.cli.plain_text import one_line
from domain.errors import HuiyiError, InvalidRequest

if TYPE_CHECKING:
    from adapters.cli.runtime import Runtime
    from domain.intents.catalogue import Catalogue

P = ParamSpec("P")

RUN, TALK, CHECK, KEEP = "Run it", "Talk to it", "Check your work", "Look after it"


def create_cli(
    runtime: "Runtime",
    *,
    read_problems: Callable[[Path], Sequence[str]],
    read_catalogue: "Callable[[Path], Catalogue]",
    version: str,
) -> typer.Typer:
    """The command, ready to be called.

    `read_problems` gives what is wrong with a catalogue file as `file:line: message` lines; `read_catalogue` reads
    one that has no problems. Exit codes: 0 well, 1 a check failed, 2 it could not be done (one line on standard
    error says why), 130 interrupted.
    """
    app = typer.Typer(
        help=help_texts.PROGRAM, no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False
    )

    def show_version(wanted: bool) -> None:
        if wanted:
            typer.echo(f"huiyi {version}")
            raise typer.Exit

    @app.callback()
    def program(
        *,
        version: Annotated[
            bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and leave.")
        ] = False,
    ) -> None:
        del version

    _add_serve(app, runtime)
    _add_demo(app, runtime)
    _add_chat(app, runtime)
    _add_catalogue(app, read_problems, read_catalogue)
    _add_doctor(app, runtime)
    _add_db(app, runtime)
    return app


def _complain(message: str) -> None:
    typer.echo(f"huiyi: {one_line(message)}", err=True)


def _plainly(command: Callable[P, None]) -> Callable[P, None]:
    """A command whose errors are one line on standard error and exit code 2."""

    @wraps(command)
    def plain(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except HuiyiError as error:
            _complain(error.message)
            raise typer.Exit(2) from error

    return plain


def _add_serve(app: typer.Typer, runtime: "Runtime") -> None:
    @app.command(help=help_texts.SERVE, rich_help_panel=RUN)
    @_plainly
    def serve(
        *,
        host: options.Host = None,
        port: options.Port = None,
        env_file: options.EnvFile = None,
    ) -> None:
        runtime.serve(host=host, port=port, env_file=env_file)


def _add_demo(app: typer.Typer, runtime: "Runtime") -> None:
    @app.command(help=help_texts.DEMO, rich_help_panel=RUN)
    @_plainly
    def demo(
        *,
        port: options.DemoPort = 8000,
        language: options.DemoLanguage = "zh-CN",
    ) -> None:
        runtime.demo(port=port, language=language)


def _add_chat(app: typer.Typer, runtime: "Runtime") -> None:
    @app.command(help=help_texts.CHAT, rich_help_panel=TALK)
    @_plainly
    def chat(
        *,
        catalogue: options.CatalogueFile = None,
        env_file: options.EnvFileHere = None,
        demo: options.Demo = False,
        url: options.Url = None,
        api_key: options.ApiKey = None,
        user: options.User = "terminal",
        language: options.OwnLanguage = None,
    ) -> None:
        from adapters.cli.chat import hold_chat  # noqa: PLC0415 - see the module's docstring
        from adapters.cli.partner import partner_here, partner_there  # noqa: PLC0415 - see the module's docstring

        if url is not None and (catalogue or env_file or demo):
            raise InvalidRequest("--url talks to a service that has its settings: no --catalogue, --env-file, --demo")
        if url is None and api_key is not None:
            raise InvalidRequest("--api-key is for a service elsewhere: give its --url")
        if url is not None:
            partner = partner_there(url, api_key=api_key, user=user, language=language)
        else:
            partner = partner_here(runtime, catalogue=catalogue, env_file=env_file, demo=demo, user=user)
        stdin = typer.get_binary_stream("stdin")
        if not hold_chat(partner, language=language, stdin=stdin, complain=_complain):
            raise typer.Exit(1)


def _add_catalogue(
    app: typer.Typer,
    read_problems: Callable[[Path], Sequence[str]],
    read_catalogue: "Callable[[Path], Catalogue]",
) -> None:
    catalogues = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")

    @catalogues.callback(help=help_texts.CATALOGUE)
    def catalogue() -> None:
        """Make `check` a command of its own instead of the whole."""

    @catalogues.command(help=help_texts.CHECK)
    @_plainly
    def check(files: options.Files) -> None:
        from adapters.cli.checking import check_files  # noqa: PLC0415 - see the module's docstring

        if not check_files(files, read_problems=read_problems, read_catalogue=read_catalogue):
            raise typer.Exit(1)

    app.add_typer(catalogues, name="catalogue", rich_help_panel=CHECK)


def _add_doctor(app: typer.Typer, runtime: "Runtime") -> None:
    @app.command(help=help_texts.DOCTOR, rich_help_panel=CHECK)
    @_plainly
    def doctor(*, env_file: options.EnvFile = None) -> None:
        from adapters.cli.doctor import examine  # noqa: PLC0415 - see the module's docstring

        if not examine(runtime, env_file=env_file):
            raise typer.Exit(1)


def _add_db(app: typer.Typer, runtime: "Runtime") -> None:
    databases = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", help=help_texts.DB)

    @databases.command(help=help_texts.DB_STATUS)
    @_plainly
    def status(*, env_file: options.EnvFile = None) -> None:
        from adapters.cli.database import tell_status  # noqa: PLC0415 - see the module's docstring

        if not tell_status(runtime, env_file=env_file):
            raise typer.Exit(1)

    @databases.command(help=help_texts.DB_UPGRADE)
    @_plainly
    def upgrade(*, env_file: options.EnvFile = None) -> None:
        from adapters.cli import database  # noqa: PLC0415 - see the module's docstring

        database.upgrade(runtime, env_file=env_file)

    @databases.command(help=help_texts.DB_DOWNGRADE)
    @_plainly
    def downgrade(
        revision: options.Revision = None, *, yes: options.Yes = False, env_file: options.EnvFile = None
    ) -> None:
        from adapters.cli import database  # noqa: PLC0415 - see the module's docstring

        database.downgrade(runtime, revision, sure=yes, env_file=env_file)

    app.add_typer(databases, name="db", rich_help_panel=KEEP)
