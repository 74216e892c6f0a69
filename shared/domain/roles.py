"""Who may do what: one table of roles and operations. What is not in the table is nobody's.

An operation is the name of its HTTP function. A `viewer` sees what happens, without names; an `officer` works with
visits and people; an `admin` also decides about kiosks, personal data and its erasure.
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    VIEWER = "viewer"
    OFFICER = "officer"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Operator:
    """A member of staff who is signed in. `id` is a directory's object id or a local name; `name` is for display."""

    id: str
    name: str
    role: Role


_EVERYBODY = frozenset(Role)
_OFFICERS = frozenset({Role.OFFICER, Role.ADMIN})
_ADMINS = frozenset({Role.ADMIN})

TABLE: dict[str, frozenset[Role]] = {
    "operators_me": _EVERYBODY,
    "operators_logout": _EVERYBODY,
    "audit_list": _OFFICERS,
    "audit_verify": _OFFICERS,
    # what needs attention
    "attention_list": _EVERYBODY,
    "attention_acknowledge": _OFFICERS,
    # what is kept
    "holds_list": _OFFICERS,
    "holds_create": _OFFICERS,
    "holds_release": _ADMINS,  # whoever laid a hold does not end it by themselves
    "retention_rules": _OFFICERS,
    "retention_preview": _OFFICERS,
    # search by face
    "face_search": _OFFICERS,
    "face_search_one": _OFFICERS,
    "face_search_approve": _OFFICERS,
    # kiosks
    "kiosks_list": _EVERYBODY,
    "kiosks_create": _ADMINS,
    "kiosks_change": _ADMINS,
    "kiosks_pairing": _ADMINS,
    "kiosks_revoke": _OFFICERS,  # whoever is on duty when a machine is stolen
    # people
    "people_list": _OFFICERS,
    "people_one": _OFFICERS,
    "people_photo": _OFFICERS,
    "people_approve": _OFFICERS,
    "people_suspend": _OFFICERS,
    "people_reactivate": _OFFICERS,
    "people_unlock": _OFFICERS,
    "people_unlearn": _OFFICERS,
    "people_photo_add": _OFFICERS,
    "people_photo_waiting": _OFFICERS,
    "people_photo_approve": _OFFICERS,
    "people_photo_refuse": _OFFICERS,
    "people_phone_change": _OFFICERS,
    "people_phone_prove": _OFFICERS,
    "people_phone_approve": _OFFICERS,
    "people_phone_cancel": _OFFICERS,
    "people_authenticator": _OFFICERS,
    "people_change": _ADMINS,
    "people_phone": _ADMINS,
    "people_erase": _ADMINS,
    "people_import": _ADMINS,
    "people_export": _OFFICERS,  # phone numbers in clear are for admins alone: `may_reveal`
    # visits and their recordings
    "visits_list": _EVERYBODY,
    "visits_count": _EVERYBODY,
    "visits_live": _EVERYBODY,
    "visits_one": _EVERYBODY,
    "visits_media": _OFFICERS,
    "visits_thumbnail": _OFFICERS,
    "visits_verify": _OFFICERS,
    "charts": _EVERYBODY,
    "reports_visits": _OFFICERS,  # and programs, by the setting REPORT_KEY
    "reports_daily": _OFFICERS,
    "exports_ask": _OFFICERS,
    "exports_state": _OFFICERS,
    "exports_file": _OFFICERS,
    # assistance
    "assistance_list": _EVERYBODY,
    "assistance_call": _OFFICERS,
    "assistance_frame": _OFFICERS,
    "assistance_vouch": _OFFICERS,
    "assistance_refuse": _OFFICERS,
}


def may(role: Role, operation: str) -> bool:
    """Deny by default: an operation without a row is nobody's."""
    return role in TABLE.get(operation, frozenset())


def may_reveal(role: Role) -> bool:
    """Whether a role may see telephone numbers in clear, with a reason."""
    return may(role, "people_phone")
