"""Chest prints: pictures, words and their compositions as RGBA, before the cloth bends them."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.fabric import Colour, luminance
from demo.glyphs import Rgba, glyph
from demo.lettering import line_mask

SIDE = 256
Canvas = NDArray[np.floating]


def blank(side: int = SIDE) -> Canvas:
    """A clear sheet: float32 (side, side, 4), colours multiplied by alpha, 0 to 1."""
    return np.zeros((side, side, 4), dtype=np.float32)


def premultiplied(picture: Rgba | Canvas) -> Canvas:
    """A uint8 RGBA picture as float32 0 to 1 with colours multiplied by alpha."""
    full = np.asarray(picture, dtype=np.float32) / np.float32(255)
    full[..., :3] *= full[..., 3:]
    return full


def lay(sheet: Canvas, picture: Rgba | Canvas, centre: tuple[float, float], length: float, turn: float = 0.0) -> None:
    """Put a picture on the sheet: its longer side `length` pixels long, turned by `turn` degrees about its centre."""
    straight = premultiplied(picture) if picture.dtype == np.uint8 else np.asarray(picture, dtype=np.float32)
    height, width = straight.shape[:2]
    scale = length / max(height, width)
    if scale < 0.6:
        small = (max(2, round(width * scale)), max(2, round(height * scale)))
        straight, scale = cv2.resize(straight, small, interpolation=cv2.INTER_AREA), 1.0
        height, width = straight.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), turn, scale)
    matrix[:, 2] += np.array(centre) - np.array([(width - 1) / 2, (height - 1) / 2])
    side = (sheet.shape[1], sheet.shape[0])
    layer = cv2.warpAffine(straight, matrix, side, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    sheet *= 1 - layer[..., 3:]
    sheet += layer


def tint(mask: NDArray, colour: Colour) -> Canvas:
    """Coverage (h, w), uint8 or 0 to 1, printed in one ink."""
    cover = mask.astype(np.float32) / 255 if mask.dtype == np.uint8 else mask.astype(np.float32)
    return np.dstack([cover * (channel / 255) for channel in colour] + [cover]).astype(np.float32)


def poster(picture: Rgba, inks: tuple[Colour, ...]) -> Canvas:
    """The picture in a few inks, dark to light by its own lightness, as a screen print would separate it."""
    alpha = picture[..., 3].astype(np.float32) / 255
    grey = cv2.cvtColor(np.ascontiguousarray(picture[..., :3]), cv2.COLOR_RGB2GRAY)
    shown = grey[picture[..., 3] > 128]
    if shown.size == 0:
        return tint(alpha, inks[0])
    cuts = np.quantile(shown, np.linspace(0, 1, len(inks) + 1)[1:-1])
    table = np.array(sorted(inks, key=luminance), dtype=np.float32) / 255
    level = np.searchsorted(cuts, grey, side="right")
    return np.dstack([table[level] * alpha[..., None], alpha]).astype(np.float32)


def silhouette(picture: Rgba, ink: Colour) -> Canvas:
    """The picture in one ink: its dark lines left open, so that a cat stays a cat."""
    alpha = picture[..., 3].astype(np.float32) / 255
    grey = cv2.cvtColor(np.ascontiguousarray(picture[..., :3]), cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    edges = np.abs(cv2.Laplacian(cv2.GaussianBlur(grey, (0, 0), 1.6), cv2.CV_32F)) * 22
    return tint(alpha * (1 - np.clip(edges - 0.25, 0, 1)), ink)


def line_drawing(picture: Rgba, ink: Colour) -> Canvas:
    """The picture's outline and inner lines alone."""
    padded = cv2.copyMakeBorder(picture, 6, 6, 6, 6, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
    alpha = padded[..., 3].astype(np.float32) / 255
    grey = cv2.cvtColor(np.ascontiguousarray(padded[..., :3]), cv2.COLOR_RGB2GRAY).astype(np.float32) / 255 * alpha + (
        1 - alpha
    )
    lines = np.zeros_like(alpha)
    for field in (grey, alpha):
        smooth = cv2.GaussianBlur(field, (0, 0), 1.5)
        slope = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
        lines = np.maximum(lines, np.clip(slope * 2.6 - 0.35, 0, 1))
    return tint(lines, ink)


def caption(
    sheet: Canvas,
    text: str,
    face: str,
    ink: Colour,
    centre: tuple[float, float],
    width: float,
    height: float,
    spacing: float = 0.06,
) -> None:
    """A line of words, fitted into a box of width × height pixels."""
    mask = line_mask(text, face, 64, spacing)
    length = min(width, height * mask.shape[1] / mask.shape[0])
    lay(sheet, tint(mask, ink), centre, max(length, length * mask.shape[0] / mask.shape[1]))


def arch(sheet: Canvas, text: str, face: str, ink: Colour, centre: tuple[float, float], radius: float, height: float) -> None:
    """Words along an arc over the centre."""
    masks = [line_mask(letter, face, 56) if letter != " " else np.zeros((56, 20), np.uint8) for letter in text]
    tall = max(mask.shape[0] for mask in masks)
    scale = height / tall
    spans = [(mask.shape[1] * scale + height * 0.18) / radius for mask in masks]
    angle = -sum(spans) / 2
    for mask, span in zip(masks, spans, strict=True):
        middle = angle + span / 2
        at = (centre[0] + radius * math.sin(middle), centre[1] - radius * math.cos(middle))
        lay(sheet, tint(mask, ink), at, max(mask.shape) * scale, -math.degrees(middle))
        angle += span


def backing(sheet: Canvas, variant: int, inks: tuple[Colour, ...], centre: tuple[float, float], radius: float) -> None:
    """What a badge's picture stands on: a disc, a ring, a sunset of bars, a rounded square, rays, a double ring."""
    ys, xs = np.mgrid[: sheet.shape[0], : sheet.shape[1]].astype(np.float32)
    dx, dy = xs - centre[0], ys - centre[1]
    distance = np.hypot(dx, dy)
    disc = np.clip(radius - distance + 0.5, 0, 1)
    first, second = inks[0], inks[1 % len(inks)]
    if variant == 0:
        layers = [(disc, first)]
    elif variant == 1:
        ring = disc * np.clip(distance - radius * 0.91 + 0.5, 0, 1)
        layers = [(np.clip(radius * 0.86 - distance + 0.5, 0, 1), second), (ring, first)]
    elif variant == 2:
        height = (dy / radius + 1) / 2
        gaps = ((height * 9) % 1) > np.clip(1.25 - height, 0.25, 1)
        layers = [(disc * ~gaps, first), (disc * ~gaps * np.clip((height - 0.35) * 2, 0, 1), second)]
    elif variant == 3:
        square = np.clip(radius * 0.9 - np.maximum(np.abs(dx), np.abs(dy)) + 0.5, 0, 1) * np.clip(
            radius * 1.13 - distance + 0.5, 0, 1
        )
        layers = [(square, first)]
    elif variant == 4:
        rays = (np.sin(np.arctan2(dy, dx) * 14) * distance > 0).astype(np.float32)
        layers = [(disc * rays, first), (np.clip(radius * 0.62 - distance + 0.5, 0, 1), second)]
    else:
        thin = np.clip(1 - np.abs(distance - radius * 0.97) / (radius * 0.025), 0, 1)
        layers = [(np.clip(radius * 0.88 - distance + 0.5, 0, 1), first), (thin, first)]
    for cover, ink in layers:
        layer = tint(cover, ink)
        sheet *= 1 - layer[..., 3:]
        sheet += layer


def words(lines: tuple[str, ...], face: str, inks: tuple[Colour, ...], variant: int) -> Canvas:
    """A slogan as the whole print. Variants: block, fitted block, one size, framed, on a bar, arched, outlined, repeated."""
    sheet = blank()
    count = len(lines)
    ink, accent = inks[0], inks[1 % len(inks)]
    if variant == 5 and count <= 2:
        arch(sheet, lines[0], face, ink, (128, 190), 130, 38)
        if count == 2:
            caption(sheet, lines[1], face, accent, (128, 140), 170, 44)
        return sheet
    if variant == 7 and sum(map(len, lines)) <= 12:
        text = " ".join(lines)
        for row in range(5):
            caption(sheet, text, face, (ink, accent)[row == 2], (128, 48 + row * 40), 236, 30, 0.02)
        return sheet
    masks = [line_mask(line, face, 72, 0.04 if line.isupper() else 0.0) for line in lines]
    widest = max(mask.shape[1] for mask in masks)
    heights = [
        min(92.0, 230 * mask.shape[0] / mask.shape[1]) if variant in (1, 6) else 216 / widest * mask.shape[0] for mask in masks
    ]
    heights = [min(height, 84.0) for height in heights]
    total = sum(heights) + 16 * (count - 1)
    y = 128 - total / 2
    for number, (mask, height) in enumerate(zip(masks, heights, strict=True)):
        length = height / mask.shape[0] * max(mask.shape)
        if variant == 6:
            thick = cv2.dilate(cv2.copyMakeBorder(mask, 6, 6, 6, 6, cv2.BORDER_CONSTANT), np.ones((9, 9), np.uint8))
            lay(sheet, tint(thick, accent), (128, y + height / 2), height / mask.shape[0] * max(thick.shape))
        lay(sheet, tint(mask, accent if variant == 0 and number == count - 1 else ink), (128, y + height / 2), length)
        y += height + 16
    if variant == 4:
        # The words are left open in a bar of ink: the cloth shows through them.
        bar = np.zeros((256, 256), np.float32)
        bar[max(0, round(128 - total / 2 - 20)) : round(128 + total / 2 + 20), 4:252] = 1
        return tint(bar * (1 - sheet[..., 3]), ink)
    if variant == 3:
        frame = np.zeros((256, 256), np.float32)
        top, bottom = round(128 - total / 2 - 24), round(128 + total / 2 + 24)
        cv2.rectangle(frame, (6, top), (249, bottom), 1.0, 5)
        layer = tint(frame, accent)
        sheet *= 1 - layer[..., 3:]
        sheet += layer
    return sheet


def picture_of(character: str, style: str, inks: tuple[Colour, ...]) -> Canvas:
    """A glyph in a style (`colour`, `poster`, `silhouette`, `line`) as a premultiplied float32 picture."""
    found = glyph(character)
    if style == "poster":
        return poster(found, inks[:3])
    if style == "silhouette":
        return silhouette(found, inks[0])
    if style == "line":
        return line_drawing(found, inks[0])
    return premultiplied(found)
