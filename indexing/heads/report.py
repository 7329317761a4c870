"""What `learn_head` prints."""

from indexing.evaluation.bootstrap import Interval
from indexing.heads.learning import FOLDS, LEAST_PRODUCTS, Comparison


def comparison_table(comparison: Comparison) -> str:
    """P@5 by category, before and after, the largest category first; the means over all products last."""
    rows = sorted(comparison.categories, key=lambda score: (-score.products, score.name))
    width = max(len("all products"), *(len(score.name) for score in rows))
    lines = [f"{'category':<{width}}{'products':>10}{'before':>9}{'after':>9}"]
    lines += [
        f"{score.name:<{width}}{score.products:>10}{score.before:>9.3f}{score.after:>9.3f}"
        + ("" if score.learned else "  too few to learn")
        for score in rows
    ]
    lines += [
        f"{'all products':<{width}}{comparison.products:>10}{comparison.before:>9.3f}{comparison.after:>9.3f}",
        f"{'95 % interval':<{width}}{'':>10}{_ends(comparison.intervals['before'])}  {_ends(comparison.intervals['after'])}",
        "",
        f"P@5 by cosine: the share of the five nearest with the same category. In {FOLDS} parts, each searched by itself with",
        f"the head that the others taught. Categories of fewer than {LEAST_PRODUCTS} products are searched, not learned.",
    ]
    return "\n".join(lines)


def verdict(comparison: Comparison) -> str:
    """Whether the learned head is kept, and why."""
    gain = comparison.after - comparison.before
    ends = f"{gain:+.3f}, 95 % interval {comparison.gain.low:+.3f} to {comparison.gain.high:+.3f}"
    if comparison.wins:
        return f"The learned head is better: {ends}."
    return f"The learned head is not better by more than chance: {ends}. What builds use stays as it was."


def _ends(interval: Interval) -> str:
    return f"{interval.low:.3f}-{interval.high:.3f}"
