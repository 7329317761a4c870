"""The cuts: outlines of a T-shirt's parts in shirt units.

Shirt units: x from -1 to 1, left to right as seen, 0 at the centre front; y from -1 (top) to 1 (bottom).
Each part is a polygon, float32 (points, 2).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
Point = tuple[float, float]


@dataclass(frozen=True)
class Cut:
    """Half of a symmetric shirt, by its corner points (the right half as seen)."""

    neck: Point = (0.205, -0.79)
    neck_front: float = -0.60
    neck_back: float = -0.755
    v_neck: bool = False
    shoulder: Point = (0.585, -0.675)
    cuff_out: Point = (0.955, -0.225)
    cuff_in: Point = (0.745, -0.06)
    armpit: Point = (0.535, -0.315)
    waist: float = 0.525
    hem: Point = (0.55, 0.87)
    hem_drop: float = 0.035
    rib: float = 0.05
    raglan: bool = False
    two_tone: bool = False
    cuffed: bool = False


CUTS: dict[str, Cut] = {
    "regular": Cut(),
    "slim": Cut(
        neck=(0.195, -0.79),
        shoulder=(0.52, -0.69),
        cuff_out=(0.83, -0.285),
        cuff_in=(0.65, -0.155),
        armpit=(0.475, -0.34),
        waist=0.435,
        hem=(0.47, 0.88),
    ),
    "boxy": Cut(
        neck=(0.20, -0.77),
        shoulder=(0.65, -0.63),
        cuff_out=(0.985, -0.11),
        cuff_in=(0.78, 0.03),
        armpit=(0.60, -0.21),
        waist=0.605,
        hem=(0.61, 0.79),
        rib=0.058,
    ),
    "v-neck": Cut(neck_front=-0.46, v_neck=True, rib=0.036),
    "women's": Cut(
        neck=(0.26, -0.765),
        neck_front=-0.50,
        neck_back=-0.72,
        shoulder=(0.495, -0.685),
        cuff_out=(0.72, -0.42),
        cuff_in=(0.575, -0.31),
        armpit=(0.445, -0.36),
        waist=0.375,
        hem=(0.49, 0.83),
        hem_drop=0.05,
        rib=0.034,
    ),
    "kids'": Cut(
        neck=(0.225, -0.72),
        neck_front=-0.545,
        neck_back=-0.685,
        shoulder=(0.585, -0.61),
        cuff_out=(0.97, -0.16),
        cuff_in=(0.775, 0.0),
        armpit=(0.545, -0.225),
        waist=0.54,
        hem=(0.565, 0.70),
        rib=0.06,
    ),
    "long-sleeve": Cut(
        shoulder=(0.55, -0.68),
        cuff_out=(0.90, 0.60),
        cuff_in=(0.745, 0.64),
        armpit=(0.50, -0.29),
        waist=0.485,
        hem=(0.505, 0.87),
        cuffed=True,
    ),
    "ringer": Cut(two_tone=True, rib=0.056),
    "raglan": Cut(raglan=True, two_tone=True, cuff_out=(0.94, -0.20), cuff_in=(0.73, -0.035)),
}


@dataclass(frozen=True)
class Outline:
    """A shirt's parts as polygons in shirt units, seams as open lines, and the sleeves' axes."""

    torso: Points
    sleeves: tuple[Points, Points]
    inner_back: Points
    collar: Points
    back_rib: Points
    cuffs: tuple[Points, Points]
    seams: tuple[Points, ...]
    stitches: tuple[Points, ...]
    sleeve_angle: float
    sleeve_pivot: Point
    cut: Cut


def curve(*controls: Point, steps: int = 14) -> Points:
    """Sample a Bézier curve of any degree (2 to 4 control points)."""
    points = np.array(controls, dtype=np.float32)[None]
    t = np.linspace(0, 1, steps, dtype=np.float32)[:, None, None]
    while points.shape[1] > 1:
        points = points[:, :-1] * (1 - t) + points[:, 1:] * t
    return np.ascontiguousarray(points[:, 0])


def mirror(points: Points) -> Points:
    """The left twin of a right-hand line."""
    return points * np.array([-1, 1], dtype=np.float32)


def between(one: Point, other: Point, share: float, push: Point = (0.0, 0.0)) -> Point:
    """A point on the way from one to the other, pushed aside."""
    return (one[0] + (other[0] - one[0]) * share + push[0], one[1] + (other[1] - one[1]) * share + push[1])


def vary(cut: Cut, rng: np.random.Generator) -> Cut:
    """The same cut as another maker would sew and lay it: widths, length and sleeves differ by a few per cent."""
    wide, long, droop, deep = (float(x) for x in rng.normal(0, [0.014, 0.025, 0.028, 0.012]))
    return replace(
        cut,
        shoulder=(cut.shoulder[0] + wide * 0.7, cut.shoulder[1]),
        cuff_out=(cut.cuff_out[0] + wide - droop * 0.6, cut.cuff_out[1] + droop),
        cuff_in=(cut.cuff_in[0] + wide - droop * 0.6, cut.cuff_in[1] + droop),
        armpit=(cut.armpit[0] + wide, cut.armpit[1]),
        waist=cut.waist + wide,
        hem=(cut.hem[0] + wide, min(cut.hem[1] + long, 0.94)),
        neck_front=cut.neck_front + deep,
    )


def neckline(cut: Cut, widen: float = 0.0) -> Points:
    """The front neckline from the left neck point to the right; `widen` moves it outwards, for the rib's outer edge."""
    x, y = cut.neck[0] + widen * 0.55, cut.neck[1] + widen * 0.18
    bottom = cut.neck_front + widen * (1.5 if cut.v_neck else 1.0)
    half = (
        curve((x, y), (x * 0.86, y + (bottom - y) * 0.42), (0.0, bottom), steps=16)
        if cut.v_neck
        else curve((x, y), (x * 0.98, bottom), (x * 0.45, bottom), (0.0, bottom), steps=18)
    )
    return np.concatenate([mirror(half), half[::-1][1:]])


def outline(cut: Cut) -> Outline:
    """Sew a cut's polygons together from its corner points."""
    shoulder, armpit, hem = cut.shoulder, cut.armpit, cut.hem
    top: Point = between(cut.neck, shoulder, 0.12) if cut.raglan else shoulder
    armhole = curve(top, between(top, armpit, 0.62, (-0.075 if not cut.raglan else -0.04, 0.0)), armpit)
    long = cut.cuff_out[1] > 0.3
    bulge = (0.10, -0.06) if long else (0.05, -0.05)
    shoulder_line = curve(cut.neck, between(cut.neck, shoulder, 0.5, (0.01, -0.012)), shoulder)
    outer = curve(shoulder, between(shoulder, cut.cuff_out, 0.42, bulge), cut.cuff_out)
    opening = curve(cut.cuff_out, between(cut.cuff_out, cut.cuff_in, 0.5, (0.012, 0.018)), cut.cuff_in, steps=8)
    under = curve(cut.cuff_in, between(cut.cuff_in, armpit, 0.5, (0.02, -0.015) if not long else (0.03, 0.0)), armpit)
    side = curve(armpit, (cut.waist - 0.012, armpit[1] + 0.3), (cut.waist - 0.01, 0.35), hem)
    bottom = curve(hem, (hem[0] * 0.55, hem[1] + cut.hem_drop * 1.1), (0.0, hem[1] + cut.hem_drop))

    front = neckline(cut)
    half_torso = [shoulder_line] if not cut.raglan else []
    right = np.concatenate([*half_torso, armhole, side, bottom])
    torso = np.concatenate([front, right, mirror(right)[::-1]])
    # The sleeve reaches a little under the torso so that no ground shows through the seam.
    raglan_top = [shoulder_line] if cut.raglan else []
    sleeve = np.concatenate([*raglan_top, outer, opening, under, armhole[::-1]])

    back = curve((-cut.neck[0], cut.neck[1]), (0.0, 2 * cut.neck_back - cut.neck[1]), cut.neck, steps=20)
    inner = np.concatenate([back, front[::-1]])
    rib = neckline(cut, cut.rib)
    collar = np.concatenate([front, rib[::-1]])
    back_rib = np.concatenate(
        [back, (back + np.array([0, cut.rib * 0.85], np.float32))[::-1] * np.array([0.93, 1], np.float32)]
    )

    root = between(shoulder, armpit, 0.5)
    tip = between(cut.cuff_out, cut.cuff_in, 0.5)
    angle = float(np.arctan2(tip[0] - root[0], tip[1] - root[1]))
    along = np.array([root[0] - tip[0], root[1] - tip[1]], np.float32)
    along *= (0.085 if cut.cuffed else 0.048) / float(np.hypot(*along))
    stitch = opening + along
    cuff = np.concatenate([opening, stitch[::-1]])
    hem_line = np.concatenate([bottom, mirror(bottom)[::-1]])
    hem_stitch = hem_line * np.array([0.995, 1], np.float32) - np.array([0, 0.052], np.float32)
    return Outline(
        torso=torso,
        sleeves=(sleeve, mirror(sleeve)),
        inner_back=inner,
        collar=collar,
        back_rib=back_rib,
        cuffs=(cuff, mirror(cuff)),
        seams=(armhole, mirror(armhole), rib, *(() if cut.raglan else (shoulder_line, mirror(shoulder_line)))),
        stitches=(hem_stitch, hem_stitch + np.array([0, 0.014], np.float32), stitch, mirror(stitch)),
        sleeve_angle=angle,
        sleeve_pivot=root,
        cut=cut,
    )
