"""Template and code in step. No package holds a Bicep compiler: the files are parsed, linked and compared."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from devhost.stack.options import SUBSCRIPTIONS
from shared.containers import ALL
from shared.settings import Settings, load_settings
from tests.unit.bicep_files import FILES, INFRA, MODULES, object_of, parsed, resource, text, variable
from tools import infra_containers, infra_workbook

ROOT = INFRA.parent
PLATFORM_PREFIXES = (
    "AzureWebJobs",
    "APPLICATIONINSIGHTS_",
    "AzureFunctionsJobHost__",
    "PYTHON_",
    "AZURE_CLIENT_ID",
    "MALLOC_",
)
NOT_ON_FLEX = {"FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION", "WEBSITE_RUN_FROM_PACKAGE", "SCM_DO_BUILD"}
BLOB_TRIGGER = re.compile(r'function_name\("(\w+)"\)\n@blueprint\.blob_trigger', re.MULTILINE)


def template_settings(*, face: bool = False) -> dict[str, str]:
    """The app's settings as the template writes them, with an example for everything it computes."""
    examples = {
        "identityClientId": "00000000-0000-0000-0000-000000000001",
        "blobAddress": "https://statm.blob.core.windows.net",
        "queueAddress": "https://statm.queue.core.windows.net",
        "tableAddress": "https://statm.table.core.windows.net",
        "insightsConnection": "InstrumentationKey=00000000-0000-0000-0000-000000000000",
        "string(httpConcurrency)": "16",
        "cosmosEndpoint": "https://cosmos-atm.documents.azure.com:443/",
        "cosmosDatabase": "atm",
        "bankName": "Example Bank",
        "noticeOperator": "Example Bank plc",
        "string(recordingDays)": "90",
        "twilioAccountSid": "AC" + "0" * 32,
        "twilioFrom": "+12025550100",
        "'${address}/api/sms/status'": "https://func-atm.azurewebsites.net/api/sms/status",
        "enrolment": "approval",
        "kioskStart": "touch",
        "empty(operatorsClientId) ? 'none' : 'entra'": "entra",
        "tenant().tenantId": "72f988bf-86f1-41af-91ab-2d7cd011db47",
        "faceEndpoint": "https://face-atm.cognitiveservices.azure.com/",
    }
    written = object_of("platformSettings", "app") | object_of("appSettings", "app")
    if face:
        written |= {"FACE_PROVIDER": "'azure'", "FACE_ENDPOINT": "faceEndpoint"}
    values = {name: examples.get(value, value.strip("'")) for name, value in written.items()}
    # What the platform puts in the place of a reference to the Key Vault.
    values["ATM_KEYS"] = "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    return values


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_parses_and_every_parameter_is_described_and_used(file: Path) -> None:
    tree = parsed(file.stem)
    for name, parameter in tree["parameters"].items():
        assert any(d["type"] == "description" for d in parameter["decorators"]), name
        uses = len(re.findall(rf"\b{name}\b", text(file.stem)))
        assert uses > 1, f"{name} is declared and never used"


@pytest.mark.parametrize("module", MODULES, ids=lambda file: file.stem)
def test_main_gives_each_module_what_it_asks_for_and_nothing_else(module: Path) -> None:
    [call] = [m for m in parsed("main")["modules"].values() if m["detail"]["path"].endswith(f"/{module.name}")]
    given = call["config"]["params"] if "params" in call["config"] else call["config"]["config"]["params"]
    declared = parsed(module.stem)["parameters"]
    needed = {name for name, parameter in declared.items() if parameter["default"] is None}
    assert needed <= set(given) <= set(declared)


def test_every_output_that_is_used_exists() -> None:
    files = {symbol: Path(call["detail"]["path"]).stem for symbol, call in parsed("main")["modules"].items()}
    used = re.findall(r"\b(\w+)\.outputs\.(\w+)", text("main"))
    assert used
    for symbol, output in used:
        assert output in parsed(files[symbol])["outputs"], f"{symbol}.{output}"


def test_the_parameters_azd_fills_in_are_mains_own() -> None:
    filled = set(json.loads((INFRA / "main.parameters.json").read_text())["parameters"])
    declared = parsed("main")["parameters"]
    assert {name for name, parameter in declared.items() if parameter["default"] is None} <= filled <= set(declared)


@pytest.mark.parametrize("face", [False, True])
def test_the_app_starts_with_the_templates_settings(monkeypatch: pytest.MonkeyPatch, face: bool) -> None:
    for name, value in template_settings(face=face).items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.documents == "cosmos"
    assert settings.storage_connection is None
    assert settings.storage_account_url == "https://statm.blob.core.windows.net"
    assert settings.enrolment == "approval"
    assert settings.kiosk_start == "touch"
    assert not settings.local_host


def test_every_setting_of_the_template_is_the_apps_or_the_platforms() -> None:
    ours = {name.upper() for name in Settings.model_fields}
    for name in template_settings(face=True):
        assert name in ours or name.startswith(PLATFORM_PREFIXES), name
        assert name not in NOT_ON_FLEX, f"{name} may not be set on Flex Consumption"


def test_secrets_are_references_and_never_parameters() -> None:
    settings = object_of("appSettings", "app")
    for name, field in Settings.model_fields.items():
        if "SecretStr" in str(field.annotation) and name.upper() in settings:
            assert settings[name.upper()].startswith("'@Microsoft.KeyVault(SecretUri="), name
    assert not re.search(
        r"listKeys|listAccountSas|primaryKey", "".join(text(file.stem) for file in [FILES[0], *MODULES])
    )


def test_the_containers_are_those_of_the_code() -> None:
    assert infra_containers.FILE.read_text() == infra_containers.content(), "run python -m tools"
    assert {entry["id"] for entry in json.loads(infra_containers.content())} == {container.name for container in ALL}
    config = resource("Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers", "cosmos")
    assert config["properties"] == {"resource": "item"}


def test_documents_are_strongly_consistent_in_one_region_and_open_to_identities_only() -> None:
    account = resource("Microsoft.DocumentDB/databaseAccounts", "cosmos")["properties"]
    assert account["consistencyPolicy"] == {"defaultConsistencyLevel": "Strong"}
    assert len(account["locations"]) == 1
    assert account["disableLocalAuth"] is True
    assert variable("databaseName", "cosmos") == Settings.model_fields["cosmos_database"].default


def test_storage_has_no_shared_keys_and_an_audit_container_nobody_can_change() -> None:
    account = resource("Microsoft.Storage/storageAccounts", "storage")["properties"]
    assert account["allowSharedKeyAccess"] is False
    assert account["allowBlobPublicAccess"] is False
    kind = "Microsoft.Storage/storageAccounts/blobServices/containers"
    assert resource(kind, "storage", "audit")["name"] == "audit"
    assert resource(f"{kind}/immutabilityPolicies", "storage")["parent"] == "audit"


def test_every_container_the_code_writes_to_is_made_and_old_recordings_end() -> None:
    written = re.compile(r'^(?:CONTAINER|ANCHORS) = "([a-z-]+)"$', re.MULTILINE)
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "shared").rglob("*.py")]
    used = {name for source in sources for name in written.findall(source)}
    assert "recordings" in used
    assert used <= {*variable("containers", "storage"), "audit"}
    rules = resource("Microsoft.Storage/storageAccounts/managementPolicies", "storage")["properties"]["policy"]["rules"]
    ending = [rule["definition"]["filters"]["prefixMatch"] for rule in rules]
    assert ending == [["recordings/", "thumbnails/"], ["exports/"], ["dead-letters/"]]


def test_the_app_is_python_as_pinned_without_credentials_and_both_groups_are_kept_warm() -> None:
    app = resource("Microsoft.Web/sites", "app")["properties"]
    runtime = app["functionAppConfig"]["runtime"]
    assert runtime == {"name": "python", "version": (ROOT / ".python-version").read_text().strip()}
    warm = app["functionAppConfig"]["scaleAndConcurrency"]["alwaysReady"]
    assert [group["name"] for group in warm] == ["http", "blob"]
    for name in ("noFtp", "noScm"):
        refused = resource("Microsoft.Web/sites/basicPublishingCredentialsPolicies", "app", name)
        assert refused["properties"] == {"allow": False}


ROLES = {
    # Azure's built-in roles by their ids, as Microsoft publishes them, and the only module that may give each.
    ("storage", "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"): "Storage Blob Data Owner",
    ("storage", "974c5e8b-45b9-4653-ba55-5f855dd0fb88"): "Storage Queue Data Contributor",
    ("storage", "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"): "Storage Table Data Contributor",
    ("topic", "ba92f5b4-2d11-453d-a403-e96b0029c9fe"): "Storage Blob Data Contributor",
    ("vault", "4633458b-17de-408a-b874-0445c86b69e6"): "Key Vault Secrets User",
    ("vault", "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"): "Key Vault Secrets Officer",
    ("monitoring", "3913510d-42f4-4e42-8a64-420c390055eb"): "Monitoring Metrics Publisher",
    ("face", "a97b65f3-24c7-4388-baec-2e87135dc908"): "Cognitive Services User",
    ("cosmos", "00000000-0000-0000-0000-000000000002"): "Cosmos DB Built-in Data Contributor",
}


def test_no_other_role_is_given_and_none_beyond_one_resource() -> None:
    identifier = re.compile(r"'([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})'")
    assert {(file.stem, id) for file in FILES for id in identifier.findall(text(file.stem))} == set(ROLES)
    for file in FILES:
        for symbol, entry in parsed(file.stem)["resources"].items():
            if entry["type"] == "Microsoft.Authorization/roleAssignments":
                assert resource(entry["type"], file.stem, symbol)["scope"], f"{file.stem}: {symbol}"


def test_a_bank_starts_careful() -> None:
    defaults = {name: parameter["default"] for name, parameter in parsed("main")["parameters"].items()}
    assert (defaults["enrolment"], defaults["kioskStart"]) == ("approval", "touch")
    assert defaults["alwaysReadyHttp"] >= 1 and defaults["alwaysReadyBlob"] >= 1
    assert defaults["operatorsClientId"] == ""
    filled = json.loads((INFRA / "main.parameters.json").read_text())["parameters"]
    assert filled["enrolment"]["value"] == "${ATM_ENROLMENT=approval}"
    assert filled["kioskStart"]["value"] == "${ATM_KIOSK_START=touch}"


# --- the subscriptions ---


def blob_triggers() -> set[str]:
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "functions").glob("*.py")]
    return {name for source in sources for name in BLOB_TRIGGER.findall(source)}


def test_each_blob_trigger_has_its_subscription() -> None:
    assert blob_triggers() == {entry["function"] for entry in variable("subscriptions", "events")}


def test_the_laptop_plays_the_same_subscriptions() -> None:
    container = "/blobServices/default/containers/"
    cloud = {
        (entry["function"], entry["begins"].removeprefix(container).strip("/"), entry["ends"])
        for entry in variable("subscriptions", "events")
    }
    local = set()
    for subscription in SUBSCRIPTIONS:
        function, _, rule = subscription.partition("=")
        container_name, _, filters = rule.partition(":")
        local.add((function, container_name, filters.rpartition(":")[2]))
    assert cloud == local


def test_each_event_is_posted_to_its_functions_webhook_with_the_extensions_key() -> None:
    subscription = resource("Microsoft.EventGrid/systemTopics/eventSubscriptions", "events")["properties"]
    url = subscription["destination"]["properties"]["endpointUrl"]
    assert url.startswith("https://${app.properties.defaultHostName}/runtime/webhooks/blobs?")
    assert "functionName=Host.Functions.${item.function}&" in url
    assert url.endswith("&code=${listKeys('${app.id}/host/default', '2024-04-01').systemKeys.blobs_extension}")
    assert subscription["filter"]["includedEventTypes"] == ["Microsoft.Storage.BlobCreated"]


# --- what azd runs, and what people look at ---


def test_azd_is_told_of_hooks_that_exist() -> None:
    manifest: dict[str, Any] = yaml.safe_load((ROOT / "azure.yaml").read_text())
    for steps in manifest["hooks"].values():
        assert set(steps) == {"posix", "windows"}
        for step in steps.values():
            assert (ROOT / step["run"].split()[1]).is_file(), step["run"]
    assert (
        object_of("appSettings", "app")["MODELS_PATH"]
        == f"'{manifest['hooks']['prepackage']['posix']['run'].split()[-1]}'"
    )


def test_the_workbook_holds_the_saved_queries() -> None:
    assert infra_workbook.FILE.read_text() == infra_workbook.content(), "run python -m tools"


def test_every_alert_asks_a_saved_query_for_a_column_it_has() -> None:
    for rule in variable("rules", "alerts"):
        name = rule["query"]["function"]["parameters"]["file_path"].removeprefix("../queries/")
        query = (INFRA / "queries" / name).read_text()
        assert re.search(rf"\b{rule['column']} = ", query), rule["name"]
        assert not rule["dimension"] or re.search(rf"by .*\b{rule['dimension']}\b", query), rule["name"]


def test_every_scan_that_is_left_out_says_why() -> None:
    lines = (INFRA / "checkov.yaml").read_text().splitlines()
    left_out = [line for line in lines if line.strip().startswith("- CKV")]
    assert left_out
    assert [line for line in left_out if not re.search(r"# .{8,}", line)] == []


# --- the image ---


def test_the_image_holds_the_package_and_runs_as_nobody_in_particular() -> None:
    lines = (INFRA / "Dockerfile").read_text()
    python = (ROOT / ".python-version").read_text().strip()
    assert f"FROM mcr.microsoft.com/azure-functions/python:4-python{python}\n" in lines
    assert re.search(r"^USER [1-9]\d*$", lines, re.MULTILINE)
    assert "HEALTHCHECK" in lines and "/api/health'" in lines
    assert "--require-hashes" in lines
    assert re.findall(r"^COPY (\S+)", lines, re.MULTILINE) == ["requirements.txt", "."]
