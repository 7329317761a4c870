"""What is to be trained and how: one record, kept beside the weights."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """Shares are of the whole run's time: on a shared machine the clock, not the count of steps, is what there is."""

    seed: int = 20261125
    photos: int = 56  # a batch: photos, of these
    drawings: int = 136  # and drawn shirts, in pairs of one print
    threads: int = 2  # the batch is cut in so many parts
    sides: tuple[tuple[float, int], ...] = ((0.0, 80), (0.5, 96), (0.76, 112), (0.9, 128))  # from this share of the run on
    rate: float = 1.8e-3
    warm_up: float = 0.03
    weight_decay: float = 0.05
    average: float = 0.997  # the moving average of weights that is shipped
    teacher_weight: float = 3.0
    label_weight: float = 1.0
    family_weight: float = 1.5
    pair_weight: float = 1.0
    temperature: float = 0.1  # of the contrast between prints
    sharpness: float = 16.0  # of the classifiers: logits are this times a cosine
    smoothing: float = 0.05
    jitter: float = 0.7
    least_crop: float = 0.85  # of a picture's sides, where the first crop is trained
    middle: float = 0.55  # the share of drawn shirts that are seen by the second crop
    middle_sides: tuple[float, float] = (0.44, 0.68)  # of a drawn shirt's sides, there
