"""The API's documentation, served from this machine: nothing is fetched from anywhere else."""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from litestar import Litestar, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler, Dependencies
from msgspec import json

from adapters.http.callers import OPEN
from adapters.http.settings import HttpSettings

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_ENVELOPE = re.compile(rb"Envelope_[\w.]*?(\w+)_(?=\")")
"""How Litestar names the envelope of a type: with the type's whole path."""

_ASSETS: Final[Mapping[str, tuple[str, str]]] = {
    "favicon-32x32.png": ("swagger-ui-dist/favicon-32x32.png", "image/png"),
    "swagger-ui.css": ("swagger-ui-dist/swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": ("swagger-ui-dist/swagger-ui-bundle.js", "text/javascript"),
    "redoc.standalone.js": ("redoc/bundles/redoc.standalone.js", "text/javascript"),
}
"""Each file the pages load: where it is in the package, and its type."""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{head}
</head>
<body>
{body}
</body>
</html>
"""

_SWAGGER_HEAD = """<link rel="icon" href="/docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">"""

_SWAGGER_BODY = """<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>"""

_SWAGGER_START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
"""

_REDOC_HEAD = '<link rel="icon" href="/docs/assets/favicon-32x32.png">'

_REDOC_BODY = """<redoc spec-url="/openapi.json" disable-search></redoc>
<script src="/docs/assets/redoc.standalone.js"></script>"""


def describe(
    routes: Sequence[ControllerRouterHandler], dependencies: Dependencies, settings: HttpSettings
) -> Callable[[], bytes]:
    """A function that gives the OpenAPI document of the routes, written when first asked for.

    The routes are read by an application of their own, which serves nobody: an application that documents
    itself also serves Litestar's own pages.
    """

    @cache
    def document() -> bytes:
        keys = bool(settings.api_keys)
        config = OpenAPIConfig(
            title=settings.title,
            version=settings.version,
            description="Task dialogue over HTTP: say something, get the reply and everything behind it.",
            use_handler_docstrings=True,
            components=Components(
                security_schemes={
                    "ApiKey": SecurityScheme(type="apiKey", name="X-API-Key", security_scheme_in="header")
                }
            ),
            security=[{"ApiKey": []}] if keys else None,
        )
        described = Litestar(routes, dependencies=dependencies, openapi_config=config, logging_config=None, debug=False)
        written = json.encode(described.openapi_schema.to_schema())
        return _ENVELOPE.sub(rb"\1Envelope", written)

    return document


def documentation(settings: HttpSettings, document: Callable[[], bytes]) -> Router:
    """The routes of the pages, of the document and of what the pages load."""
    title = html.escape(settings.title)
    swagger = _PAGE.format(title=title, head=_SWAGGER_HEAD, body=_SWAGGER_BODY)
    redoc = _PAGE.format(title=title, head=_REDOC_HEAD, body=_REDOC_BODY)

    @get("/docs", media_type="text/html")
    async def swagger_page() -> Response[str]:
        return Response(swagger, headers=_HEADERS)

    @get("/redoc", media_type="text/html")
    async def redoc_page() -> Response[str]:
        return Response(redoc, headers=_HEADERS)

    @get("/docs/start.js", media_type="text/javascript")
    async def start_script() -> str:
        return _SWAGGER_START

    @get("/openapi.json", media_type="application/json")
    async def openapi() -> bytes:
        return document()

    pages = [swagger_page, redoc_page, start_script, openapi, asset]
    return Router("/", route_handlers=pages, opt=OPEN, include_in_schema=False)


@get("/docs/assets/{name:str}", sync_to_thread=True)
def asset(name: FromPath[str]) -> Response[bytes]:
    """One of the files that the pages load."""
    known = _ASSETS.get(name)
    if known is None:
        raise NotFoundException
    place, media_type = known
    headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return Response(_contents(place), media_type=media_type, headers=headers)


@cache
def _contents(place: str) -> bytes:
    return (asset_folder() / place).read_bytes()


def asset_folder() -> Path:
    """Where the installed package with Swagger UI and Redoc keeps its files; the package itself needs Django."""
    package = "drf_spectacular_sidecar"
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"{package} is not installed")
    return Path(found.submodule_search_locations[0]) / "static" / package
