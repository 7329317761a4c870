"""What a region of the map is called."""

from catalog.map.region_names import ItemText, name_regions, title_words


def region(*titles: str, category: str = "") -> list[ItemText]:
    return [ItemText(title, category) for title in titles]


def test_by_the_word_that_sets_it_apart() -> None:
    dogs = region("Happy dog tee", "Dog in a hat tee", "Sad dog tee")
    cats = region("Happy cat tee", "Cat on a mat tee", "Cat nap tee", "Blue tee")
    assert name_regions([dogs, cats]) == ["Dog", "Cat"]


def test_two_words_that_are_as_common_share_the_name() -> None:
    assert name_regions([region("Space rocket", "Space rocket"), region("Plain", "Grey")])[0] == "Rocket, space"


def test_a_category_of_most_comes_first() -> None:
    parts = [region("Dog one", "Dog two", category="Animals"), region("Dots", "Stripes", category="Patterns")]
    assert name_regions(parts) == ["Animals", "Patterns"]


def test_the_only_category_names_nothing() -> None:
    parts = [region("Dog a", "Dog b", category="Shirts"), region("Cat a", "Cat b", category="Shirts")]
    assert name_regions(parts) == ["Dog", "Cat"]


def test_two_categories_that_are_most_of_a_region_share_the_name() -> None:
    cats, bears, dots = (region("a", "b", category=category) for category in ("Cats", "Bears", "Dots"))
    fish = region("one fish", "two fish", category="Fish")
    assert name_regions([[*cats, *bears, *fish[:1]], [*dots, *dots], fish]) == ["Cats, Bears", "Dots", "Fish"]


def test_two_categories_name_nothing_where_there_are_no_others() -> None:
    mixed = [*region("Dog a", "Dog b", category="Dogs"), *region("Cat a", "Cat b", category="Cats")]
    assert name_regions([mixed]) == [""]


def test_the_larger_region_keeps_the_name() -> None:
    parts = [region(*["x"] * 2, category="Dogs"), region(*["y"] * 3, category="Dogs"), region(*["z"] * 4, category="Cats")]
    assert name_regions(parts) == ["", "Dogs", "Cats"]


def test_untitled_items_leave_it_unnamed() -> None:
    assert name_regions([region("", ""), []]) == ["", ""]


def test_words_of_any_script_but_no_numbers() -> None:
    assert title_words("Футболка «Кот» №12, ёлка 3XL xl") == ["футболка", "кот", "ёлка"]


def test_words_that_only_join_others_name_nothing() -> None:
    assert title_words("Cats and dogs for you, рубашка для вас") == ["cats", "dogs", "рубашка"]


def in_colours(*colours: str) -> list[ItemText]:
    return [ItemText("", "", colour) for colour in colours]


def test_without_titles_colours_name_it_and_no_name_comes_twice() -> None:
    parts = [
        in_colours("red", "red", "red", "blue", "black"),
        in_colours("red", "red", "blue", "black"),
        in_colours("red", "red", "red"),
        in_colours("red", "red"),
    ]
    assert name_regions(parts) == ["Red", "Red, blue", "Red 2", "Red 3"]


def test_words_come_before_colours() -> None:
    dogs = [ItemText("Dog", "", "red"), ItemText("Dog", "", "red")]
    cats = [ItemText("Cat", "", "red"), ItemText("Cat", "", "red")]
    assert name_regions([dogs, cats]) == ["Dog", "Cat"]
