"""Scores as tables for people and as plain values for JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from indexing.evaluation.bootstrap import Interval
from indexing.evaluation.hubs import Hubness, K
from indexing.evaluation.pair_scores import PairScores
from indexing.evaluation.ranking_scores import MAP, MRR, NDCG
from indexing.evaluation.scores import Evaluation, Scores
from indexing.nearest.metrics import Metric


def table(evaluation: Evaluation) -> str:
    """Overall scores by metric with chance under them, what of it is certain, then P@k for the largest k by label."""
    metrics = tuple(evaluation.overall)
    first = evaluation.overall[metrics[0]]
    columns = [f"P@{k}" for k in first.precision] + ["mAP@10"]
    lines = [_line("", columns)]
    for metric in metrics:
        scores = evaluation.overall[metric]
        lines.append(_line(metric, [f"{value:.3f}" for value in (*scores.precision.values(), scores.mean_ap)]))
    lines.append(_line("chance", [f"{first.chance_precision:.3f}"] * len(first.precision) + [f"{first.chance_mean_ap:.3f}"]))
    lines += ["", _line("ranks", [MRR, NDCG])]
    for metric in metrics:
        scores = evaluation.overall[metric]
        lines.append(_line(f"  {metric}", [f"{scores.mean_rr:.3f}", f"{scores.ndcg:.3f}"]))
    lines.append(_line("  chance", [f"{first.chance_mean_rr:.3f}", f"{first.chance_ndcg:.3f}"]))
    lines += _interval_lines({metric: evaluation.overall[metric].intervals for metric in metrics})
    k = max(first.precision)
    lines += ["", _line(f"P@{k} by label", [*metrics, "chance", "queries"])]
    for label, scores in evaluation.by_label[metrics[0]].items():
        shares = [f"{evaluation.by_label[metric][label].precision[k]:.3f}" for metric in metrics]
        lines.append(_line(label, [*shares, f"{scores.chance_precision:.3f}", str(scores.queries)]))
    lines += [
        "",
        f"{evaluation.queries} queries among {evaluation.items} labelled items; {evaluation.unlabelled} unlabelled left out.",
    ]
    lines += _missing(evaluation.missing, "labelled")
    return "\n".join(lines)


def pairs_table(pairs: PairScores) -> str:
    """Hits by metric, with chance under them."""
    lines = [_line("", [f"hit@{k}" for k in pairs.chance])]
    lines += [_line(metric, [f"{share:.3f}" for share in hits.values()]) for metric, hits in pairs.hits.items()]
    lines += [_line("chance", [f"{share:.3f}" for share in pairs.chance.values()]), "", f"{pairs.queries} pairs."]
    lines += _missing(pairs.missing, "paired")
    lines += ["", _line("ranks", [MRR])]
    lines += [_line(f"  {metric}", [f"{value:.3f}"]) for metric, value in pairs.mean_rr.items()]
    lines += _interval_lines(pairs.intervals)
    return "\n".join(lines)


def hubs_table(hubs: Mapping[Metric, Hubness], neighbours: Mapping[str, Any] | None = None) -> str:
    """How unevenly items stand in the answers, by metric; neighbours: the manifest's record of how those were found."""
    lines = [_line(f"hubs (first {K})", ["skewness", "largest", "in none"]) + "  item"]
    for metric, hub in hubs.items():
        lines.append(_line(metric, [f"{hub.skewness:.2f}", str(hub.largest), f"{hub.absent:.3f}"]) + f"  {hub.item_id}")
    if neighbours and "recall" in neighbours:
        recall = ", ".join(f"{metric} {share:.4f}" for metric, share in neighbours["recall"].items())
        lines.append(f"Counted in approximate neighbours, recall@{neighbours['k']}: {recall}. All other scores are exact.")
    return "\n".join(lines)


def as_json(
    evaluation: Evaluation | None,
    pairs: PairScores | None,
    hubs: Mapping[Metric, Hubness] | None = None,
    neighbours: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """All as plain values for `json.dumps`; what was not asked for is left out."""
    answer: dict[str, Any] = {}
    if hubs:
        answer["hubs"] = {metric: {"k": K, **asdict(hub)} for metric, hub in hubs.items()}
    if neighbours:
        answer["neighbours"] = dict(neighbours)
    if evaluation is not None:
        answer["labels"] = {
            "items": evaluation.items,
            "queries": evaluation.queries,
            "unlabelled": evaluation.unlabelled,
            "missing": list(evaluation.missing),
            "overall": {metric: _plain(scores) for metric, scores in evaluation.overall.items()},
            "by_label": {
                metric: {label: _plain(scores) for label, scores in labels.items()}
                for metric, labels in evaluation.by_label.items()
            },
        }
    if pairs is not None:
        answer["pairs"] = {
            "queries": pairs.queries,
            "missing": list(pairs.missing),
            "hits": {metric: _hits(hits) for metric, hits in pairs.hits.items()},
            "MRR@10": dict(pairs.mean_rr),
            "intervals": {metric: _plain_intervals(intervals) for metric, intervals in pairs.intervals.items()},
            "chance": _hits(pairs.chance),
        }
    return answer


def _line(name: str, cells: list[str], width: int = 11) -> str:
    return f"{name:<20.20}" + "".join(f"{cell:>{width}}" for cell in cells)


def _missing(missing: tuple[str, ...], what: str) -> list[str]:
    if not missing:
        return []
    shown = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
    return [f"Of the {what} ids, {len(missing)} have no vector in the index: {shown}"]


def _plain(scores: Scores) -> dict[str, Any]:
    precision = {f"P@{k}": value for k, value in scores.precision.items()}
    ranks = {MAP: scores.mean_ap, MRR: scores.mean_rr, NDCG: scores.ndcg}
    chance = {
        "chance P": scores.chance_precision,
        f"chance {MAP}": scores.chance_mean_ap,
        f"chance {MRR}": scores.chance_mean_rr,
        f"chance {NDCG}": scores.chance_ndcg,
    }
    intervals = {"intervals": _plain_intervals(scores.intervals)} if scores.intervals else {}
    return {"queries": scores.queries, **precision, **ranks, **chance, **intervals}


def _plain_intervals(intervals: Mapping[str, Interval]) -> dict[str, list[float]]:
    return {name: list(interval) for name, interval in intervals.items()}


def _interval_lines(intervals: Mapping[Metric, Mapping[str, Interval]]) -> list[str]:
    """What 95 of 100 other draws of queries would give, by metric."""
    names = list(next(iter(intervals.values())))
    lines = ["", _line("95 % intervals", names, 13)]
    for metric, of_metric in intervals.items():
        lines.append(_line(f"  {metric}", [f"{low:.3f}–{high:.3f}" for low, high in of_metric.values()], 13))
    return lines


def _hits(hits: Mapping[int, float]) -> dict[str, float]:
    return {f"hit@{k}": share for k, share in hits.items()}
