"""The gallery, how it follows the templates, and who says who a face is."""

from datetime import timedelta

from shared.domain.bands import SearchFor
from shared.domain.confidence import ConfidenceRule
from shared.services.gallery.face_search import FaceSearch
from shared.services.gallery.feed import GalleryFeed
from shared.services.gallery.log import GalleryLog
from shared.services.gallery.recognition import GalleryRecognition, Recognition
from shared.services.gallery.remote_catch_up import RemoteCatchUp
from shared.services.gallery.remote_copies import RemoteCopies
from shared.services.gallery.remote_recognition import RemoteRecognition
from shared.services.gallery.remote_training import RemoteTraining
from shared.services.gallery.snapshot import SnapshotRule, Snapshots
from shared.services.gallery.source import GallerySource
from shared.services.gallery.strangers import Strangers
from shared.settings import FaceProvider
from shared.wiring.once import once
from shared.wiring.recordings import RecordedVisits


class KnownFaces(RecordedVisits):
    @once
    def gallery_log(self) -> GalleryLog:
        return GalleryLog(self.documents, self.clock)

    @once
    def gallery_source(self) -> GallerySource:
        return GallerySource(self.documents, self.people, self.templates)

    @once
    def snapshots(self) -> Snapshots:
        s = self.settings
        rule = SnapshotRule(entries=s.gallery_snapshot_entries, age=timedelta(minutes=s.gallery_snapshot_minutes))
        return Snapshots(
            self.documents,
            self.media,
            self.keys,
            self.clock,
            self.randomness,
            self.gallery_log,
            self.gallery_source,
            rule,
        )

    @once
    def feed(self) -> GalleryFeed:
        return GalleryFeed(self.gallery_log, self.gallery_source, self.snapshots, self.clock)

    @once
    def recognition(self) -> Recognition:
        s = self.settings
        if s.face_provider is FaceProvider.EMBEDDED:
            return GalleryRecognition(self.gallery, self.feed, self.match_rule, self.likeness)
        rule = ConfidenceRule(
            identify=s.face_identify_confidence,
            verify=s.face_verify_confidence,
            margin=s.face_confidence_margin,
            duplicate=s.face_duplicate_confidence,
        )
        service, group = self.face_service, s.face_group
        copies = RemoteCopies(self.documents, service, self.clock, group)
        training = RemoteTraining(self.documents, service, self.clock, group, lambda seconds: self.pause(seconds))
        catch_up = RemoteCatchUp(self.documents, self.media, self.templates, copies, training, group)
        return RemoteRecognition(service, copies, training, self.people, rule, catch_up)

    @once
    def strangers(self) -> Strangers:
        allowed = self.settings.face_search is SearchFor.STRANGERS
        return Strangers(
            self.documents, self.keys, self.clock, self.match_rule, lambda: self.face_engine.model, allowed=allowed
        )

    @once
    def face_search(self) -> FaceSearch:
        s = self.settings
        return FaceSearch(
            self.documents,
            self.media,
            lambda: self.face_engine,
            lambda: self.gallery,
            self.feed,
            self.visit_index,
            self.strangers,
            self.keys,
            self.clock,
            self.randomness,
            self.limits,
            self.audit,
            self.match_rule,
            s.face_search,
            max_bytes=s.face_search_photo_bytes,
            max_pixels=s.face.max_pixels,
            per_hour=s.limit_face_searches,
        )
