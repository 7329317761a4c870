"""What is learned from a catalogue, and that it is judged by products that it has not seen."""

from dataclasses import replace

import numpy as np
import pytest

from indexing.errors import EvaluationError
from indexing.evaluation.bootstrap import Interval
from indexing.heads.learning import (
    LEAST_GAIN,
    LEAST_PRODUCTS,
    Comparison,
    compare,
    fit_head,
    learned_categories,
    precision,
    product_groups,
    sampled,
    with_products_labels,
)
from tests.indexing.heads.synthetic import vectors

LABELS = np.array(["bags", "belts", "boots", "caps"] * 30)
ALONE = np.arange(len(LABELS))
NAMES = ("bags", "belts", "boots", "caps")


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Of four categories that can be told apart, and of one that is too small to be learned."""
    labels = np.array([*LABELS, *["scarves"] * 5])
    return compare(vectors(labels.tolist()), labels, np.arange(125), NAMES, "abc")


def test_a_category_that_vectors_tell_is_learned(comparison: Comparison) -> None:
    assert comparison.wins
    assert comparison.after > comparison.before + 0.1


def test_small_categories_are_searched_too(comparison: Comparison) -> None:
    scores = [(score.name, score.products, score.learned) for score in comparison.categories]
    assert scores == [*((name, 30, True) for name in NAMES), ("scarves", 5, False)]
    assert comparison.products == 125


def test_random_labels_teach_nothing() -> None:
    labels = np.random.default_rng(1).permutation(LABELS)
    assert not compare(vectors(LABELS.tolist()), labels, ALONE, NAMES, "abc").wins


def test_a_gain_within_the_margin_is_none(comparison: Comparison) -> None:
    just = replace(comparison, intervals={**comparison.intervals, "gain": Interval(LEAST_GAIN, 0.2)})
    assert not just.wins
    assert replace(comparison, intervals={"gain": Interval(LEAST_GAIN + 1e-9, 0.2)}).wins


def test_copies_are_never_on_both_sides() -> None:
    """Twelve pictures of each product, random labels: a head that saw some of them would know the label of the others."""
    products = np.repeat(np.arange(40), 12)
    labels = np.array(NAMES)[np.random.default_rng(5).integers(0, 4, 40)][products]
    pictures = vectors([f"{number:02}" for number in products], signal=20)
    honest = compare(pictures, labels, products, NAMES, "abc")
    assert honest.products == 40
    assert not honest.wins
    cheating = compare(pictures, labels, np.arange(len(products)), NAMES, "abc")
    assert cheating.after > 0.9


def test_variants_and_copies_are_one_product() -> None:
    """0, 1 by their group_id; 1, 2 by their looks: so 0, 2, too. 3 is alone, 4 and 5 are one group."""
    groups = product_groups(["x", "x", "", "", "y", "y"], np.array([0, 1, 1, 2, 3, 4], np.int32)).tolist()
    assert groups[0] == groups[1] == groups[2] != groups[3]
    assert groups[3] != groups[4] == groups[5]
    assert len(set(product_groups(["", "", "z"], None).tolist())) == 3


def test_a_variant_without_a_category_has_its_products() -> None:
    labels = with_products_labels(np.array(["bags", "", "belts", "belts", "", ""]), np.array([0, 0, 1, 1, 1, 2]))
    assert labels.tolist() == ["bags", "bags", "belts", "belts", "belts", ""]


def test_a_category_is_as_large_as_its_products_are_many() -> None:
    labels = np.array(["bags"] * LEAST_PRODUCTS + ["belts"] * LEAST_PRODUCTS + ["caps"] * 50)
    groups = np.concatenate([np.arange(2 * LEAST_PRODUCTS), np.full(50, 999)])  # fifty pictures of one cap
    assert learned_categories(labels, groups) == ("bags", "belts")


def test_too_little_to_learn_is_one_line() -> None:
    labels = np.array(["bags"] * LEAST_PRODUCTS + ["belts"] * (LEAST_PRODUCTS - 1))
    with pytest.raises(EvaluationError, match=r"at least two categories need 12 products each, and 1 of 2 has as many"):
        learned_categories(labels, np.arange(len(labels)))


def test_two_categories_have_two_logits() -> None:
    labels = np.array(["bags", "belts"] * 20)
    own = vectors(labels.tolist())
    head = fit_head(own, labels, ("bags", "belts"), "abc")
    chosen = head.applied(own)[:, -2:].argmax(axis=1)
    assert head.categories == ("bags", "belts")
    assert (chosen == np.array([0, 1] * 20)).mean() > 0.9
    assert fit_head(own, labels, ("bags", "belts"), "abc").digest == head.digest


def test_many_items_are_sampled_by_whole_products() -> None:
    labels, groups = np.array(["bags"] * 90 + [""] * 10), np.repeat(np.arange(20), 5)
    rows = sampled(labels, groups, most=30)
    assert rows.tolist() == sampled(labels, groups, most=30).tolist()
    assert len(rows) == 30
    assert all(count == 5 for count in np.bincount(groups[rows]) if count)
    assert sampled(labels, groups, most=90).tolist() == list(range(90))


def test_precision_is_evaluate_indexs() -> None:
    """Two tight pairs of one label and seven far ones of another: of a's five nearest one is its own kind, and so on."""
    angles = np.array([0.0, 0.01, 1.0, 1.01, 1.02, 1.03, 1.04])
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    labels = np.array(["a", "a", "b", "b", "b", "b", "b"])
    assert precision(points, labels).tolist() == [0.2, 0.2, 0.8, 0.8, 0.8, 0.8, 0.8]
