"""Showing scores: a table for people, plain values for JSON, a plot."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from indexing.evaluation.scores import Evaluation, EvaluationError, PairScores, Scores
from indexing.nearest.metrics import Metric


def table(evaluation: Evaluation) -> str:
    """Overall scores by metric with chance under them, then P@k under the first precision asked for, by label."""
    metrics = tuple(evaluation.overall)
    first = evaluation.overall[metrics[0]]
    columns = [f"P@{k}" for k in first.precision] + ["mAP@10"]
    lines = [_line("", columns)]
    for metric in metrics:
        scores = evaluation.overall[metric]
        lines.append(_line(metric, [f"{value:.3f}" for value in (*scores.precision.values(), scores.mean_ap)]))
    lines.append(_line("chance", [f"{first.chance_precision:.3f}"] * len(first.precision) + [f"{first.chance_mean_ap:.3f}"]))
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
    return "\n".join(lines)


def as_json(evaluation: Evaluation | None, pairs: PairScores | None) -> dict[str, Any]:
    """Both as plain values for `json.dumps`; what was not asked for is left out."""
    answer: dict[str, Any] = {}
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
            "chance": _hits(pairs.chance),
        }
    return answer


def plot(evaluation: Evaluation, path: Path, title: str) -> None:
    """Draw P@k by label under each metric, chance beside, to `path` (.svg or .png). Raises EvaluationError."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise EvaluationError("--plot needs matplotlib: `pip install matplotlib`, or leave --plot out.") from error
    metrics = tuple(evaluation.overall)
    k = max(evaluation.overall[metrics[0]].precision)
    labels = list(evaluation.by_label[metrics[0]])
    rows: list[Mapping[Metric, Scores]] = [evaluation.overall]
    rows += [{metric: evaluation.by_label[metric][label] for metric in metrics} for label in labels]
    figure = Figure(figsize=(7, 1 + 0.42 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    height = 0.8 / len(metrics)
    for position, metric in enumerate(metrics):
        centres = [line + (position - (len(metrics) - 1) / 2) * height for line in range(len(rows))]
        axes.barh(centres, [row[metric].precision[k] for row in rows], height, label=metric)
    for line, row in enumerate(rows):
        chance = row[metrics[0]].chance_precision
        axes.plot([chance, chance], [line - 0.45, line + 0.45], color="black", label="chance" if line == 0 else None)
    axes.set(yticks=range(len(rows)), yticklabels=["all", *labels], xlim=(0, 1), xlabel=f"P@{k}", title=title)
    axes.invert_yaxis()
    axes.legend(loc="lower right")
    try:
        figure.savefig(path, dpi=100)
    except (OSError, ValueError) as error:
        raise EvaluationError(f"The plot cannot be written to {path}: {error}") from error


def _line(name: str, cells: list[str]) -> str:
    return f"{name:<20.20}" + "".join(f"{cell:>11}" for cell in cells)


def _missing(missing: tuple[str, ...], what: str) -> list[str]:
    if not missing:
        return []
    shown = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
    return [f"Of the {what} ids, {len(missing)} have no vector in the index: {shown}"]


def _plain(scores: Scores) -> dict[str, float]:
    precision = {f"P@{k}": value for k, value in scores.precision.items()}
    chance = {"chance P": scores.chance_precision, "chance mAP@10": scores.chance_mean_ap}
    return {"queries": scores.queries, **precision, "mAP@10": scores.mean_ap, **chance}


def _hits(hits: Mapping[int, float]) -> dict[str, float]:
    return {f"hit@{k}": share for k, share in hits.items()}
