"""One ONNX Runtime session a model a process: made when first needed, kept, shared by all threads.

`InferenceSession.run` may be called from many threads at once. Each call computes on its caller's thread plus
`intra_op_threads - 1` of the session's own: on a small machine one thread a call and several calls at once is the
better use of the cores, and no call waits behind another's thread pool.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from shared.domain.errors import Unavailable

type Array = NDArray[Any]

log = logging.getLogger(__name__)


class ModelSession:
    """One model. Nothing is read from disk before `run` or `warm`. `dependency` is what Unavailable names."""

    def __init__(self, path: Path, dependency: str, intra_op_threads: int = 1) -> None:
        self.path = path
        self._dependency = dependency
        self._threads = intra_op_threads
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None

    def run(self, inputs: Mapping[str, Array], outputs: Sequence[str] | None = None) -> list[Array]:
        """The named outputs (None: all, in order). Raises Unavailable when the model is missing or fails."""
        session = self._session or self._load()
        try:
            return [np.asarray(value) for value in session.run(outputs, dict(inputs))]
        except Exception as error:
            log.exception("running %s failed", self.path.name)
            raise Unavailable(self._dependency) from error

    def warm(self) -> None:
        """Load now. Raises Unavailable."""
        if self._session is None:
            self._load()

    def input_shape(self, index: int = 0) -> list[int | str | None]:
        return list((self._session or self._load()).get_inputs()[index].shape)

    def input_name(self, index: int = 0) -> str:
        return str((self._session or self._load()).get_inputs()[index].name)

    def _load(self) -> onnxruntime.InferenceSession:
        with self._lock:
            if self._session is None:
                try:
                    self._session = onnxruntime.InferenceSession(
                        self.path, self._options(), providers=["CPUExecutionProvider"]
                    )
                except Exception as error:
                    log.exception("loading %s failed", self.path.name)
                    raise Unavailable(self._dependency) from error
            return self._session

    def _options(self) -> onnxruntime.SessionOptions:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        # Idle threads must sleep, not spin: the host's other workers need the cores.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        return options


class ModelSessions:
    """The process's sessions by file. Asking twice for one file gives the same session."""

    def __init__(self, folder: Path, intra_op_threads: int = 1) -> None:
        self._folder = folder
        self._threads = intra_op_threads
        self._lock = threading.Lock()
        self._sessions: dict[Path, ModelSession] = {}

    def get(self, file: str | Path, dependency: str) -> ModelSession:
        """The session of a file in the models folder (or at an absolute path). Does not load it."""
        path = self._folder / file
        with self._lock:
            if path not in self._sessions:
                self._sessions[path] = ModelSession(path, dependency, self._threads)
            return self._sessions[path]
