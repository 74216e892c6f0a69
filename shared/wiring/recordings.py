"""Recordings, the lists of visits, reports and exports."""

from datetime import timedelta

from shared.services.exports.reports import Reports
from shared.services.exports.requests import Exports
from shared.services.exports.visit_files import ExportVisits
from shared.services.exports.work import ExportWork
from shared.services.operators.live_view import LiveViews
from shared.services.recordings.check import RecordingCheck
from shared.services.recordings.index import RecordingIndex
from shared.services.recordings.of_visit import Recordings
from shared.services.recordings.rebuild import Rebuild
from shared.services.recordings.reconcile import Reconcile
from shared.services.recordings.tallies import Tallies
from shared.services.recordings.thumbnails import Thumbnails
from shared.services.recordings.visit_index import VisitIndex
from shared.services.recordings.visit_query import VisitQueries
from shared.wiring.once import once
from shared.wiring.sessions import Sessions


class RecordedVisits(Sessions):
    @once
    def visit_index(self) -> VisitIndex:
        return VisitIndex(self.documents, self.sessions, self.log, self.timeline, self.clock)

    @once
    def visit_queries(self) -> VisitQueries:
        return VisitQueries(self.documents, self.visit_index, self.clock)

    @once
    def live_views(self) -> LiveViews:
        return LiveViews(self.live, self.sessions, self.scenes, self.clock)

    @once
    def index(self) -> RecordingIndex:
        return RecordingIndex(self.documents, self.media, self.visit_index, self.log)

    @once
    def thumbnails(self) -> Thumbnails:
        return Thumbnails(self.media, lambda: self.thumbnailer)

    @once
    def recordings(self) -> Recordings:
        return Recordings(self.documents, self.media, self.index, self.thumbnails, self.viewing)

    @once
    def recording_check(self) -> RecordingCheck:
        days = self.settings.recording_days
        return RecordingCheck(self.documents, self.recordings, self.attention, self.clock, days)

    @once
    def reconcile(self) -> Reconcile:
        days = self.settings.recording_days
        return Reconcile(self.documents, self.media, self.index, self.kiosks, self.attention, self.clock, days)

    @once
    def tallies(self) -> Tallies:
        return Tallies(self.documents, self.visit_queries, self.clock)

    @once
    def rebuild(self) -> Rebuild:
        return Rebuild(self.media, self.index, self.visit_index, self.tallies)

    @once
    def reports(self) -> Reports:
        return Reports(self.visit_queries, self.tallies, self.kiosks, self.keys, self.media, self.clock)

    @once
    def exports(self) -> Exports:
        life = timedelta(hours=self.settings.export_hours)
        return Exports(self.documents, self.media, self.audit, self.clock, self.randomness, life=life)

    @once
    def export_work(self) -> ExportWork:
        visits = ExportVisits(self.media, self.visit_index, self.index, self.timeline, self.kiosks, self.people)
        most = self.settings.export_visits_most
        return ExportWork(self.exports, visits, self.visit_queries, self.media, self.clock, most)
