"""The face engine on the real models: whom it knows, what it advises, what it refuses, and how it breaks."""

import io
import shutil
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, product
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from PIL import Image

from devhost import portraits
from shared.domain.errors import MediaRejected, Unavailable
from shared.domain.face import FaceAnalysis, Guidance
from shared.engines.face import EmbeddedFaceEngine
from shared.engines.face_settings import FaceSettings
from tests.functional.engine_files import models_folder, person_frame, scene

PEOPLE = ("person-a", "person-b", "person-c")
FRAMES = range(1, portraits.FRAMES_EACH + 1)


@pytest.fixture(scope="module")
def engine() -> EmbeddedFaceEngine:
    return EmbeddedFaceEngine(models_folder(), FaceSettings())


@pytest.fixture(scope="module")
def seen(engine: EmbeddedFaceEngine) -> dict[tuple[str, int], FaceAnalysis]:
    return {(person, n): engine.analyse(person_frame(person, n)) for person, n in product(PEOPLE, FRAMES)}


def saved(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


# --- who it is ---


def test_good_frames_are_fit_to_identify_and_pass_as_live(seen: dict[tuple[str, int], FaceAnalysis]) -> None:
    for (person, n), found in seen.items():
        assert (found.hint, found.live, found.near_faces) == (None, True, 1), f"{person}/{n}"


def test_each_person_is_more_like_themselves_than_like_anybody_else(
    engine: EmbeddedFaceEngine, seen: dict[tuple[str, int], FaceAnalysis]
) -> None:
    settings = FaceSettings()
    for (a, first), (b, second) in combinations(seen.items(), 2):
        assert first.embedding is not None
        assert second.embedding is not None
        score = engine.similarity(first.embedding, second.embedding)
        if a[0] == b[0]:
            assert score >= settings.match_rule().threshold(1000), (a, b)
        else:
            assert score < settings.other, (a, b)


def test_an_embedding_is_a_unit_vector_and_most_like_itself(
    engine: EmbeddedFaceEngine, seen: dict[tuple[str, int], FaceAnalysis]
) -> None:
    one = seen["person-a", 1].embedding
    assert one is not None
    assert len(one) == 128 * 4
    assert engine.similarity(one, one) == pytest.approx(1.0, abs=1e-6)


def test_the_same_image_gives_the_same_answer_from_any_number_of_threads(engine: EmbeddedFaceEngine) -> None:
    images = [person_frame(person, n) for person, n in product(PEOPLE, (1, 2))] + [scene("two-people"), scene("cat")]
    alone = [engine.analyse(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(engine.analyse, images * 5))
    assert together == alone * 5


# --- what it advises ---


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("empty", Guidance.LOOK_AT_CAMERA),
        ("cat", Guidance.LOOK_AT_CAMERA),
        ("covered", Guidance.CAMERA_COVERED),
        ("two-people", Guidance.ONE_PERSON),
        ("too-far", Guidance.COME_CLOSER),
        ("too-near", Guidance.MOVE_BACK),
        ("off-centre", Guidance.CENTRE_FACE),
        ("dark", Guidance.MORE_LIGHT),
        ("bright", Guidance.LESS_LIGHT),
        ("blurred", Guidance.HOLD_STILL),
        ("turned-left", Guidance.FACE_CAMERA),
        ("turned-right", Guidance.FACE_CAMERA),
        ("tilted", Guidance.FACE_CAMERA),
        ("sunglasses", Guidance.TAKE_OFF_SUNGLASSES),
        ("mask", Guidance.UNCOVER_FACE),
        ("helper-behind", None),
        ("rotated-phone", None),
    ],
)
def test_each_scene_gets_its_one_advice(engine: EmbeddedFaceEngine, name: str, hint: Guidance | None) -> None:
    found = engine.analyse(scene(name))
    assert found.hint is hint
    assert (found.live is None) == (hint is not None)
    assert all(face.score >= FaceSettings().detector_score for face in found.faces)


@pytest.mark.parametrize("name", ["two-people", "too-near", "dark", "blurred", "turned-left", "sunglasses", "mask"])
def test_a_frame_not_fit_to_identify_still_says_whose_face_it_goes_on_showing(
    engine: EmbeddedFaceEngine, seen: dict[tuple[str, int], FaceAnalysis], name: str
) -> None:
    found, before = engine.analyse(scene(name)).embedding, seen["person-a", 1].embedding
    assert found is not None
    assert before is not None
    assert engine.similarity(found, before) >= FaceSettings().same


def test_a_head_turned_to_the_images_right_has_positive_yaw(engine: EmbeddedFaceEngine) -> None:
    right, left = (engine.analyse(scene(f"turned-{side}")).pose for side in ("right", "left"))
    assert right is not None
    assert left is not None
    assert left.yaw < -20
    assert right.yaw > 20


def test_a_helper_behind_is_seen_but_not_near(engine: EmbeddedFaceEngine) -> None:
    found = engine.analyse(scene("helper-behind"))
    assert (len(found.faces), found.near_faces) == (2, 1)
    assert found.faces[0].width > found.faces[1].width


def test_without_a_face_there_is_nothing_to_compare(engine: EmbeddedFaceEngine) -> None:
    found = engine.analyse(scene("cat"))
    assert (found.faces, found.embedding, found.live, found.quality, found.pose) == ((), None, None, None, None)


def test_a_photograph_shown_on_a_screen_does_not_pass_as_live(engine: EmbeddedFaceEngine) -> None:
    found = engine.analyse(scene("screen"))
    assert (found.hint, found.live) == (None, False)


# --- what it is given ---


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("WEBP", {"quality": 90}), ("JPEG", {"progressive": True})])
def test_the_same_picture_in_another_format_shows_the_same_person(
    engine: EmbeddedFaceEngine, seen: dict[tuple[str, int], FaceAnalysis], kind: str, options: dict[str, object]
) -> None:
    found, before = engine.analyse(saved(opened(person_frame("person-a", 1)), kind, **options)), seen["person-a", 1]
    assert found.embedding is not None
    assert before.embedding is not None
    assert engine.similarity(found.embedding, before.embedding) > 0.95


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (1, None),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_a_picture_is_turned_upright_as_its_exif_says(
    engine: EmbeddedFaceEngine, kind: str, orientation: int, stored: Image.Transpose | None
) -> None:
    upright = opened(person_frame("person-a", 1))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(upright.transpose(stored) if stored is not None else upright, kind, exif=exif, quality=90)
    found = engine.analyse(data)
    assert (found.width, found.height, found.hint) == (640, 480, None)


def test_boxes_and_distances_are_in_pixels_of_the_upright_image_however_large(engine: EmbeddedFaceEngine) -> None:
    small = opened(person_frame("person-a", 1))
    at_once = engine.analyse(saved(small, quality=95))
    enlarged = engine.analyse(saved(small.resize((5120, 3840)), quality=85))
    assert (enlarged.width, enlarged.height) == (5120, 3840)
    assert enlarged.faces[0].x / 8 == pytest.approx(at_once.faces[0].x, abs=6)
    assert enlarged.faces[0].width / 8 == pytest.approx(at_once.faces[0].width, rel=0.06)
    assert enlarged.quality is not None
    assert at_once.quality is not None
    assert enlarged.quality.eye_distance / 8 == pytest.approx(at_once.quality.eye_distance, rel=0.06)


@pytest.mark.parametrize("mode", ["L", "1", "LA", "RGBA", "P", "I;16", "CMYK"])
def test_other_colours_than_rgb_are_pictures_too(engine: EmbeddedFaceEngine, mode: str) -> None:
    picture = opened(person_frame("person-a", 1))
    converted = Image.new("I;16", picture.size) if mode == "I;16" else picture.convert(mode)
    found = engine.analyse(saved(converted, "JPEG" if mode == "CMYK" else "PNG"))
    assert (found.width, found.height) == (640, 480)


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (7, 7), (31, 33)])
def test_a_picture_too_small_or_too_narrow_for_a_face_has_none(
    engine: EmbeddedFaceEngine, size: tuple[int, int]
) -> None:
    found = engine.analyse(saved(Image.new("RGB", size, "white"), "PNG"))
    assert (found.faces, found.hint) == ((), Guidance.LOOK_AT_CAMERA)


def test_a_truncated_jpeg_is_refused(engine: EmbeddedFaceEngine) -> None:
    whole = person_frame("person-a", 1)
    with pytest.raises(MediaRejected) as refused:
        engine.analyse(whole[: len(whole) // 2])
    assert refused.value.code == "truncated"


@pytest.mark.parametrize("data", [b"", b"no image", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n" + bytes(100)])
def test_what_is_no_image_is_refused(engine: EmbeddedFaceEngine, data: bytes) -> None:
    with pytest.raises(MediaRejected):
        engine.analyse(data)


def test_an_image_whose_pixels_are_noise_is_refused_or_shows_nobody(engine: EmbeddedFaceEngine) -> None:
    data = bytearray(saved(opened(person_frame("person-a", 1)), "PNG"))
    data[len(data) // 3 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 3)
    try:
        assert not engine.analyse(bytes(data)).faces
    except MediaRejected as refused:
        assert refused.code in {"not_an_image", "truncated"}


def test_a_hundred_megapixels_are_refused_by_their_header(engine: EmbeddedFaceEngine) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 10_000, 10_000, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(10_001 * 10_000), 9))
    with pytest.raises(MediaRejected) as refused:
        engine.analyse(b"\x89PNG\r\n\x1a\n" + header + body + chunk(b"IEND", b""))
    assert refused.value.code == "too_large"


def test_more_bytes_than_the_setting_allows_are_refused() -> None:
    image = person_frame("person-a", 1) + bytes(100_000)
    with pytest.raises(MediaRejected) as refused:
        EmbeddedFaceEngine(models_folder(), FaceSettings(max_bytes=100_000)).analyse(image)
    assert refused.value.code == "too_large"


# --- when it breaks ---


def test_without_its_models_the_engine_is_unavailable_and_says_nothing_of_the_face(tmp_path: Path) -> None:
    engine = EmbeddedFaceEngine(tmp_path, FaceSettings())
    with pytest.raises(Unavailable):
        engine.analyse(person_frame("person-a", 1))
    with pytest.raises(Unavailable):
        engine.warm()


@pytest.mark.parametrize("file", ["yunet.onnx", "sface.onnx", "minifasnet_v2.onnx", "minifasnet_v1se.onnx"])
def test_a_broken_model_makes_the_engine_unavailable_never_lenient(tmp_path: Path, file: str) -> None:
    for name in ("yunet.onnx", "sface.onnx", "minifasnet_v2.onnx", "minifasnet_v1se.onnx"):
        shutil.copy(models_folder() / name, tmp_path / name)
    (tmp_path / file).write_bytes(b"no model")
    with pytest.raises(Unavailable):
        EmbeddedFaceEngine(tmp_path, FaceSettings()).analyse(person_frame("person-a", 1))


# --- a recogniser of the bank's own ---


def own_recogniser(path: Path, dimensions: int, seed: int) -> Path:
    """An ArcFace-format model in miniature: 112×112 in, `dimensions` out, random weights on coarse pixels."""
    weights = np.random.default_rng(seed).standard_normal((3 * 14 * 14, dimensions)).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("AveragePool", ["input.1"], ["coarse"], kernel_shape=[8, 8], strides=[8, 8]),
            helper.make_node("Flatten", ["coarse"], ["flat"], axis=1),
            helper.make_node("MatMul", ["flat", "weights"], ["embedding"]),
        ],
        "own",
        [helper.make_tensor_value_info("input.1", onnx.TensorProto.FLOAT, ["batch", 3, 112, 112])],
        [helper.make_tensor_value_info("embedding", onnx.TensorProto.FLOAT, ["batch", dimensions])],
        [numpy_helper.from_array(weights, "weights")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=9), path)
    return path


def test_a_recogniser_of_the_banks_own_replaces_sface_under_its_own_name(tmp_path: Path) -> None:
    file = own_recogniser(tmp_path / "Bank Net v2.onnx", dimensions=96, seed=1)
    engine = EmbeddedFaceEngine(models_folder(), FaceSettings(arcface_file=file, arcface_threshold=0.4))
    found = engine.analyse(person_frame("person-a", 1))
    assert engine.model.startswith("arcface-bank-net-v2-")
    assert found.model == engine.model
    assert found.hint is None
    assert found.embedding is not None
    assert len(found.embedding) == 96 * 4


def test_another_file_under_the_same_name_is_another_model(tmp_path: Path) -> None:
    names = []
    for seed in (1, 2):
        file = own_recogniser(tmp_path / "own.onnx", 32, seed)
        names.append(EmbeddedFaceEngine(models_folder(), FaceSettings(arcface_file=file, arcface_threshold=0.4)).model)
    assert names[0] != names[1]


def test_a_recogniser_that_does_not_exist_stops_the_start(tmp_path: Path) -> None:
    settings = FaceSettings(arcface_file=tmp_path / "none.onnx", arcface_threshold=0.4)
    with pytest.raises(Unavailable):
        EmbeddedFaceEngine(models_folder(), settings)
