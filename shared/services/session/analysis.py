"""Each stored frame analysed once in this process: a small cache of what the engine said, shared by waiting callers.

Embeddings live in memory only: continuity between two frames is judged without keeping anybody's vector anywhere.
"""

import threading
from collections import OrderedDict
from concurrent.futures import Future

from shared.domain.errors import MediaRejected, NotFound
from shared.domain.face import FaceAnalysis
from shared.domain.recording import CONTAINER, RecordingKind, recording_name
from shared.ports import FaceEngine, Media


class Analyses:
    def __init__(self, media: Media, engine: FaceEngine, keep: int = 512) -> None:
        self._media = media
        self._engine = engine
        self._keep = keep
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Future[FaceAnalysis | None]] = OrderedDict()

    def of(self, name: str, image: bytes | None = None) -> FaceAnalysis | None:
        """What the engine sees in a stored frame; None when it is no readable image.

        Raises NotFound when there is no such frame (yet), Unavailable when the engine or the store fails.
        """
        with self._lock:
            future = self._known.get(name)
            mine = future is None
            if future is None:
                future = self._known[name] = Future()
                while len(self._known) > self._keep:
                    self._known.popitem(last=False)
        if mine:
            self._work(name, image, future)
        return future.result(timeout=30)

    def _work(self, name: str, image: bytes | None, future: Future[FaceAnalysis | None]) -> None:
        try:
            data = image if image is not None else self._media.read(CONTAINER, name)
            future.set_result(self._engine.analyse(data))
        except MediaRejected:
            future.set_result(None)
        except BaseException as failure:
            with self._lock:
                self._known.pop(name, None)
            future.set_exception(failure)

    def before(self, session_id: str, seq: int, reach: int = 3) -> FaceAnalysis | None:
        """The nearest frame before `seq` that shows a face, at most `reach` frames back."""
        for number in range(seq - 1, max(0, seq - 1 - reach), -1):
            try:
                found = self.of(str(recording_name(session_id, RecordingKind.FRAME, number)))
            except NotFound:
                continue
            if found is not None and found.embedding is not None:
                return found
        return None
