"""`FaceService` by Azure AI Face v1.2 over HTTP: detection_03, recognition_04, one large person group.

Paths, fields and limits are those of Microsoft's published description (azure-rest-api-specs, ai/data-plane/Face,
stable v1.2; the same operations as in PyPI's azure-ai-vision-face).
"""

import json
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError

from shared.adapters.azure_face_errors import GONE, GROUP_EXISTS, NO_GROUP, NOT_TRAINED, trouble_of
from shared.adapters.azure_face_http import DEPENDENCY, Call, FaceHttp, Refused
from shared.domain.errors import MediaRejected, NotFound, Unavailable
from shared.domain.match import Candidate
from shared.ports import DetectedFace, FaceQuality, Training, TrainingState

SCOPE = "https://cognitiveservices.azure.com/.default"
IMAGE_BYTES = (1024, 6 * 1024 * 1024)
"""What the service takes: 1 KB to 6 MB."""
_DETECTION, _RECOGNITION = "detection_03", "recognition_04"
_FACE_SECONDS = "60"  # the least the service allows: a face that was only looked at is kept no longer
_PAGE = 500
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SLOW_SECONDS = 15.0  # for what no customer waits for in front of the camera
_TRAINING = {
    "notStarted": TrainingState.RUNNING,  # asked for, and waiting its turn
    "running": TrainingState.RUNNING,
    "succeeded": TrainingState.SUCCEEDED,
    "failed": TrainingState.FAILED,
}


def by_key(key: str) -> Callable[[], Mapping[str, str]]:
    return lambda: {"Ocp-Apim-Subscription-Key": key}


def by_identity(credential: TokenCredential) -> Callable[[], Mapping[str, str]]:
    """The credential keeps its tokens itself. Raises Unavailable where there is none to be had."""

    def headers() -> Mapping[str, str]:
        try:
            return {"Authorization": f"Bearer {credential.get_token(SCOPE).token}"}
        except AzureError:
            raise Unavailable(DEPENDENCY, retry_after=10) from None

    return headers


class AzureFace:
    def __init__(self, http: FaceHttp, group: str) -> None:
        self._http = http
        self._group = group
        self._path = f"/largepersongroups/{group}"
        self._prepared = False
        self._preparing = threading.Lock()

    def prepare(self) -> None:
        if self._prepared:
            return
        with self._preparing:
            if not self._prepared:
                self._make_group()
                self._prepared = True

    def detect(self, image: bytes) -> DetectedFace | None:
        params = {
            "detectionModel": _DETECTION,
            "recognitionModel": _RECOGNITION,
            "returnFaceId": "true",
            "returnFaceAttributes": "qualityForRecognition",
            "faceIdTimeToLive": _FACE_SECONDS,
        }
        call = Call(method="POST", path="/detect", safe=True, params=params, image=_sendable(image))
        return self._plain(call, _largest)

    def identify(self, face: str, at_least: float, top: int = 5) -> tuple[Candidate, ...]:
        body = {
            "faceIds": [face],
            "largePersonGroupId": self._group,
            "maxNumOfCandidatesReturned": top,
            "confidenceThreshold": at_least,
        }
        try:
            return self._read(Call(method="POST", path="/identify", safe=True, json=body), _candidates)
        except Refused as refused:
            if refused.code == NOT_TRAINED:
                return ()
            raise self._trouble(refused) from None

    def verify(self, face: str, person: str) -> float | None:
        body = {"faceId": face, "personId": person, "largePersonGroupId": self._group}
        try:
            return self._read(
                Call(method="POST", path="/verify", safe=True, json=body), lambda a: _share(a["confidence"])
            )
        except Refused as refused:
            if refused.code in GONE:
                return None
            raise self._trouble(refused) from None

    def create_person(self, reference: str) -> str:
        body = {"name": reference, "userData": reference}
        call = Call(method="POST", path=f"{self._path}/persons", safe=False, json=body, seconds=_SLOW_SECONDS)
        return self._plain(call, lambda a: _id(a["personId"]))

    def find_person(self, reference: str) -> str | None:
        start = ""
        while True:
            params = {"top": str(_PAGE), **({"start": start} if start else {})}
            call = Call(method="GET", path=f"{self._path}/persons", safe=True, params=params, seconds=_SLOW_SECONDS)
            page = self._plain(call, lambda a: [(_id(p["personId"]), p.get("userData")) for p in a])
            for person, data in page:
                if data == reference:
                    return person
            if len(page) < _PAGE:
                return None
            start = page[-1][0]

    def add_face(self, person: str, reference: str, image: bytes, box: tuple[int, int, int, int]) -> None:
        params = {
            "detectionModel": _DETECTION,
            "userData": reference,
            "targetFace": ",".join(str(edge) for edge in box),
        }
        path = f"{self._path}/persons/{person}/persistedfaces"
        self._plain(
            Call(method="POST", path=path, safe=False, params=params, image=_sendable(image), seconds=_SLOW_SECONDS),
            lambda a: _id(a["persistedFaceId"]),
        )

    def faces(self, person: str) -> frozenset[str]:
        path = f"{self._path}/persons/{person}"
        ids = self._plain(
            Call(method="GET", path=path, safe=True), lambda a: [_id(face) for face in a.get("persistedFaceIds") or ()]
        )
        found = set[str]()
        for face in ids:
            call = Call(method="GET", path=f"{path}/persistedfaces/{face}", safe=True)
            found.add(self._plain(call, lambda a: str(a.get("userData") or "")))
        return frozenset(found)

    def delete_person(self, person: str) -> None:
        try:
            self._http.call(
                Call(method="DELETE", path=f"{self._path}/persons/{person}", safe=True, seconds=_SLOW_SECONDS)
            )
        except Refused as refused:
            if refused.code not in GONE:
                raise self._trouble(refused) from None

    def train(self) -> None:
        try:
            self._http.call(Call(method="POST", path=f"{self._path}/train", safe=True))
        except Refused as refused:
            raise self._trouble(refused) from None

    def training(self) -> Training:
        try:
            return self._read(Call(method="GET", path=f"{self._path}/training", safe=True), _training)
        except Refused as refused:
            if refused.code == NOT_TRAINED:
                return Training(TrainingState.NEVER)
            raise self._trouble(refused) from None

    def _make_group(self) -> None:
        known = self._model_of_group()
        if known is None:
            body = {"name": self._group, "recognitionModel": _RECOGNITION}
            try:
                self._http.call(Call(method="PUT", path=self._path, safe=True, json=body))
            except Refused as refused:
                if refused.code != GROUP_EXISTS:  # another instance was faster, or a repeated request met itself
                    raise self._trouble(refused) from None
            known = self._model_of_group()
        if known != _RECOGNITION:
            raise self._http.trouble("wrong_model")

    def _model_of_group(self) -> str | None:
        call = Call(method="GET", path=self._path, safe=True, params={"returnRecognitionModel": "true"})
        try:
            return self._read(call, lambda a: str(a["recognitionModel"]))
        except Refused as refused:
            if refused.code == NO_GROUP:
                return None
            raise self._trouble(refused) from None

    def _plain[T](self, call: Call, shape: Callable[[Any], T]) -> T:
        """For calls where only a missing person is expected. Raises NotFound."""
        try:
            return self._read(call, shape)
        except Refused as refused:
            if refused.code in GONE:
                raise NotFound("no such person at the face service") from None
            raise self._trouble(refused) from None

    def _read[T](self, call: Call, shape: Callable[[Any], T]) -> T:
        """The answer as `shape` reads it; what it cannot read is no answer."""
        body = self._http.call(call)
        try:
            return shape(json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
            raise Unavailable(DEPENDENCY) from None

    def _trouble(self, refused: Refused) -> Unavailable:
        word = trouble_of(refused.status, refused.code)
        if word == "no_group":
            self._prepared = False
        return self._http.trouble(word)


def _sendable(image: bytes) -> bytes:
    least, most = IMAGE_BYTES
    if not least <= len(image) <= most:
        raise MediaRejected("not_usable", "the face service takes pictures of 1 KB to 6 MB")
    return image


def _largest(answer: Any) -> DetectedFace | None:
    """The service ranks faces by size, largest first."""
    if not answer:
        return None
    face = answer[0]
    box = face["faceRectangle"]
    left, top, width, height = (int(box[edge]) for edge in ("left", "top", "width", "height"))
    quality = FaceQuality(face["faceAttributes"]["qualityForRecognition"].lower())
    return DetectedFace(_id(face["faceId"]), quality, (left, top, width, height))


def _candidates(answer: Any) -> tuple[Candidate, ...]:
    found = (Candidate(_id(c["personId"]), _share(c["confidence"])) for c in answer[0]["candidates"])
    return tuple(sorted(found, key=lambda c: -c.score))


def _training(answer: Any) -> Training:
    succeeded = answer.get("lastSuccessfulTrainingDateTime")
    return Training(_TRAINING[answer["status"]], succeeded if isinstance(succeeded, str) else None)


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("a confidence is between 0 and 1")
    return float(value)


def _id(value: Any) -> str:
    """Ids become parts of paths, so they must be what the description says: UUIDs."""
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise ValueError("not a UUID")
    return value
