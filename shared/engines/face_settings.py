"""Every number of the face engine, with its bounds and where it comes from.

"Measured" means `python3 atm.py bench scenes` and `bench faces` on frames made of the tests' photographs, three public
persons; ENGINES means the measurement of 25 persons in docs/engines.md. Both are small: a bank measures its own cameras
and light before it goes live.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.domain.match import Candidate, MatchDecision, MatchRule, decide, spread_from


class FaceSettings(BaseModel):
    """Thresholds are inclusive: a value equal to its threshold passes. Pixels are those of the upright image."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # what an image may be
    max_bytes: int = Field(
        8_000_000, ge=100_000, le=32_000_000, description="Largest image in bytes: a phone's photograph fits."
    )
    max_pixels: int = Field(
        25_000_000,
        ge=300_000,
        le=100_000_000,
        description="Most pixels, read from the header before decoding: 25 megapixels cost 75 MB while decoded.",
    )

    # finding faces
    detector_long_side: int = Field(
        640,
        ge=320,
        le=1280,
        description="Pixels the image's long side is shrunk to for YuNet, which knows faces of 10-300.",
    )
    detector_score: float = Field(
        0.90,
        ge=0.80,
        le=0.99,
        description="Least YuNet score of a face: a dog scored .86, a blob .83 (ENGINES); the tests' faces .91-.95.",
    )
    faint_score: float = Field(
        0.70,
        ge=0.50,
        le=0.90,
        description="From here a doubtful face is worth a hint (light, pose), never an identity.",
    )
    overlap: float = Field(
        0.3, ge=0.1, le=0.7, description="Boxes that overlap more (IoU) are one face: opencv_zoo's value."
    )

    # who it is: see shared/domain/match.py for the arithmetic
    match_threshold: float = Field(
        0.45,
        ge=0.36,
        le=0.80,
        description="Least cosine of two SFace embeddings of one person, 1:1; larger galleries raise it. ENGINES: no"
        " false accept in 4,095 pairs of 25 persons, 1.1 % false reject.",
    )
    match_other: float = Field(
        0.28,
        ge=0.0,
        le=0.40,
        description="Below this the face is clearly another person's: 97 % of strangers by the measured spread.",
    )
    match_margin: float = Field(
        0.08,
        ge=0.02,
        le=0.30,
        description="How far the second person must be behind the first, else it is ambiguous: nearly one spread.",
    )
    wrong_identification: float = Field(
        0.001, ge=1e-6, le=0.001, description="Most strangers a visit taken for somebody: SP 800-63B-4 §3.2.3 by visit."
    )
    match_tries: int = Field(
        5, ge=1, le=50, description="Independent looks counted a visit: frames and templates of one face are not many."
    )
    impostor_mean: float = Field(
        0.115,
        ge=-0.10,
        le=0.30,
        description="Mean cosine of two strangers under SFace. Measured: .115 on 101 pairs of 15 faces, .106 on"
        " 1,392 of frames made of 11.",
    )
    impostor_spread: float = Field(
        0.090,
        ge=0.02,
        le=0.20,
        description="Standard deviation of it. From the tail: .363 accepts 1.4 of 1,000 (ENGINES), at most 3.",
    )
    duplicate_threshold: float = Field(
        0.363, ge=0.20, le=0.60, description="Looser, for 'is this person enrolled already?': OpenCV's own for SFace."
    )
    duplicate_alarm: float = Field(
        0.05, ge=0.001, le=0.5, description="Most enrolments of new people that a chance resemblance sends to staff."
    )
    learn_extra: float = Field(
        0.10, ge=0.0, le=0.40, description="How much above the threshold a face must be to be learned from."
    )
    learn_days: int = Field(30, ge=1, le=3650, description="At most one template is learned in so many days.")
    learn_most: int = Field(5, ge=0, le=20, description="Learned templates a person has at most; the oldest goes.")
    learn_lift: float = Field(
        0.05,
        ge=0.0,
        le=0.20,
        description="How far learned templates may raise a score above the enrolled ones'. Half the spread of"
        " strangers' scores: without a bound, a face that drifts slowly would lead to somebody else.",
    )
    min_norm: float = Field(
        9.5,
        ge=0,
        le=13,
        description="Least length of SFace's raw embedding for identification. Measured: fit frames 10.4-13.8, heads"
        " turned by 45° 7.3-8.3.",
    )
    enrol_min_norm: float = Field(
        10.5,
        ge=0,
        le=15,
        description="Least length of the raw embedding for a template: blurred and dark ones fall below (ENGINES).",
    )
    arcface_file: Path | None = Field(
        None,
        description="An ArcFace-format ONNX (112×112 in, any dimension out) in place of SFace; the bank's licence.",
    )
    arcface_threshold: float | None = Field(
        None, ge=0.1, le=0.95, description="That model's threshold at `arcface_rate`. No default: each has its own."
    )
    arcface_rate: float = Field(
        1e-4, ge=1e-8, le=1e-2, description="False matches at `arcface_threshold`, as its publisher measured them."
    )
    arcface_mean: float = Field(
        127.5, ge=0, le=255, description="Subtracted from 0-255 (InsightFace's value; 0 if the graph does it itself)."
    )
    arcface_scale: float = Field(
        127.5, ge=1, le=255, description="Divides after that (InsightFace's value; 1 if the graph does it itself)."
    )
    arcface_bgr: bool = Field(False, description="The model wants BGR instead of RGB.")
    arcface_min_norm: float = Field(
        0.0, ge=0, le=100, description="That model's least raw length, for both kinds of use; 0 does not ask."
    )

    # a live person
    live_threshold: float = Field(
        0.70,
        ge=0.30,
        le=0.95,
        description="Least mean probability of a live face, both MiniFASNets (ENGINES: real 1.00, fakes .23 and .002)."
        " Measured: 89 of 97 frames of photographs pass, and 9 of 85 held up on screens and paper, large ones.",
    )

    # how the face stands in the picture
    min_eye_distance: float = Field(
        32.0,
        ge=20,
        le=120,
        description="Pixels between the eyes, else come closer: SFace sees 35; 32 is 1 m from a 640-pixel camera.",
    )
    embed_eye_distance: float = Field(
        14.0, ge=8, le=60, description="Below this no embedding is made at all: less than half of what SFace sees."
    )
    max_face_width: float = Field(
        0.42,
        ge=0.30,
        le=0.95,
        description="Widest face as a share of the picture's width, else move back. Measured: the presentation check"
        " needs the surroundings, and doubts real faces from .45.",
    )
    min_margin: float = Field(
        0.02, ge=0.0, le=0.3, description="Least space between face and edge, as a share of the face: it may be cut."
    )
    max_off_centre: float = Field(
        0.32,
        ge=0.10,
        le=0.45,
        description="Farthest the face's middle may be from the picture's, as a share of its width.",
    )
    max_off_centre_vertical: float = Field(
        0.36, ge=0.10, le=0.48, description="The same in height; generous, for tall people and wheelchairs."
    )
    max_yaw: float = Field(
        25.0, ge=10, le=60, description="Degrees the head may be turned aside; SFace weakens beyond."
    )
    max_pitch: float = Field(25.0, ge=10, le=60, description="Degrees up or down; five points know it within about 8.")
    max_roll: float = Field(
        30.0, ge=10, le=60, description="Degrees of tilt; alignment undoes it, the detector suffers."
    )

    # light, sharpness, cover
    min_highlight: float = Field(
        70.0,
        ge=20,
        le=150,
        description="95th percentile of the face's luminance (0-255), else more light. Highlights, not the mean: dark"
        " skin in good light has them, a dark room has not. Measured: good light 120-235.",
    )
    max_bright_share: float = Field(
        0.55,
        ge=0.05,
        le=0.9,
        description="Share of the face's pixels with a colour at its limit, else less light. Measured: well lit 0-.13,"
        " from .6 on the embedding moves (cosine .64-.89 to itself).",
    )
    min_sharpness: float = Field(
        30.0,
        ge=0,
        le=500,
        description="Variance of the Laplacian on the aligned face, scaled to luminance 128, else hold still."
        " Measured: sharp 250-580, blurred by 3 % of the eye distance 32-65, by 5 % 12-30.",
    )
    sunglasses_ratio: float = Field(
        0.42,
        ge=0.1,
        le=0.9,
        description="Luminance around the eyes (75th percentile) by the cheeks'; below, they are behind dark glass."
        " Measured: free eyes .64-.98, drawn glasses .13.",
    )
    cover_distance: float = Field(
        13.0,
        ge=5,
        le=80,
        description="Lab distance of nose tip and mouth from the skin between the eyes; above, they are covered."
        " Measured: free faces 0-10, drawn masks 15-46; a mask in the colour of skin is not seen.",
    )
    covered_luminance: float = Field(
        25.0, ge=0, le=80, description="Mean luminance of a picture below which a covered camera is considered."
    )
    covered_spread: float = Field(
        10.0,
        ge=0,
        le=40,
        description="Standard deviation of luminance below which a dark picture is nothing but a cover.",
    )

    # work
    threads: int = Field(
        1, ge=1, le=16, description="Threads a model computes on; frames already run beside each other (sessions.py)."
    )

    @model_validator(mode="after")
    def _own_threshold(self) -> Self:
        if self.arcface_file is not None and self.arcface_threshold is None:
            raise ValueError("arcface_file needs arcface_threshold: every recogniser has its own scale")
        return self

    @property
    def same(self) -> float:
        """The 1:1 threshold of the recogniser in use: at or above it the same person."""
        return self.match_rule().base

    @property
    def other(self) -> float:
        """Below it clearly somebody else."""
        return self.match_rule().other

    def decide(self, candidates: Sequence[Candidate], people: int) -> MatchDecision:
        """Who the gallery's candidates show, in a gallery of `people`."""
        return decide(candidates, people, self.match_rule())

    def match_rule(self) -> MatchRule:
        """The rule over scores of the recogniser in use."""
        base, mean, spread = self.match_threshold, self.impostor_mean, self.impostor_spread
        other, duplicate = self.match_other, self.duplicate_threshold
        if self.arcface_threshold is not None:
            # Strangers of a well-trained model centre on 0; the one known rate gives the spread, and the looser
            # thresholds lie as many spreads up as SFace's.
            base, mean = self.arcface_threshold, 0.0
            spread = spread_from(base, self.arcface_rate, mean)
            other, duplicate = (
                (score - self.impostor_mean) / self.impostor_spread * spread for score in (other, duplicate)
            )
        return MatchRule(
            base=base,
            other=other,
            mean=mean,
            spread=spread,
            wrong_identification=self.wrong_identification,
            tries=self.match_tries,
            margin=self.match_margin,
            duplicate=duplicate,
            duplicate_alarm=self.duplicate_alarm,
            learn_extra=self.learn_extra,
        )
