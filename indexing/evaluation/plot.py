"""A plot of scores by label."""

from collections.abc import Mapping
from pathlib import Path

from indexing.errors import EvaluationError
from indexing.evaluation.scores import Evaluation, Scores
from indexing.nearest.metrics import Metric


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
