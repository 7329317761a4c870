"""The little of AV1 (bitstream specification, 5.5 and 5.9) that tells how large a decoder's pictures become."""

from typing import Final, NamedTuple

from imaging.formats.base import MalformedError

_SEQUENCE_HEADER, _FRAME_HEADER, _FRAME = 1, 3, 6
_KEY_FRAME, _SWITCH_FRAME = 0, 3
_SELECT: Final = 2  # the frame decides
_MOST_UNITS: Final = 10_000


class _Bits:
    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "big"), 8 * len(data)

    def take(self, count: int) -> int:
        """The next `count` bits as a number. Raises MalformedError past the end."""
        self._left -= count
        if self._left < 0:
            raise MalformedError("AV1 headers are cut off")
        return self._value >> self._left & (1 << count) - 1


class Sequence(NamedTuple):
    """The largest picture in pixels; the rest is what it takes to read a frame's header."""

    width: int
    height: int
    is_still: bool
    show_time_bits: int
    screen_content: int
    integer_motion: int
    id_bits: int


def largest(data: bytes) -> tuple[int, int]:
    """Width and height of the largest picture in a run of OBUs, (0, 0) without one.

    Raises MalformedError for headers that are cut off and for a frame that sets a size of its own, which a still picture
    has no need of and which would go around every limit.
    """
    width = height = 0
    sequence: Sequence | None = None
    for kind, body in _units(data):
        if kind == _SEQUENCE_HEADER:
            sequence = read_sequence(body)
            width, height = max(width, sequence.width), max(height, sequence.height)
        elif kind in (_FRAME_HEADER, _FRAME) and sequence is not None and _sets_size(body, sequence):
            raise MalformedError("an AV1 frame sets a size of its own")
    return width, height


def _units(data: bytes) -> list[tuple[int, bytes]]:
    """(type, the first 64 bytes) of each OBU; more than a header's worth is never needed."""
    units: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data) and len(units) < _MOST_UNITS:
        first = data[at]
        at += 2 if first & 4 else 1
        size = len(data) - at
        if first & 2:
            size, at = _leb128(data, at)
        units.append((first >> 3 & 15, data[at : at + min(size, 64)]))
        at += size
    return units


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for number, byte in enumerate(data[at : at + 8]):
        value |= (byte & 127) << 7 * number
        if byte < 128:
            return value, at + number + 1
    raise MalformedError("an AV1 unit without a size")


def read_sequence(body: bytes) -> Sequence:
    """5.5.1, as far as it matters here. Raises MalformedError."""
    bits = _Bits(body)
    bits.take(3)  # seq_profile
    bits.take(1)  # still_picture
    is_still = bool(bits.take(1))  # reduced_still_picture_header
    show_time_bits = 0
    if is_still:
        bits.take(5)
    else:
        show_time_bits = _operating_points(bits)
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    width, height = bits.take(width_bits) + 1, bits.take(height_bits) + 1
    if is_still:
        return Sequence(width, height, True, 0, _SELECT, _SELECT, 0)
    id_bits = 0
    if bits.take(1):  # frame_id_numbers_present_flag
        delta_bits = bits.take(4) + 2
        id_bits = bits.take(3) + delta_bits + 1
    bits.take(3 + 4)  # superblocks, filters; compounds and motions
    if bits.take(1):  # enable_order_hint
        bits.take(2)
    screen_content = _SELECT if bits.take(1) else bits.take(1)
    integer_motion = _SELECT
    if screen_content:
        integer_motion = _SELECT if bits.take(1) else bits.take(1)
    return Sequence(width, height, False, show_time_bits, screen_content, integer_motion, id_bits)


def _operating_points(bits: _Bits) -> int:
    """Steps over the timing and the operating points; the bits of each shown frame's time, 0 where it has none."""
    decoder_model = equal_interval = 0
    delay_bits = time_bits = 0
    if bits.take(1):  # timing_info_present_flag
        bits.take(64)
        equal_interval = bits.take(1)
        if equal_interval:
            zeros = 0
            while not bits.take(1) and zeros < 32:
                zeros += 1
            bits.take(zeros)
        decoder_model = bits.take(1)
        if decoder_model:
            delay_bits = bits.take(5) + 1
            bits.take(32 + 5)
            time_bits = bits.take(5) + 1
    initial_delay = bits.take(1)
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        if bits.take(5) > 7:
            bits.take(1)
        if decoder_model and bits.take(1):
            bits.take(2 * delay_bits + 1)
        if initial_delay and bits.take(1):
            bits.take(4)
    return time_bits if decoder_model and not equal_interval else 0


def _sets_size(body: bytes, sequence: Sequence) -> bool:
    """5.9.2 up to frame_size_override_flag."""
    if sequence.is_still:
        return False
    bits = _Bits(body)
    if bits.take(1):  # show_existing_frame: nothing is decoded
        return False
    frame_type, shown = bits.take(2), bits.take(1)
    if shown:
        bits.take(sequence.show_time_bits)
    else:
        bits.take(1)
    if not (frame_type == _SWITCH_FRAME or (frame_type == _KEY_FRAME and shown)):
        bits.take(1)  # error_resilient_mode
    bits.take(1)  # disable_cdf_update
    screen_content = bits.take(1) if sequence.screen_content == _SELECT else sequence.screen_content
    if screen_content and sequence.integer_motion == _SELECT:
        bits.take(1)
    bits.take(sequence.id_bits)
    return frame_type == _SWITCH_FRAME or bool(bits.take(1))
