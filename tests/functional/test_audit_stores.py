"""The audit on the real stores: a SQLite file that is edited behind the app's back, and heads in a blob store."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from devhost import audit_proof
from shared.adapters.azure_media import AzureMedia
from shared.adapters.cursors import Cursors
from shared.adapters.sqlite_documents import SqliteDocuments
from shared.domain.audit_chain import Broken
from shared.services.audit.chain import ANCHORS, AuditChain
from shared.services.audit.entries import Audit
from shared.services.audit.seal import AuditSealer
from shared.services.audit.verify import AuditVerify
from tests.fakes import FakeClock, FakeRandomness, fake_keys
from tests.functional.storage import Azurite

DAYS = ("2026-11-20", "2026-11-21", "2026-11-22")


class Stores:
    """Three days of entries, sealed a minute apart; `edit` is whoever has the file."""

    def __init__(self, folder: Path, media: AzureMedia) -> None:
        self.clock, self.alarms = FakeClock(datetime(2026, 11, 20, 9, tzinfo=UTC)), list[Broken]()
        self.file = folder / "documents.sqlite"
        self.media = media
        for info in list(media.list(ANCHORS)):
            media.delete(ANCHORS, info.name)
        self.documents = SqliteDocuments(self.file, self.clock, Cursors(fake_keys()))
        keys, randomness = fake_keys(), FakeRandomness()
        self.chain = AuditChain(self.documents, media, keys)
        self.verifier = AuditVerify(self.chain, self.clock)
        sealer = AuditSealer(self.chain, keys, self.clock, randomness, self.alarms.append)
        audit = Audit(self.documents, self.clock, randomness)
        for day in DAYS:
            self.clock.set(datetime.fromisoformat(f"{day}T09:00:00+00:00"))
            sealer.run()
            for action in ("opened", "looked", "left"):
                audit.record(None, action, {"session": "K7"}, seq=4)
                self.clock.advance(60)
                sealer.run()

    def edit(self, statement: str, *values: object) -> int:
        with sqlite3.connect(self.file) as connection:
            changed = connection.execute(statement, values).rowcount
        connection.close()
        return changed

    def why(self) -> tuple[str, str] | None:
        broken = self.verifier.run().broken
        return (broken.day, broken.why) if broken else None


@pytest.fixture
def stores(tmp_path: Path, azurite: Azurite) -> Iterator[Stores]:
    media = AzureMedia.with_connection_string(azurite.connection_string, connect_timeout=20, read_timeout=60)
    found = Stores(tmp_path, media)
    yield found
    found.documents.close()
    media.close()


def test_what_nobody_touched_is_proven(stores: Stores) -> None:
    found = stores.verifier.run()
    assert (found.broken, found.checked, found.days, stores.alarms) == (None, 9, 3, [])
    assert stores.verifier.run(date(2026, 11, 21), date(2026, 11, 21)).checked == 3


def edit_a_line(stores: Stores) -> int:
    return stores.edit(
        "UPDATE audit SET body = replace(body, '\"looked\"', '\"slept\"') WHERE partition = ? AND body LIKE '%looked%'",
        DAYS[1],
    )


def edit_one_letter_of_a_reason(stores: Stores) -> int:
    return stores.edit("UPDATE audit SET body = replace(body, 'system', 'System') WHERE partition = ?", DAYS[0])


def remove_a_line(stores: Stores) -> int:
    return stores.edit("DELETE FROM audit WHERE partition = ? AND body LIKE '%looked%'", DAYS[0])


def remove_a_day(stores: Stores) -> int:
    return stores.edit("DELETE FROM audit WHERE partition = ?", DAYS[1])


def remove_the_last_day(stores: Stores) -> int:
    return stores.edit("DELETE FROM audit WHERE partition IN (?, 'chain')", DAYS[2])


def cut_the_tail(stores: Stores) -> int:
    gone = stores.edit("DELETE FROM audit WHERE partition = ? AND body LIKE '%\"left\"%'", DAYS[2])
    return gone + stores.edit("DELETE FROM audit WHERE partition = ? AND id = 'seal.000003'", DAYS[2])


def copy_another_days_lines(stores: Stores) -> int:
    stores.edit("DELETE FROM audit WHERE partition = ?", DAYS[1])
    return stores.edit(
        "INSERT INTO audit (partition, id, body, etag, expires)"
        " SELECT ?, id, replace(body, ?, ?), etag, expires FROM audit WHERE partition = ?",
        DAYS[1],
        DAYS[0],
        DAYS[1],
        DAYS[0],
    )


@pytest.mark.parametrize(
    ("done", "found"),
    [
        (edit_a_line, (DAYS[1], "entry_altered")),
        (edit_one_letter_of_a_reason, (DAYS[0], "entry_altered")),
        (remove_a_line, (DAYS[0], "entry_missing")),
        (remove_a_day, (DAYS[1], "day_missing")),
        (remove_the_last_day, (DAYS[2], "day_missing")),
        (cut_the_tail, (DAYS[2], "tail_cut")),
        (copy_another_days_lines, (DAYS[1], "seal_altered")),
    ],
)
def test_an_edit_behind_the_apps_back_is_found(
    stores: Stores, done: Callable[[Stores], int], found: tuple[str, str]
) -> None:
    assert done(stores) > 0
    assert stores.why() == found


def test_a_database_put_back_as_it_was_yesterday_is_found_by_the_heads_in_storage(stores: Stores) -> None:
    """Entries, seals and the chain's end all fit each other; only the other store remembers today."""
    end = stores.chain.end()
    yesterday = stores.chain.seals(DAYS[1])[-1]
    assert end is not None
    stores.edit("DELETE FROM audit WHERE partition = ?", DAYS[2])
    body = {"kind": "head", "chainDay": DAYS[1], "number": yesterday.number, "head": yesterday.head, "closed": True}
    stores.edit(
        "UPDATE audit SET body = ? WHERE partition = 'chain'",
        json.dumps({**body, "holder": end.holder, "until": end.until}),
    )
    assert stores.why() == (DAYS[2], "day_missing")


def test_the_command_says_so_and_its_exit_code_too(
    stores: Stores, azurite: Azurite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    master = f"k1:{_base64(b'k1'.ljust(32, b'*'))}"
    settings = {
        "AzureWebJobsStorage": azurite.connection_string,
        "SQLITE_PATH": str(stores.file),
        "ATM_KEYS": master,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert audit_proof.main([]) == 0
    assert "9 entries in 3 days" in capsys.readouterr().out
    edit_a_line(stores)
    assert audit_proof.main(["--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["firstBroken"]["day"], told["firstBroken"]["why"]) == (False, DAYS[1], "entry_altered")
    assert audit_proof.main(["--to", DAYS[0]]) == 0


def _base64(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode()
