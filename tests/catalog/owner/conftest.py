"""An owner who is logged in, and a small shop."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.owner.rules import forget_rules
from tests.catalog.builders import add_items, write_index


@pytest.fixture(autouse=True)
def fresh_rules() -> None:
    """No rule of another test is remembered."""
    forget_rules()


@pytest.fixture
def shop(db: None) -> None:
    """Items a to f with an index."""
    write_index()
    add_items()


@pytest.fixture
def owner(shop: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("owner", password="a long password"))
    return client
