"""Whose certificates count where the environment's proxies do not."""

import functools
import ssl

import httpx2


@functools.cache
def trusted() -> ssl.SSLContext:
    """As for everything else that goes out: ``SSL_CERT_FILE`` counts. Reading them takes longer
    than most steps."""
    return httpx2.create_ssl_context()
