"""Who this process is towards Azure: its managed identity, or the developer's own sign-in."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


def azure_identity() -> "TokenCredential":
    # A third of what importing the app would take, and no local process ever needs it.
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential(exclude_interactive_browser_credential=True)
