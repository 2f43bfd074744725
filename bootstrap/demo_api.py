"""The process of the demo's business API: `python -m bootstrap.demo_api FILE PORT`.

It ends when its standard input does, hence also when its parent dies.
"""

import asyncio
import importlib.util
import sys
from pathlib import Path

from bootstrap.listening import Address, Asgi, listening, until


def main() -> None:
    """Serve the application that FILE's `create_app` gives."""
    file, port = sys.argv[1:]
    asyncio.run(_serve(_application(Path(file)), Address("127.0.0.1", int(port))))


def _application(file: Path) -> Asgi:
    spec = importlib.util.spec_from_file_location("demo_business", file)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(file)
    module = sys.modules["demo_business"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    app: Asgi = module.create_app()
    return app


async def _serve(app: Asgi, address: Address) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, stop.set)
    async with listening(app, address) as server:
        await until(stop, server)


if __name__ == "__main__":
    main()
