"""What is to be trained and how: one record, kept beside the weights."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """Shares are of the whole run's time: on a shared machine the clock, not the count of steps, is what there is."""

    seed: int = 20261123
    photos: int = 64  # a batch: photos, of these
    drawings: int = 96  # and drawn shirts, in pairs of one print
    threads: int = 2  # the batch is cut in so many parts
    sides: tuple[tuple[float, int], ...] = ((0.0, 80), (0.4, 96), (0.78, 112), (0.92, 128))  # from this share of the run on
    rate: float = 2e-3
    warm_up: float = 0.03
    weight_decay: float = 0.05
    average: float = 0.996  # the moving average of weights that is shipped
    teacher_weight: float = 3.0
    label_weight: float = 1.0
    family_weight: float = 1.0
    pair_weight: float = 1.0
    temperature: float = 0.1  # of the contrast between prints
    sharpness: float = 14.0  # of the classifiers: logits are this times a cosine
    smoothing: float = 0.1
    jitter: float = 0.7
    least_crop: float = 0.8  # of a photo's sides
    least_zoom: float = 0.55  # of a drawn shirt's: about its chest, so that small training pictures show prints as large
