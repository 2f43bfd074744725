"""The options of the commands."""

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

HERE, THERE = "Converse in this process", "Converse with a running service"

Spoken: TypeAlias = Literal["zh-CN", "en"]

_SETTINGS = "Read settings from this file of NAME=value lines."

EnvFile = Annotated[Path | None, typer.Option(metavar="FILE", help=_SETTINGS)]
EnvFileHere = Annotated[Path | None, typer.Option(metavar="FILE", help=_SETTINGS, rich_help_panel=HERE)]

Host = Annotated[str | None, typer.Option(help="Address to listen on; else the setting HOST.")]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on; else the setting PORT.")]

DemoPort = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]
DemoLanguage = Annotated[Spoken, typer.Option(help="Language of the demo's catalogue.")]

CatalogueFile = Annotated[
    Path | None,
    typer.Option(
        "--catalogue", metavar="FILE", help="Catalogue to use; else the one configured.", rich_help_panel=HERE
    ),
]
Demo = Annotated[bool, typer.Option("--demo/--no-demo", help="With a demo business behind it.", rich_help_panel=HERE)]
Url = Annotated[
    str | None, typer.Option(metavar="URL", help="Its address, like http://127.0.0.1:8000.", rich_help_panel=THERE)
]
ApiKey = Annotated[
    str | None, typer.Option(metavar="KEY", help="Its API key; @FILE takes it from a file.", rich_help_panel=THERE)
]
User = Annotated[str, typer.Option(metavar="NAME", help="Whose conversation it is.")]
OwnLanguage = Annotated[
    Spoken | None, typer.Option(help="What this terminal itself speaks; else the language of the catalogue.")
]

Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="Catalogue files in YAML.")]

Revision = Annotated[
    str | None, typer.Argument(metavar="REVISION", help="Where to go back to, `base` for no tables; else by one.")
]
Yes = Annotated[bool, typer.Option("--yes", help="I know that data may be lost.")]
