"""All pages of a query, as one."""

from collections.abc import Iterator
from dataclasses import replace

from shared.ports import Document, Documents, Query


def every(documents: Documents, query: Query) -> Iterator[Document]:
    """Each document the query finds, page after page of `query.limit`; what is deleted on the way loses none.

    Raises Unavailable.
    """
    while True:
        page = documents.query(query)
        yield from page.items
        if page.cursor is None:
            return
        query = replace(query, cursor=page.cursor)
