"""Settings for stacks that share a busy machine with other tests: the same rules, with more time for each."""

PATIENT = {
    "PRESENCE_SECONDS": "10",
    "FRAME_GAP_SECONDS": "8",
    "VISIT_MINUTES": "10",
    "HANDOFF_SECONDS": "120",
    "TELLER_LOCK_SECONDS": "30",
    "TELLER_END_SECONDS": "120",
    "LIMIT_SMS_PHONE_HOUR": "100",
    "LIMIT_SMS_PHONE_DAY": "200",
    "LIMIT_SMS_KIOSK_HOUR": "1000",
    "LIMIT_WRONG_PINS_DAY": "100",
    "LIMIT_DOUBT_AFTER": "50",
}
