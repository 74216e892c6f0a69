"""The service itself, in memory: groups, persons, faces, training; answers and codes as Microsoft documents them."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.contract.azure_face.description import IMAGE_BYTES, Request
from tests.contract.azure_face.eyes import Eyes, Sight

type Answer = tuple[int, Any]


class Fault(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.answer: Answer = (status, {"error": {"code": code, "message": f"{code}."}})


@dataclass
class Person:
    name: str
    user_data: str | None
    faces: dict[str, tuple[str | None, bytes]] = field(default_factory=dict)


@dataclass
class Group:
    model: str
    persons: dict[str, Person] = field(default_factory=dict)
    trained: list[tuple[str, bytes]] | None = None
    training: list[tuple[str, bytes]] | None = None
    ready_at: float = 0.0
    succeeded_at: str | None = None

    def settle(self) -> None:
        """A training that has had its time is done."""
        if self.training is not None and time.monotonic() >= self.ready_at:
            self.trained, self.training = self.training, None
            self.succeeded_at = datetime.now(UTC).isoformat()


class Service:
    """`training_seconds` is how long a training takes; the next `failing_trainings` fail."""

    def __init__(self, eyes: Eyes, training_seconds: float = 0.1) -> None:
        self._eyes = eyes
        self._seen: dict[str, tuple[bytes | None, float]] = {}
        self.training_seconds = training_seconds
        self.failing_trainings = 0
        self.groups: dict[str, Group] = {}
        self._failed = False
        self._operations: dict[str, Callable[[Request], Answer]] = {
            "FaceDetectionOperations_Detect": self._detect,
            "FaceRecognitionOperations_IdentifyFromLargePersonGroup": self._identify,
            "FaceRecognitionOperations_VerifyFromLargePersonGroup": self._verify,
            "PersonGroupOperations_CreateLargePersonGroup": self._create_group,
            "PersonGroupOperations_GetLargePersonGroup": self._get_group,
            "PersonGroupOperations_TrainLargePersonGroup": self._train,
            "PersonGroupOperations_GetLargePersonGroupTrainingStatus": self._training,
            "PersonGroupOperations_CreateLargePersonGroupPerson": self._create_person,
            "PersonGroupOperations_GetLargePersonGroupPersons": self._persons,
            "PersonGroupOperations_GetLargePersonGroupPerson": self._get_person,
            "PersonGroupOperations_DeleteLargePersonGroupPerson": self._delete_person,
            "PersonGroupOperations_AddLargePersonGroupPersonFaceFromStream": self._add_face,
            "PersonGroupOperations_GetLargePersonGroupPersonFace": self._get_face,
        }

    def answer(self, request: Request) -> Answer:
        try:
            return self._operations[request.operation](request)
        except Fault as fault:
            return fault.answer

    def persons(self) -> list[Person]:
        return [person for group in self.groups.values() for person in group.persons.values()]

    def _detect(self, request: Request) -> Answer:
        asked = request.query.get("returnFaceAttributes", "").split(",")
        if "qualityForRecognition" in asked and request.query.get("recognitionModel") not in {
            "recognition_03",
            "recognition_04",
        }:
            raise Fault(400, "BadArgument")
        lives_until = time.monotonic() + int(request.query.get("faceIdTimeToLive", "86400"))
        faces = []
        for sight in self._look(request.image):
            face_id = str(uuid.uuid4())
            self._seen[face_id] = (sight.print, lives_until)
            left, top, width, height = sight.box
            face: dict[str, Any] = {
                "faceId": face_id,
                "faceRectangle": {"top": top, "left": left, "width": width, "height": height},
            }
            if "qualityForRecognition" in asked:
                face["faceAttributes"] = {"qualityForRecognition": sight.quality}
            faces.append(face)
        return 200, faces

    def _identify(self, request: Request) -> Answer:
        group = self._group(request.body["largePersonGroupId"], 400)
        group.settle()
        if group.training is not None:
            raise Fault(409, "LargePersonGroupTrainingNotFinished")
        if group.trained is None:
            raise Fault(400, "LargePersonGroupNotTrained")
        threshold, top = (
            request.body.get("confidenceThreshold", 0.5),
            request.body.get("maxNumOfCandidatesReturned", 10),
        )
        answer = []
        for face_id in request.body["faceIds"]:
            face, best = self._face(face_id, 400), dict[str, float]()
            for person, known in group.trained:
                if person in group.persons:
                    best[person] = max(best.get(person, 0.0), self._eyes.confidence(face, known))
            ranked = sorted(((c, p) for p, c in best.items() if c >= threshold), reverse=True)[:top]
            answer.append({"faceId": face_id, "candidates": [{"personId": p, "confidence": c} for c, p in ranked]})
        return 200, answer

    def _verify(self, request: Request) -> Answer:
        group = self._group(request.body["largePersonGroupId"], 400)
        face, person = self._face(request.body["faceId"], 404), group.persons.get(request.body["personId"])
        if person is None:
            raise Fault(404, "PersonNotFound")
        if not person.faces:
            raise Fault(404, "PersistedFaceNotFound")
        confidence = max(self._eyes.confidence(face, known) for _, known in person.faces.values())
        return 200, {"isIdentical": confidence >= 0.5, "confidence": confidence}

    def _create_group(self, request: Request) -> Answer:
        name = request.path["largePersonGroupId"]
        if name in self.groups:
            raise Fault(409, "LargePersonGroupExists")
        self.groups[name] = Group(request.body.get("recognitionModel", "recognition_01"))
        return 200, None

    def _get_group(self, request: Request) -> Answer:
        name = request.path["largePersonGroupId"]
        group = self._group(name)
        wanted = request.query.get("returnRecognitionModel") == "true"
        model = {"recognitionModel": group.model} if wanted else {}
        return 200, {"largePersonGroupId": name, "name": name, **model}

    def _train(self, request: Request) -> Answer:
        group = self._group(request.path["largePersonGroupId"])
        group.settle()
        if group.training is not None:
            raise Fault(409, "LargePersonGroupTrainingNotFinished")
        self._failed = self.failing_trainings > 0
        if self._failed:
            self.failing_trainings -= 1
            return 202, None
        group.training = [(id, known) for id, p in group.persons.items() for _, known in p.faces.values()]
        group.ready_at = time.monotonic() + self.training_seconds
        return 202, None

    def _training(self, request: Request) -> Answer:
        group = self._group(request.path["largePersonGroupId"])
        group.settle()
        if group.training is None and group.succeeded_at is None and not self._failed:
            raise Fault(404, "LargePersonGroupNotTrained")
        state = "failed" if self._failed else "running" if group.training is not None else "succeeded"
        now = datetime.now(UTC).isoformat()
        status = {"status": state, "createdDateTime": now, "lastActionDateTime": now}
        return 200, {**status, "lastSuccessfulTrainingDateTime": group.succeeded_at}

    def _create_person(self, request: Request) -> Answer:
        group, person = self._group(request.path["largePersonGroupId"]), str(uuid.uuid4())
        group.persons[person] = Person(request.body["name"], request.body.get("userData"))
        return 200, {"personId": person}

    def _persons(self, request: Request) -> Answer:
        group = self._group(request.path["largePersonGroupId"])
        after, top = request.query.get("start", ""), int(request.query.get("top", "1000"))
        ids = sorted(id for id in group.persons if id > after)[:top]
        return 200, [self._shown(id, group.persons[id]) for id in ids]

    def _get_person(self, request: Request) -> Answer:
        return 200, self._shown(request.path["personId"], self._person(request))

    def _delete_person(self, request: Request) -> Answer:
        self._person(request)
        del self._group(request.path["largePersonGroupId"]).persons[request.path["personId"]]
        return 200, None

    def _add_face(self, request: Request) -> Answer:
        person, group = self._person(request), self._group(request.path["largePersonGroupId"])
        group.settle()
        if group.training is not None:
            raise Fault(409, "LargePersonGroupTrainingNotFinished")
        sights = self._look(request.image)
        target = request.query.get("targetFace")
        if target is not None:
            left, top, width, height = (int(edge) for edge in target.split(","))
            sights = [s for s in sights if s.box == (left, top, width, height)]
        if len(sights) != 1 or sights[0].print is None:
            raise Fault(400, "InvalidImage")
        face = str(uuid.uuid4())
        person.faces[face] = (request.query.get("userData"), sights[0].print)
        return 200, {"persistedFaceId": face}

    def _get_face(self, request: Request) -> Answer:
        found = self._person(request).faces.get(request.path["persistedFaceId"])
        if found is None:
            raise Fault(404, "PersistedFaceNotFound")
        return 200, {"persistedFaceId": request.path["persistedFaceId"], "userData": found[0]}

    def _look(self, image: bytes) -> list[Sight]:
        least, most = IMAGE_BYTES
        if not least <= len(image) <= most:
            raise Fault(400, "InvalidImageSize")
        sights = self._eyes.see(image)
        if sights is None:
            raise Fault(400, "InvalidImage")
        return sights

    def _group(self, name: str, status: int = 404) -> Group:
        if name not in self.groups:
            raise Fault(status, "LargePersonGroupNotFound")
        return self.groups[name]

    def _person(self, request: Request) -> Person:
        found = self._group(request.path["largePersonGroupId"]).persons.get(request.path["personId"])
        if found is None:
            raise Fault(404, "PersonNotFound")
        return found

    def _face(self, face_id: str, status: int) -> bytes:
        print_, lives_until = self._seen.get(face_id, (None, 0.0))
        if print_ is None or time.monotonic() > lives_until:
            raise Fault(status, "FaceNotFound")
        return print_

    def _shown(self, id: str, person: Person) -> dict[str, Any]:
        return {"personId": id, "name": person.name, "userData": person.user_data, "persistedFaceIds": [*person.faces]}
