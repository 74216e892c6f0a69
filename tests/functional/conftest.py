from tests.functional.storage import azurite

__all__ = ["azurite"]
