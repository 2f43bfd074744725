"""The HTTP application on the container's use cases."""

from adapters.http.app import create_app
from adapters.http.settings import HttpSettings
from bootstrap.container import Container
from bootstrap.listening import Asgi


def application(container: Container) -> Asgi:
    """The HTTP application on the container's use cases."""
    configuration = container.configuration()
    settings = configuration.settings
    return create_app(
        use_cases=container.use_cases(),
        settings=HttpSettings(
            prefix=settings.api_v1_prefix,
            title=settings.app_name,
            version=settings.app_version,
            api_keys=frozenset(key.reveal() for key in configuration.api_keys),
            admin_api_keys=frozenset(key.reveal() for key in configuration.admin_api_keys),
            max_body_bytes=settings.max_body_bytes,
            max_input_chars=settings.max_input_chars,
            cors_origins=settings.origins,
        ),
        clock=container.clock(),
        log=container.failure_log(),
        metrics=container.metrics().exposition,
        middleware=[container.observed_requests().middleware],
    )
