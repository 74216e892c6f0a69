"""Writes every file that is made from the code: `python -m tools`. Tests say when one is stale."""

from tools import configuration_docs, infra_containers, infra_workbook, scaling_docs

for made in (configuration_docs, infra_containers, infra_workbook, scaling_docs):
    before = made.FILE.read_text(encoding="utf-8") if made.FILE.is_file() else None
    made.FILE.write_text(made.content(), encoding="utf-8")
    print(f"{made.FILE.name}: {'as it was' if made.content() == before else 'written'}")
