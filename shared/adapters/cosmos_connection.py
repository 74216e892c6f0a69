"""The connection to a Cosmos DB account: made on first use, bounded in time, and the containers we keep there."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

from azure.core.credentials import TokenCredential
from azure.cosmos import ContainerProxy, CosmosClient, DatabaseProxy, PartitionKey
from urllib3 import disable_warnings
from urllib3.exceptions import InsecureRequestWarning

from shared.adapters.azure_transport import pooled_transport
from shared.adapters.cosmos_errors import typed_errors
from shared.containers import Container
from shared.domain.errors import Unavailable

_CONNECT_SHARE, _READ_SHARE = 0.4, 0.6
"""Of a request's time: what one attempt may take to connect, and to wait for each read."""

_RETRIES: dict[str, Any] = {
    # One more try for each kind of failure. The SDK repeats no write that may have arrived (retry_write is off).
    "retry_total": 2,
    "retry_connect": 1,
    "retry_read": 1,
    "retry_status": 1,
    "retry_backoff_factor": 0.1,
    "retry_backoff_max": 1,
    # Throttled: three tries 100 ms apart. Without the fixed interval the service says how long, without a bound.
    "retry_throttle_total": 3,
    "retry_fixed_interval": 100,
}


class CosmosConnection:
    """`credential` is the account's key or a token credential; `verify_tls` is turned off for emulators only.

    `timeout` is how long a caller waits for the first connection, in seconds, and what one request may take.
    """

    def __init__(
        self, endpoint: str, credential: str | TokenCredential, database: str, verify_tls: bool, timeout: float
    ) -> None:
        if not verify_tls:
            disable_warnings(InsecureRequestWarning)  # one for every request would bury all else that is logged
        self._open = _opener(endpoint, credential, verify_tls, timeout)
        self._timeout = timeout
        self._database = database
        self._lock = threading.Lock()
        self._client: Future[CosmosClient] | None = None
        self._proxies: dict[Container, ContainerProxy] = {}

    def container(self, container: Container) -> ContainerProxy:
        proxy = self._proxies.get(container)
        if proxy is None:
            proxy = self.database().get_container_client(container.name)
            self._proxies[container] = proxy
        return proxy

    def database(self) -> DatabaseProxy:
        return self._connected().get_database_client(self._database)

    def ensure(self, containers: Iterable[Container]) -> None:
        """Create what is missing: for emulators. In Azure the infrastructure template does it."""
        with typed_errors():
            database = self._connected().create_database_if_not_exists(self._database)
            for container in containers:
                database.create_container_if_not_exists(
                    container.name,
                    PartitionKey(f"/{container.partition_key}"),
                    indexing_policy=indexing_policy(container),
                    default_ttl=-1,  # documents may expire, none does by itself
                )

    def close(self) -> None:
        with self._lock:
            client, self._client = self._client, None
            self._proxies.clear()
        if client is not None and client.done() and client.exception() is None:
            client.result().close()

    def _connected(self) -> CosmosClient:
        """All callers wait for one attempt; after a failure the next call makes a new one."""
        with self._lock:
            if self._client is None:
                self._client = Future()
                threading.Thread(target=_connect, args=(self._open, self._client), daemon=True).start()
            client = self._client
        try:
            with typed_errors():
                return client.result(self._timeout)
        except TimeoutError:
            raise Unavailable("documents") from None
        except Unavailable:
            with self._lock:
                if self._client is client:
                    self._client = None
            raise


def indexing_policy(container: Container) -> dict[str, Any]:
    """Everything indexed, as by default, and the composite indexes the container's orders need."""
    return {
        "indexingMode": "consistent",
        "automatic": True,
        "includedPaths": [{"path": "/*"}],
        "excludedPaths": [{"path": '/"_etag"/?'}],
        "compositeIndexes": [
            [{"path": f"/{name}", "order": "ascending"} for name in fields] for fields in container.composite_indexes
        ],
    }


def _opener(
    endpoint: str, credential: str | TokenCredential, verify_tls: bool, timeout: float
) -> Callable[[], CosmosClient]:
    connect, read = _CONNECT_SHARE * timeout, _READ_SHARE * timeout
    return lambda: CosmosClient(
        endpoint,
        credential,
        transport=pooled_transport(connect, read),
        connection_timeout=connect,
        read_timeout=read,
        connection_verify=verify_tls,
        enable_compact_utf8_item_writes=True,
        **_RETRIES,
    )


def _connect(open_client: Callable[[], CosmosClient], result: "Future[CosmosClient]") -> None:
    try:
        result.set_result(open_client())
    except BaseException as error:  # handed to those who wait
        result.set_exception(error)
