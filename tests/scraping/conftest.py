from collections.abc import Iterator

import pytest

from tests.scraping.local_shop import LocalShop, local_shop


@pytest.fixture
def shop() -> Iterator[LocalShop]:
    with local_shop() as running:
        yield running
