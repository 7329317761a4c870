"""How well does a taste formula find what a person would like? Measured with labels, by hiding members of a class.

A person is played by a label, or by two. They like a few members; all the others are hidden, and a good formula brings
them back. Then they dislike the first wrong answers, as a person does, and are served again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.taste.formulas import PUSH, Floats, Formula, cosines_with, recommend, taste_scores, vector_norms

LIKES: Final = 3
DISLIKES: Final = 3
SERVED: Final = 10


@dataclass(frozen=True, slots=True)
class TasteFigures:
    """Means over people; each a share of the `SERVED` items served.

    one: right, for a person of one label; two: right (of either label), for a person of two; both: twice the share of the
    label served less, so 1 when both get half; *_after: the same after disliking the first wrong answers.
    """

    one: float
    one_after: float
    two: float
    two_after: float
    both: float
    both_after: float


@dataclass(frozen=True, slots=True)
class Person:
    """Whose taste is played: what they like, and the labels they want."""

    liked: tuple[int, ...]
    wanted: tuple[str, ...]


def people(labels: Sequence[str], rounds: int, seed: int) -> list[Person]:
    """`rounds` people of each label, and as many of pairs of labels; "" is no label.

    Labels with fewer than LIKES + SERVED members are left out: not enough would stay hidden.
    """
    rng = np.random.default_rng(seed)
    members: dict[str, list[int]] = {}
    for row, label in enumerate(labels):
        members.setdefault(label, []).append(row)
    usable = sorted(label for label, rows in members.items() if label and len(rows) >= LIKES + SERVED)
    if len(usable) < 2:
        raise ValueError(f"Two labels with at least {LIKES + SERVED} items each are needed; there are {len(usable)}.")
    players = []
    for _round in range(rounds):
        others = rng.permutation(len(usable))
        for position, label in enumerate(usable):
            other = usable[others[position]] if others[position] != position else usable[(position + 1) % len(usable)]
            for wanted in ((label,), (label, other)):
                liked = [int(row) for name in wanted for row in rng.choice(members[name], LIKES, replace=False)]
                players.append(Person(tuple(liked), wanted))
    return players


def measure_taste(
    vectors: Floats, labels: Sequence[str], formula: Formula, push: float = PUSH, *, rounds: int = 20, seed: int = 0
) -> TasteFigures:
    """Play `people` against one formula. vectors: float32 (n, d); labels: n of them, by row."""
    norms = vector_norms(vectors)
    names = np.asarray(labels)
    sums: dict[tuple[int, str], list[float]] = {}
    for person in people(labels, rounds, seed):
        served = _serve(vectors, norms, person.liked, (), formula, push)
        wrong = [row for row in served.tolist() if labels[row] not in person.wanted][:DISLIKES]
        again = _serve(vectors, norms, person.liked, wrong, formula, push) if wrong else served
        for when, rows in (("", served), ("_after", again)):
            shares = [float((names[rows] == label).mean()) for label in person.wanted]
            sums.setdefault((len(shares), when), []).append(sum(shares))
            if len(shares) == 2:
                sums.setdefault((0, when), []).append(2 * min(shares))
    means: Mapping[tuple[int, str], float] = {key: float(np.mean(values)) for key, values in sums.items()}
    return TasteFigures(
        one=means[1, ""],
        one_after=means[1, "_after"],
        two=means[2, ""],
        two_after=means[2, "_after"],
        both=means[0, ""],
        both_after=means[0, "_after"],
    )


def _serve(
    vectors: Floats, norms: Floats, liked: Sequence[int], disliked: Sequence[int], formula: Formula, push: float
) -> NDArray[np.int32]:
    cosines = cosines_with(vectors, norms, [*liked, *disliked])
    scores = taste_scores(cosines[: len(liked)], cosines[len(liked) :], formula, push)
    return recommend(scores, SERVED, barred={*liked, *disliked})
