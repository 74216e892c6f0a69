"""Who this process is towards Azure: its managed identity, or the developer's own sign-in."""

from azure.core.credentials import TokenCredential
from azure.identity import DefaultAzureCredential


def azure_identity() -> TokenCredential:
    return DefaultAzureCredential(exclude_interactive_browser_credential=True)
