"""Certificates for throw-away servers."""

import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.servers.debian import program


class Certificate(NamedTuple):
    """A certificate of a server at 127.0.0.1, its key, and the authority that vouches for it."""

    authority: Path
    certificate: Path
    key: Path


def certificate(folder: Path) -> Certificate:
    """A fresh one, good for two days."""
    made = Certificate(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    extensions = folder / "extensions"
    extensions.write_text("subjectAltName=IP:127.0.0.1\n")
    request = folder / "server.csr"
    fresh = ["-newkey", "rsa:2048", "-nodes", "-days", "2"]
    _openssl("req", "-x509", *fresh, "-subj", "/CN=tests", "-keyout", str(folder / "ca.key"), "-out", made.authority)
    _openssl("req", *fresh[:3], "-subj", "/CN=127.0.0.1", "-keyout", made.key, "-out", request)
    signing = ["-CA", made.authority, "-CAkey", folder / "ca.key", "-CAcreateserial", "-days", "2"]
    _openssl("x509", "-req", "-in", request, *signing, "-extfile", extensions, "-out", made.certificate)
    return made


def _openssl(*words: str | Path) -> None:
    command = [program("openssl", packages=("openssl",)), *map(str, words)]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True)
