"""The settings of services outside: what must be there, and that nothing of ours travels in the clear."""

import base64
from typing import Any

import pytest
from pydantic import ValidationError

from shared.settings import Settings

KEYS = f"k1:{base64.b64encode(bytes(32)).decode()}"


def settings(**chosen: Any) -> Settings:
    return Settings(ATM_KEYS=KEYS, AzureWebJobsStorage="UseDevelopmentStorage=true", **chosen)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://face.cognitiveservices.azure.com",
        "https://face.cognitiveservices.azure.com/",
        "http://127.0.0.1:8080",
        "http://localhost:5000",
        "http://face:5000",
    ],
)
def test_the_face_service_may_be_any_host_that_is_encrypted_or_near(endpoint: str) -> None:
    assert settings(face_provider="azure", face_endpoint=endpoint).face_endpoint == endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        None,
        "",
        "face.cognitiveservices.azure.com",
        "http://face.cognitiveservices.azure.com",
        "ftp://face",
        "https://",
        "https://face.example/?key=1",
        "https://user@face.example",
    ],
)
def test_anything_else_stops_the_start_with_a_sentence(endpoint: str | None) -> None:
    with pytest.raises(ValidationError, match="FACE_ENDPOINT must be an https address"):
        settings(face_provider="azure", face_endpoint=endpoint)


@pytest.mark.parametrize("group", ["Face", "face atm", "a" * 65, ""])
def test_a_group_is_named_as_the_service_allows(group: str) -> None:
    with pytest.raises(ValidationError, match="face_group"):
        settings(face_group=group)


TWILIO = {
    "sms_provider": "twilio",
    "twilio_account_sid": "AC" + "0" * 32,
    "twilio_auth_token": "t",
    "twilio_from": "+15005550006",
}


@pytest.mark.parametrize("address", ["http://atm.example/api/sms/status", "https://atm.example/x?a=b", "atm.example"])
def test_reports_come_to_an_encrypted_address_without_a_query(address: str) -> None:
    with pytest.raises(ValidationError, match="TWILIO_STATUS_CALLBACK"):
        settings(**TWILIO, twilio_status_callback=address)
    with pytest.raises(ValidationError, match="TWILIO_BASE_URL"):
        settings(**TWILIO, twilio_base_url=address)


@pytest.mark.parametrize("sender", ["MG" + "1" * 32, "+15005550006", "12345", "BANK"])
def test_messages_come_from_a_messaging_service_a_number_or_a_name(sender: str) -> None:
    assert settings(**{**TWILIO, "twilio_from": sender}).twilio_from == sender
