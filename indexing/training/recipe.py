"""What is to be trained and how: one record, kept beside the weights."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """Shares are of the whole run's time: on a shared machine the clock, not the count of steps, is what there is."""

    seed: int = 20261123
    photos: int = 96  # a batch: photos, of these
    drawings: int = 64  # and drawn shirts, in pairs of one print
    threads: int = 2  # the batch is cut in so many parts
    sides: tuple[tuple[float, int], ...] = ((0.0, 80), (0.4, 96), (0.75, 112), (0.92, 128))  # from this share of the run on
    rate: float = 2e-3
    warm_up: float = 0.03
    weight_decay: float = 0.05
    average: float = 0.998  # the moving average of weights that is shipped
    teacher_weight: float = 3.0
    label_weight: float = 1.0
    family_weight: float = 0.6
    pair_weight: float = 0.5
    temperature: float = 0.1  # of the contrast between prints
    sharpness: float = 14.0  # of the classifiers: logits are this times a cosine
    smoothing: float = 0.1
    jitter: float = 0.7
    least_crop: float = 0.8
    tuning_until: float = 0.7  # ids ending in 9 are kept out up to here, to judge by; those ending in 0 always
