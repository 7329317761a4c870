"""What training asks for, and in which direction that is."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from indexing.networks.compact import UNITS
from training.augment import jitter
from training.data import Sampler
from training.model import GraphModel, as_tensor


class Heads(nn.Module):
    """Classifiers that only training needs: a direction for each label and each family of prints."""

    def __init__(self, labels: int, families: int) -> None:
        super().__init__()
        self.labels = nn.Parameter(torch.randn(labels, UNITS) * 0.05)
        self.families = nn.Parameter(torch.randn(families, UNITS) * 0.05)


def contrast(vectors: Tensor, classes: Tensor, temperature: float) -> Tensor:
    """Supervised contrast (Khosla et al., 2020): shirts of one class near each other, away from the others. Unit vectors."""
    same = classes[:, None] == classes[None, :]
    itself = torch.eye(len(classes), dtype=torch.bool)
    logits = (vectors @ vectors.t() / temperature).masked_fill(itself, -1e4)
    shares = logits.log_softmax(1)
    positive = same & ~itself
    return -((shares * positive).sum(1) / positive.sum(1).clamp(min=1)).mean()


def gradients(
    model: GraphModel, heads: Heads, sampler: Sampler, rng: np.random.Generator
) -> tuple[tuple[Tensor, ...], dict[str, float]]:
    """The slopes of one part's loss, of the model's parameters, then the heads'; and the losses by name."""
    recipe, photos, drawings = sampler.recipe, sampler.photos, sampler.drawings
    views, rows, drawn = sampler.draw(rng)
    inputs = as_tensor(jitter(views, recipe.jitter, rng))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        outputs = model(inputs)
    vectors = functional.normalize(outputs.float())
    photo, shirt = vectors[: len(rows)], vectors[len(rows) :]
    losses = {"teacher": (1 - functional.cosine_similarity(photo, photos.targets[rows])).mean()}
    classes = torch.from_numpy(photos.classes[rows % len(photos.ids)])
    known = classes >= 0
    logits = recipe.sharpness * photo[known] @ functional.normalize(heads.labels).t()
    losses["label"] = functional.cross_entropy(logits, classes[known], label_smoothing=recipe.smoothing)
    families = torch.from_numpy(drawings.classes[drawn])
    logits = recipe.sharpness * shirt @ functional.normalize(heads.families[: len(drawings.names)]).t()
    losses["family"] = functional.cross_entropy(logits, families, label_smoothing=recipe.smoothing)
    losses["pair"] = contrast(shirt, families, recipe.temperature)
    total = (
        recipe.teacher_weight * losses["teacher"]
        + recipe.label_weight * losses["label"]
        + recipe.family_weight * losses["family"]
        + recipe.pair_weight * losses["pair"]
    )
    slopes = torch.autograd.grad(total, [*model.parameters(), *heads.parameters()])
    return slopes, {name: float(loss.detach()) for name, loss in losses.items()}
