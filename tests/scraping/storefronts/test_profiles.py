from pathlib import Path

import pytest

from scraping.errors import ProfileError
from scraping.storefronts.profiles import Selector, load_profile

URL = 'url = "https://s.example/shirts/"\n'


def profile(folder: Path, text: str) -> Path:
    path = folder / "shop.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_profile(tmp_path: Path) -> None:
    text = URL + 'currency = "SEK"\ndelay = 1\nid_pattern = "_(\\\\d+)"\n'
    text += '[select]\ncard = ".k"\nimage = "img@data-big"\nid = "@data-sku"\n'
    read = load_profile(profile(tmp_path, text))
    assert (read.url, read.currency, read.delay) == ("https://s.example/shirts/", "SEK", 1.0)
    assert read.select == {"card": Selector(".k"), "image": Selector("img", "data-big"), "id": Selector("", "data-sku")}
    assert read.id_pattern is not None
    assert read.id_pattern.pattern == r"_(\d+)"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("url = ", "not TOML"),
        ("", "give a whole URL"),
        ('url = "s.example"', "give a whole URL"),
        ('url = "https://me:secret@s.example/"', "password"),
        (URL + 'colour = "red"', "colour is not a key"),
        (URL + "currency = 7", "currency must be a string"),
        (URL + 'currency = "euro"', "ISO 4217"),
        (URL + "delay = -1", "delay must be"),
        (URL + 'id_prefix = "a/b"', "id_prefix"),
        (URL + 'id_pattern = "("', "no regular expression"),
        (URL + "select = 1", "table"),
        (URL + '[select]\nbutton = "a"', "select.button is not a key"),
        (URL + '[select]\ncard = "..k"', "no CSS selector"),
    ],
)
def test_a_broken_profile_is_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ProfileError, match=told) as caught:
        load_profile(profile(tmp_path, text))
    assert "shop.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_profile(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="There is no profile"):
        load_profile(tmp_path / "none.toml")
