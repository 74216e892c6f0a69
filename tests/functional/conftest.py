from tests.functional.storage import azurite, cosmos

__all__ = ["azurite", "cosmos"]
