"""The taste as a value: judging, forgetting, packing, fitting."""

import json

from django.core import signing

from catalog.taste.likes import MAX_JUDGED, Taste, parse, unpack

LONGEST = [f"{number:03}".ljust(64, "x") for number in range(MAX_JUDGED)]


def test_judging_again_replaces_what_was_said_and_counts_as_the_newest() -> None:
    mine = Taste().judge("a", "like").judge("b", "like").judge("a", "dislike")
    assert mine.judged == (("b", "like"), ("a", "dislike"))
    assert (mine.liked, mine.disliked) == (("b",), ("a",))


def test_undo_takes_back_the_last_judgement_only() -> None:
    assert Taste().judge("a", "like").judge("b", "dislike").undo() == Taste().judge("a", "like")
    assert Taste().undo() == Taste()


def test_pack_and_unpack_agree() -> None:
    mine = Taste().judge("a-1", "like").judge("-b", "dislike").judge("+", "like").forget("+")
    assert unpack(mine.pack()) == mine


def test_an_address_says_the_same_taste() -> None:
    mine = Taste().judge("a", "like").judge("b.2", "like").judge("c", "dislike")
    assert mine.query_string() == "like=a,b.2&dislike=c"
    assert parse("a,b.2", "c") == mine


def test_rubbish_in_a_session_or_an_address_counts_for_nothing() -> None:
    assert unpack({"a": 1}) == unpack(["", "a", "*b", 7, "+../etc"]) == Taste()
    assert parse("../x,,a b,ok", "") == Taste().judge("ok", "like")


def test_an_item_in_both_lists_of_an_address_is_disliked() -> None:
    assert parse("a", "a") == Taste().judge("a", "dislike")


def test_the_oldest_go_when_there_are_too_many() -> None:
    mine = Taste(tuple((f"i{number}", "like") for number in range(MAX_JUDGED + 3))).fitted()
    assert len(mine) == MAX_JUDGED
    assert mine.judged[0] == ("i3", "like")


def test_the_longest_ids_still_fit_a_signed_cookie() -> None:
    mine = Taste(tuple((item_id, "dislike") for item_id in LONGEST)).fitted()
    assert 30 < len(mine) < MAX_JUDGED
    assert mine.judged[-1][0] == LONGEST[-1]
    cookie = signing.dumps({"taste": mine.pack(), "_language": "ru"}, compress=False)
    assert len(json.dumps(mine.pack())) > 2_000
    assert len(cookie) < 3_600
