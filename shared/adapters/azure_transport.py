"""The HTTP transport under Azure's SDKs: as many idle connections kept as threads may use at once."""

import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter

_CONNECTIONS = 64
"""Python's thread pool, in which the worker runs functions, has up to 32 threads by default; some use both stores."""


def pooled_transport(connect_timeout: float, read_timeout: float) -> RequestsTransport:
    """Time-outs in seconds. requests keeps ten connections by itself and makes a new one for every thread beyond."""
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=_CONNECTIONS, max_retries=False)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return RequestsTransport(session=session, connection_timeout=connect_timeout, read_timeout=read_timeout)
