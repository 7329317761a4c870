"""Drawn previews of T-shirts: `draw(random_spec(rng))`.

A shirt is cut (silhouettes), creased (folds), dyed or printed (patterns, prints), lit and laid on a plain ground. It is
painted at twice the asked size and reduced. The emoji font is needed for picture prints only.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from demo import fabric as cloth
from demo import patterns
from demo.compose import all_over, chest
from demo.fabric import FABRICS, GROUNDS, Colour, luminance, mix
from demo.folds import GRID, folds, height_slopes
from demo.glyphs import EMOJI_FAMILIES, FontMissingError, all_glyphs
from demo.silhouettes import CUTS, Outline, Points, outline, vary
from demo.spec import FAMILIES, Print, ShirtSpec, random_spec, restyle

__all__ = [
    "EMOJI_FAMILIES",
    "FABRICS",
    "FAMILIES",
    "GROUNDS",
    "FontMissingError",
    "Print",
    "ShirtSpec",
    "all_glyphs",
    "draw",
    "random_spec",
    "restyle",
]

Field = NDArray[np.floating]
UNIT = 0.475  # a shirt unit as a share of the picture's side
BEND = 0.016  # how far the steepest fold moves a print, in shirt units


@lru_cache(maxsize=8)
def _pixels(side: int) -> tuple[Field, Field]:
    line = np.arange(side, dtype=np.float32)
    xs, ys = np.meshgrid(line, line)
    return xs, ys


class _Frame:
    """Where the shirt lies in the picture: shirt units to pixels and back."""

    def __init__(self, spec: ShirtSpec, side: int) -> None:
        self.side = side
        angle = np.deg2rad(spec.turn)
        unit = UNIT * side * spec.scale
        cut = CUTS[spec.cut]
        middle = (cut.neck[1] + cut.hem[1] + cut.hem_drop) / 2
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        # Wide shirts are laid a little smaller, as a photographer would.
        self.forward = turn * unit * min(1.0, 0.96 / (cut.cuff_out[0] * 1.02))
        self.offset = np.array([side * (0.5 + spec.dx), side * (0.5 + spec.dy)]) - self.forward @ np.array([0.0, middle])
        self.inverse = np.linalg.inv(self.forward)

    def place(self, points: Points) -> NDArray[np.int32]:
        """Polygon in shirt units to OpenCV's fixed-point pixels (4 bits)."""
        pixels = points @ self.forward.T + self.offset
        return np.asarray(np.round(pixels * 16), dtype=np.int32)

    def fill(self, *polygons: Points) -> NDArray[np.uint8]:
        mask = np.zeros((self.side, self.side), np.uint8)
        for polygon in polygons:
            cv2.fillPoly(mask, [self.place(polygon)], 255, cv2.LINE_AA, 4)
        return mask

    def lines(self, thickness: int, *lines: Points) -> NDArray[np.uint8]:
        mask = np.zeros((self.side, self.side), np.uint8)
        cv2.polylines(mask, [self.place(line) for line in lines], False, 255, thickness, cv2.LINE_AA, 4)
        return mask

    def coordinates(self, side: int) -> tuple[Field, Field]:
        """Shirt coordinates of a grid of side × side over the picture."""
        xs, ys = _pixels(side)
        step = self.side / side
        x, y = xs * step + (step - 1) / 2 - self.offset[0], ys * step + (step - 1) / 2 - self.offset[1]
        a = self.inverse.astype(np.float32)
        return (a[0, 0] * x + a[0, 1] * y).astype(np.float32), (a[1, 0] * x + a[1, 1] * y).astype(np.float32)


def _enlarge(field: Field, side: int) -> Field:
    return np.asarray(cv2.resize(field, (side, side), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _look_up(sheet: Field, xs: Field, ys: Field) -> Field:
    """A pattern sheet, read at shirt coordinates."""
    scale = (sheet.shape[0] - 1) / (2 * patterns.REACH)
    shift = patterns.REACH * scale
    return np.asarray(cv2.remap(sheet, xs * scale + shift, ys * scale + shift, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))


def _sleeve_coordinates(shape: Outline, xs: Field, ys: Field) -> tuple[Field, Field]:
    """Coordinates along each sleeve, so that a stripe runs round the arm."""
    px, py = shape.sleeve_pivot
    sign = np.sign(xs)
    x, y = np.abs(xs) - px, ys - py
    cos, sin = np.cos(shape.sleeve_angle), np.sin(shape.sleeve_angle)
    return (sign * (cos * x - sin * y + px)).astype(np.float32), (sin * x + cos * y + py).astype(np.float32)


def _print_on(surface: Field, spec: ShirtSpec, xs: Field, ys: Field, inside: Field) -> None:
    """Lay the chest print on the cloth, bent as the coordinates are."""
    per_pixel = UNIT * surface.shape[0]
    found = chest(spec.print)
    if found is None:
        return
    sheet, x, y, width = found
    cut = CUTS[spec.cut]
    width *= (cut.waist / 0.525) ** 0.75
    depth = max(0.0, cut.neck_front + 0.60)
    x, y = x * cut.waist / 0.525 + spec.print_dx, y + spec.print_dy + depth * 0.6
    angle = np.deg2rad(spec.print_turn)
    columns = np.flatnonzero(np.abs(xs - x).min(axis=0) < width * 0.56)
    rows = np.flatnonzero(np.abs(ys - y).min(axis=1) < width * 0.56)
    area = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    surface, inside = surface[area], inside[area]
    dx, dy = xs[area] - x, ys[area] - y
    scale = sheet.shape[0] / width
    u = (np.cos(angle) * dx + np.sin(angle) * dy) * scale + sheet.shape[0] / 2
    v = (np.cos(angle) * dy - np.sin(angle) * dx) * scale + sheet.shape[0] / 2
    if (shrink := scale / per_pixel) > 1.6:
        sheet = cv2.GaussianBlur(sheet, (0, 0), 0.32 * shrink)
    layer = np.asarray(
        cv2.remap(sheet, u.astype(np.float32), v.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    )
    layer *= inside[..., None] * 0.97
    surface *= 1 - layer[..., 3:]
    surface += layer[..., :3] * 255


def _ground(spec: ShirtSpec, side: int) -> Field:
    """The plain ground, a little darker away from the light."""
    xs, ys = _pixels(side)
    fall = 1 - 0.035 * (ys / side) ** 2 - 0.012 * np.abs(xs / side - 0.5 + 0.2 * spec.light)
    return np.array(GROUNDS[spec.ground], np.float32) * fall[..., None].astype(np.float32)


def _light(surface: Field, slope: Field, shade: Field) -> None:
    """Light the cloth: `slope` from folds (about -1 to 1), `shade` a factor. Dark cloth shows folds as sheen."""
    glow = np.maximum(slope, 0) * np.minimum(shade, 1)
    factor = (1 + 0.38 * np.minimum(slope, 0)) * shade * (1 + 0.10 * glow)
    surface *= factor[..., None]
    surface += (26 * glow)[..., None]


def draw(spec: ShirtSpec, size: int = 250, detail: float = 2.0) -> NDArray[np.uint8]:
    """Draw a shirt: uint8 (size, size, 3), RGB.

    It is painted `detail` times as large and reduced; 1.5 is nearly as good and faster. Raises FontMissingError when a picture
    print has no emoji font to come from.
    """
    side = round(detail * size)
    rng = np.random.default_rng(spec.seed)
    shape = outline(vary(CUTS[spec.cut], rng))
    frame = _Frame(spec, side)
    base = FABRICS[spec.fabric]

    creases = folds(shape, rng)
    slope_x, slope_y = height_slopes(creases, *frame.coordinates(GRID), rng)
    light_x = 0.75 * spec.light
    lit = np.tanh(1.9 * (light_x * slope_x + 0.75 * slope_y * -1.0 + 0.25 * slope_x))
    slope = _enlarge(lit.astype(np.float32), side)
    xs, ys = frame.coordinates(side)
    bent_x, bent_y = xs + BEND * _enlarge(slope_x, side), ys + BEND * _enlarge(slope_y, side)

    torso, sleeves = frame.fill(shape.torso), frame.fill(*shape.sleeves)
    inner = frame.fill(shape.inner_back)
    torso_share, sleeve_share = torso.astype(np.float32) / 255, sleeves.astype(np.float32) / 255
    alpha = np.maximum(np.maximum(torso, sleeves), inner).astype(np.float32) / 255

    surface = _cloth(spec, shape, side, (bent_x, bent_y), sleeve_share, rng)
    _print_on(surface, spec, bent_x, bent_y, torso_share * (1 - sleeve_share))
    _sew(surface, spec, shape, frame, inner, base)

    soft = cv2.GaussianBlur(alpha, (0, 0), side / 42)
    rim = np.clip((soft - 0.5) * 2, 0, 1)  # 0 at the edge, 1 well inside
    round_body = 1 - 0.16 * np.clip(np.abs(xs) / max(shape.cut.waist, 0.3), 0, 1.4) ** 3 * torso_share * (1 - sleeve_share)
    side_light = 1 + 0.05 * spec.light * np.clip(xs, -1, 1)
    seams = cv2.GaussianBlur(frame.lines(max(1, side // 90), *shape.seams[:2]), (0, 0), side / 110).astype(np.float32) / 255
    shade = (0.80 + 0.20 * rim) * round_body * side_light * (1 - 0.20 * seams)
    shade *= 1 - 0.05 * np.clip(ys, -1, 1)
    _light(surface, slope * (1 - inner.astype(np.float32) / 255 * (1 - torso_share)), shade.astype(np.float32))
    surface += np.roll(cloth.weave(side), int(rng.integers(side)), axis=1)[..., None] * (2.6 if luminance(base) > 0.4 else 2.0)

    ground = _ground(spec, side)
    drop = cv2.warpAffine(soft, np.array([[1, 0, -spec.light * side * 0.006], [0, 1, side * 0.012]], np.float32), (side, side))
    ground *= 1 - 0.26 * np.clip(drop, 0, 1)[..., None]
    ground += (surface - ground) * alpha[..., None]
    small = cv2.resize(ground, (size, size), interpolation=cv2.INTER_AREA)
    return np.asarray(np.clip(small + 0.5, 0, 255), dtype=np.uint8)


def _cloth(
    spec: ShirtSpec, shape: Outline, side: int, bent: tuple[Field, Field], sleeves: Field, rng: np.random.Generator
) -> Field:
    """The dyed or patterned cloth of body and sleeves, before sewing and light."""
    base = FABRICS[spec.fabric]
    sheet = all_over(spec.print, base, side)
    if sheet is None:
        surface = np.empty((side, side, 3), np.float32)
        surface[:] = np.array(base, np.float32)
        if shape.cut.raglan and spec.trim:
            surface += (np.array(spec.trim, np.float32) - surface) * sleeves[..., None]
    else:
        surface = _look_up(sheet, *bent)
        on_sleeve = _look_up(sheet, *_sleeve_coordinates(shape, *bent))
        if shape.cut.raglan and spec.trim:
            on_sleeve = np.full_like(surface, 0) + np.array(spec.trim, np.float32)
        surface += (on_sleeve - surface) * sleeves[..., None]
    if spec.heather:
        flecks = np.roll(cloth.melange(side), int(rng.integers(side)), axis=0)[..., None]
        surface += flecks * (6 if luminance(base) < 0.3 else 7.5)
    return surface


def _sew(surface: Field, spec: ShirtSpec, shape: Outline, frame: _Frame, inner: NDArray[np.uint8], base: Colour) -> None:
    """Collar, inner back of the neck with its label, cuffs, seams and stitches."""
    side = frame.side
    dyed = spec.print.layout in ("tie-dye", "camouflage")
    trim = spec.trim if spec.trim and CUTS[spec.cut].two_tone else None
    rib = trim or (mix(base, (0, 0, 0), 0.06))

    def paint(mask: NDArray[np.uint8], colour: Colour, opacity: float = 1.0) -> None:
        touched = np.flatnonzero(mask)  # thin lines: a few pixels of many
        share = mask.reshape(-1)[touched, None].astype(np.float32) * np.float32(opacity / 255)
        flat = surface.reshape(-1, 3)
        under = flat[touched]
        flat[touched] = under + (np.array(colour, np.float32) - under) * share

    back = mix(mix(base, (0, 0, 0), 0.30), (70, 70, 75), 0.12)
    paint(inner, back)
    paint(frame.fill(shape.back_rib), mix(rib, (0, 0, 0), 0.14))
    x, y = shape.cut.neck[0] * 0.22, shape.cut.neck_back + shape.cut.rib * 0.95
    label = np.array([[-x, y], [x, y], [x, y + 0.045], [-x, y + 0.045]], np.float32)
    paint(frame.fill(label), (232, 231, 228) if luminance(base) < 0.6 else (92, 94, 100), 0.9)
    front = shape.collar[: len(shape.collar) // 2]
    hollow = cv2.GaussianBlur(frame.lines(max(2, side // 60), front), (0, 0), side / 90)
    paint(cv2.bitwise_and(hollow, inner), (20, 20, 22), 0.55)

    collar = frame.fill(shape.collar)
    paint(collar, rib, 1.0 if trim or not dyed else 0.25)
    if trim and not shape.cut.raglan:
        paint(frame.fill(*shape.cuffs), trim)
    elif shape.cut.cuffed and not dyed:
        paint(frame.fill(*shape.cuffs), rib)
    thin = max(1, round(side / 300))
    seam_colour = mix(base, (0, 0, 0), 0.45) if luminance(base) > 0.22 else mix(base, (0, 0, 0), 0.8)
    paint(frame.lines(thin, *shape.seams), seam_colour, 0.50)
    paint(frame.lines(thin, *shape.stitches, front), seam_colour, 0.34)
