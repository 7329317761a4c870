"""Inner products of codes, compiled by Numba to AVX2's own instruction for them, and the exact distances of the pairs kept.

Imported where it is used, and only where `codes.has_kernels()`: see `indexing.nearest.kernels`.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from indexing.nearest.kernels import compiled, exact_distance, insert, quick_sums
from indexing.nearest.quantized.codes import LANES, LINE, RUN

_ROWS, _COLUMNS = 2, 4  # of a tile: its sums stay in registers
_CHUNK = 32 * LANES  # products that a lane of 16 bits can add up: 32 · 2 · 31 · SIGNED < 2^15
_BAND = 128  # columns
_QUEUE = 4096  # pairs


@intrinsic
def dot_tile(context, signed, row, codes, column, out, place):
    """out[r, place + c] = signed[row + r] · codes[column + c], for the tile of 2 × 4; int8 and uint8 (·, w) to int32."""
    signature = types.void(signed, types.intp, codes, types.intp, out, types.intp)

    def generate(context, builder, signature, arguments):
        byte, bytes_, pairs, sums = (
            ir.IntType(8),
            ir.VectorType(ir.IntType(8), LANES),
            ir.VectorType(ir.IntType(16), LANES // 2),
            ir.VectorType(ir.IntType(32), LANES // 4),
        )

        def function(name, answer, *given):
            return cgutils.get_or_insert_function(builder.module, ir.FunctionType(answer, given), name)

        multiply = function("llvm.x86.avx2.pmadd.ub.sw", pairs, bytes_, bytes_)
        widen = function("llvm.x86.avx2.pmadd.wd", sums, pairs, pairs)
        intp = context.get_value_type(types.intp)
        left, right, filled = (
            context.make_array(signature.args[position])(context, builder, arguments[position]) for position in (0, 2, 4)
        )
        width = builder.extract_value(left.shape, 1)
        starts = {}
        for side, array, first, count in ((0, left, arguments[1], _ROWS), (1, right, arguments[3], _COLUMNS)):
            for number in range(count):
                offset = builder.mul(builder.add(first, ir.Constant(intp, number)), width)
                starts[side, number] = builder.gep(builder.bitcast(array.data, byte.as_pointer()), [offset])

        def load(side, number, position):
            address = builder.bitcast(builder.gep(starts[side, number], [position]), bytes_.as_pointer())
            return builder.load(address, align=1)

        tile = [(row, column) for row in range(_ROWS) for column in range(_COLUMNS)]
        wide = {place: cgutils.alloca_once(builder, sums) for place in tile}
        narrow = {place: cgutils.alloca_once(builder, pairs) for place in tile}
        lanes = ir.Constant(intp, LANES)

        def add_chunk(start):
            """The sums of a chunk's products, by place."""
            end = builder.add(start, ir.Constant(intp, _CHUNK))
            end = builder.select(builder.icmp_signed("<", end, width), end, width)
            for place in tile:
                builder.store(ir.Constant(pairs, [0] * (LANES // 2)), narrow[place])
            with cgutils.for_range_slice(builder, start, end, lanes, intp) as (position, _):
                rows = [load(0, number, position) for number in range(_ROWS)]
                columns = [load(1, number, position) for number in range(_COLUMNS)]
                for place in tile:
                    product = builder.call(multiply, [columns[place[1]], rows[place[0]]])
                    builder.store(builder.add(builder.load(narrow[place]), product), narrow[place])
            ones = ir.Constant(pairs, [1] * (LANES // 2))
            return {place: builder.call(widen, [builder.load(narrow[place]), ones]) for place in tile}

        for place, value in add_chunk(ir.Constant(intp, 0)).items():
            builder.store(value, wide[place])
        chunk = ir.Constant(intp, _CHUNK)
        with cgutils.for_range_slice(builder, chunk, width, chunk, intp) as (start, _):  # none of up to 1,024 numbers
            for place, value in add_chunk(start).items():
                builder.store(builder.add(builder.load(wide[place]), value), wide[place])

        def shuffled(a, b, *lanes):
            return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), list(lanes)))

        def folded(a, b):
            """Sums of neighbouring lanes, those of a beside those of b, within each half as AVX2 works."""
            even, odd = (0, 8, 2, 10, 4, 12, 6, 14), (1, 9, 3, 11, 5, 13, 7, 15)
            return builder.add(shuffled(a, b, *even), shuffled(a, b, *odd))

        across = builder.extract_value(filled.shape, 1)
        for row in range(_ROWS):
            first, second, third, fourth = (builder.load(wide[row, column]) for column in range(_COLUMNS))
            ab, cd = folded(first, second), folded(third, fourth)  # a b a b | a b a b
            low, high = (0, 1, 8, 9, 4, 5, 12, 13), (2, 3, 10, 11, 6, 7, 14, 15)
            abcd = builder.add(shuffled(ab, cd, *low), shuffled(ab, cd, *high))
            total = builder.add(shuffled(abcd, abcd, 0, 1, 2, 3), shuffled(abcd, abcd, 4, 5, 6, 7))
            at = builder.add(builder.mul(ir.Constant(intp, row), across), arguments[5])
            address = builder.bitcast(builder.gep(filled.data, [at]), ir.VectorType(ir.IntType(32), _COLUMNS).as_pointer())
            builder.store(total, address, align=4)
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def _fetch(context, vectors, row):
    """Begin to bring a row of float32 (n, d) into the cache."""
    signature = types.void(vectors, types.intp)

    def generate(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        byte, word, intp = ir.IntType(8), ir.IntType(32), context.get_value_type(types.intp)
        kind = ir.FunctionType(ir.VoidType(), [byte.as_pointer(), word, word, word])
        fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        size = builder.mul(builder.extract_value(array.shape, 1), ir.Constant(intp, 4))
        begin = builder.gep(builder.bitcast(array.data, byte.as_pointer()), [builder.mul(arguments[1], size)])
        with cgutils.for_range_slice(builder, ir.Constant(intp, 0), size, ir.Constant(intp, LINE), intp) as (offset, _):
            builder.call(fetch, [builder.gep(begin, [offset]), *(ir.Constant(word, value) for value in (0, 3, 1))])
        return context.get_dummy_value()

    return signature, generate


@compiled({"reassoc", "nsz"})
def _wanted(dots, own, base, halves, limits, scaled):
    """How many of a run's pairs either side wants. Counted in float32, as wide as the keys, so that it vectorises.

    scaled: by the other's inverse length, not less half its square. own: base, half, limit of the row; the others of columns.
    """
    total = np.float32(0)
    first, half, limit = own
    if scaled:
        for j in range(len(dots)):
            product = np.float32(dots[j]) + first + base[j]
            total += np.float32(1) if product * halves[j] >= limit else np.float32(0)
            total += np.float32(1) if product * half >= limits[j] else np.float32(0)
    else:
        for j in range(len(dots)):
            product = np.float32(dots[j]) + first + base[j]
            total += np.float32(1) if product - halves[j] >= limit else np.float32(0)
            total += np.float32(1) if product - half >= limits[j] else np.float32(0)
    return total


@compiled()
def _offer(row, other, vectors, lengths, gamma, rows, distances, held):
    """Let `other` into the lists of `row` where it is near enough, by its exact distance.

    A quick bound turns most of them away, as in `kernels.rerank`.
    """
    k = rows.shape[2]
    if held[row] < k:
        for metric in range(3):
            insert(
                exact_distance(metric, vectors[row], vectors[other]),
                other,
                distances[metric, row],
                rows[metric, row],
                held[row],
                k,
            )
        held[row] += 1
        return
    dot, square, difference, norm = quick_sums(vectors[row], vectors[other])
    tiny = vectors.shape[1] * 2.0**-126
    scale = np.sqrt(np.float64(norm) * lengths[row])
    value = 1.0 - np.float64(dot) / scale
    sure = np.isfinite(value) and norm >= 1e-24 and scale >= 1e-24
    if not sure or value - 2 * gamma - 1e-8 <= distances[0, row, k - 1]:
        insert(exact_distance(0, vectors[row], vectors[other]), other, distances[0, row], rows[0, row], k, k)
    farthest = distances[1, row, k - 1]
    value = np.float64(square)
    if not np.isfinite(value) or value * (1 - gamma) - tiny <= farthest * farthest * (1 + 1e-12):
        insert(exact_distance(1, vectors[row], vectors[other]), other, distances[1, row], rows[1, row], k, k)
    value = np.float64(difference)
    if not np.isfinite(value) or value * (1 - gamma) - tiny <= distances[2, row, k - 1]:
        insert(exact_distance(2, vectors[row], vectors[other]), other, distances[2, row], rows[2, row], k, k)


@compiled()
def _offer_all(rows, others, count, vectors, lengths, gamma, near, distances, held):
    """`_offer` pair by pair. Vectors lie far apart in memory, so the next but one is fetched meanwhile."""
    for position in range(count):
        ahead = position + 2
        if ahead < count:
            _fetch(vectors, rows[ahead])
            _fetch(vectors, others[ahead])
        _offer(rows[position], others[position], vectors, lengths, gamma, near, distances, held)


@compiled()
def scan(signed, codes, terms, along, first_row, first_column, size, wants, wanted_by, first, last):
    """Which pairs are within a limit, for the rows first..last of a block, each pair once.

    signed: int8 (m, w), the codes of the block's rows less 16; codes: uint8 (·, w) of all; first is even, size a multiple
    of RUN. terms: float32 (6, ·), see `limits.terms`; along: whether any of [5] is finite.
    wants, wanted_by: int32 (m, 1 + size), filled: how many columns, and which, the row wants, and is wanted by.
    """
    dots = np.empty((_ROWS, _BAND), np.int32)
    wants[first:last, 0] = 0
    wanted_by[first:last, 0] = 0
    for start in range(first_column, first_column + size, _BAND):  # its codes stay in the cache while all rows meet them
        stop = min(start + _BAND, first_column + size)
        for pair in range(first, last, _ROWS):
            if stop <= first_row + pair + 1:
                continue  # pairs the other way round, or of a row with itself
            for column in range(start, stop, _COLUMNS):
                dot_tile(signed, pair, codes, column, dots, column - start)
            for i in range(pair, min(pair + _ROWS, last)):
                row = first_row + i
                base, half, inverse, near, least = terms[0, row], terms[2, row], terms[3, row], terms[4, row], terms[5, row]
                for run in range(start, stop, RUN):
                    products, end = dots[i - pair, run - start : run - start + RUN], run + RUN
                    count = _wanted(
                        products, (base, half, near), terms[1, run:end], terms[2, run:end], terms[4, run:end], False
                    )
                    if along:
                        own = base, inverse, least
                        count += _wanted(products, own, terms[1, run:end], terms[3, run:end], terms[5, run:end], True)
                    if count == 0:
                        continue
                    for j in range(RUN):
                        column = run + j
                        if column <= row:
                            continue
                        product = np.float32(products[j]) + base + terms[1, column]
                        if product - terms[2, column] >= near or product * terms[3, column] >= least:
                            wants[i, 0] += 1
                            wants[i, wants[i, 0]] = column
                        if product - half >= terms[4, column] or product * inverse >= terms[5, column]:
                            wanted_by[i, 0] += 1
                            wanted_by[i, wanted_by[i, 0]] = column


@compiled()
def offer_to_rows(wants, first_row, answer, first, last):
    """Offer to the rows first..last of a block what they want. answer: what `_offer_all` is given after the pairs."""
    rows = np.empty(wants.shape[1], np.int64)
    for i in range(first, last):
        count = wants[i, 0]
        rows[:count] = first_row + i
        _offer_all(rows, wants[i, 1:], count, *answer)


@compiled()
def offer_to_columns(wanted_by, first_row, answer, first, last):
    """Offer a block's rows to the columns first..last (of all) that want them."""
    columns, rows = np.empty(_QUEUE, np.int64), np.empty(_QUEUE, np.int64)
    count = 0
    for i in range(wanted_by.shape[0]):
        for position in range(1, wanted_by[i, 0] + 1):
            if first <= wanted_by[i, position] < last:
                columns[count], rows[count] = wanted_by[i, position], first_row + i
                count += 1
                if count == _QUEUE:
                    _offer_all(columns, rows, count, *answer)
                    count = 0
    _offer_all(columns, rows, count, *answer)
