"""The inner loops of neighbours and search, compiled by Numba when first called and kept in its cache on disk.

Importing this module costs about half a second, so it is imported where it is used and not when the site starts.
Every kernel is serial and lets go of the GIL: `indexing.parallel` runs them over ranges in plain threads. Numba's own
threads are not used, since they survive neither a fork (gunicorn) nor two callers at once.

`rank` and `sweep` read vectors of float32, or of float16 as uint16 (`indexing.nearest.half`).

Two kinds of numbers. *Bounds*: float32 sums in any order, with a bound on their error: they only choose candidates.
*Exact*: float64 sums of the vectors as they are: they decide order, and are the distances that are kept. Their last steps
(division, root) are compiled without fast-math, so that equal vectors get equal distances and a copy gets exactly 0.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from indexing.nearest.metrics import Metric

CODES: Final[dict[Metric, int]] = {"cosine": 0, "euclidean": 1, "manhattan": 2}

# Sums may be reordered, so that they vectorise; nothing else is loosened (infinities and roots keep their meaning).
_LARGEST: Final = float(np.finfo(np.float32).max)
_SUMS: Final = {"reassoc", "contract", "nsz"}


def compiled(fastmath: Any = False) -> Callable[[Any], Any]:
    def wrap(function: Any) -> Any:
        options: dict[str, Any] = {"nogil": True, "fastmath": fastmath, "error_model": "numpy"}
        try:
            return njit(cache=True, **options)(function)
        except RuntimeError:  # no folder that can be written to for the cache: compile in each process
            return njit(**options)(function)

    return wrap


@intrinsic
def _number(context, value):
    """A stored number as float32: itself, or float16 that comes as the bits of a uint16."""
    if value == types.uint16:

        def widen(context, builder, signature, arguments):
            return builder.fpext(builder.bitcast(arguments[0], ir.HalfType()), ir.FloatType())

        return types.float32(types.uint16), widen

    def same(context, builder, signature, arguments):
        return arguments[0]

    return value(value), same


@compiled(_SUMS)
def _dots(a, b):
    ab = aa = bb = 0.0
    for p in range(len(a)):
        x = np.float64(_number(a[p]))
        y = np.float64(_number(b[p]))
        ab += x * y
        aa += x * x
        bb += y * y
    return ab, aa, bb


@compiled(_SUMS)
def _squares(a, b):
    total = 0.0
    for p in range(len(a)):
        difference = np.float64(_number(a[p])) - np.float64(_number(b[p]))
        total += difference * difference
    return total


@compiled(_SUMS)
def _differences(a, b):
    total = 0.0
    for p in range(len(a)):
        total += abs(np.float64(_number(a[p])) - np.float64(_number(b[p])))
    return total


@compiled()
def exact_distance(code, a, b):
    if code == 1:
        return np.sqrt(_squares(a, b))
    if code == 2:
        return _differences(a, b)
    ab, aa, bb = _dots(a, b)
    scale = np.sqrt(aa * bb)
    return max(1.0 - ab / scale, 0.0) if scale > 0 else 1.0


@compiled()
def insert(distance, row, distances, rows, held, k):
    """Keep the k best by (distance, row) in order; rows come in any order. Answers how many are held."""
    if held == k:
        if distance > distances[k - 1] or (distance == distances[k - 1] and row > rows[k - 1]):
            return held
        position = k - 1
    else:
        position = held
        held += 1
    while position > 0 and (
        distance < distances[position - 1] or (distance == distances[position - 1] and row < rows[position - 1])
    ):
        distances[position] = distances[position - 1]
        rows[position] = rows[position - 1]
        position -= 1
    distances[position] = distance
    rows[position] = row
    return held


@compiled()
def rank(code, queries, vectors, candidates, starts, own, asking, out_rows, out_distances, first, last):
    """For the queries asking[first..last]: the k best candidates by exact distance, ties to the smaller row.

    candidates: int32, those of query q at starts[q] to starts[q + 1], each once; empty: all rows are, for each query.
    own[q] is passed over. out_rows int32 (m, k), out_distances float64 (m, k): filled; k candidates beside own there must be.
    """
    k = out_rows.shape[1]
    every = len(candidates) == 0
    for position in range(first, last):
        query = asking[position]
        held = 0
        for other in range(0 if every else starts[query], len(vectors) if every else starts[query + 1]):
            row = other if every else candidates[other]
            if row != own[query]:
                distance = exact_distance(code, queries[query], vectors[row])
                held = insert(distance, row, out_distances[query], out_rows[query], held, k)


@compiled(_SUMS)
def quick_sums(a, b):
    """a·b, |a − b|², Σ|a − b| and |b|² in float32, in one pass."""
    dot = square = difference = norm = np.float32(0)
    for p in range(len(a)):
        x = b[p]
        y = x - a[p]
        dot += x * a[p]
        square += y * y
        difference += abs(y)
        norm += x * x
    return dot, square, difference, norm


@compiled()
def _kth_of(values, count, k, scratch):
    for position in range(count):
        scratch[position] = values[position]
    return _kth(scratch, count, k)


@compiled()
def rerank(queries, own, vectors, candidates, gamma, rows, distances, held, first, last):
    """The k nearest candidates of queries first..last under each metric, in the order of CODES, by exact distance.

    candidates: int (m, w), ascending in each row; negative ones, repeated ones and own[q] are passed over. Those that their
    quick bounds (`search.bounds_of`, gamma as there) rule out are not ranked. rows int32, distances float64 (3, m, k): filled;
    held int32 (m,): how many candidates there were.
    """
    k, width, d = rows.shape[2], candidates.shape[1], queries.shape[1]
    chosen = np.empty(width, np.int64)
    low, high = np.empty((3, width), np.float64), np.empty((3, width), np.float64)
    scratch = np.empty(width, np.float64)
    tiny = d * 2.0**-126
    for q in range(first, last):
        query = queries[q]
        length = np.float64(0)
        for p in range(d):
            length += np.float64(query[p]) * np.float64(query[p])
        count = 0
        for position in range(width):
            row = candidates[q, position]
            if row < 0 or row == own[q] or (position > 0 and candidates[q, position - 1] == row):
                continue
            dot, square, difference, norm = quick_sums(query, vectors[row])
            chosen[count] = row
            scale = np.sqrt(np.float64(norm) * length)
            value = 1.0 - np.float64(dot) / scale
            sure = np.isfinite(value) and norm >= 1e-24 and scale >= 1e-24
            low[0, count] = value - 2 * gamma - 1e-8 if sure else -np.inf
            high[0, count] = value + 2 * gamma + 1e-8 if sure else np.inf
            for metric in range(1, 3):
                value = np.float64(square if metric == 1 else difference)
                sure = np.isfinite(value)
                low[metric, count] = value * (1 - gamma) - tiny if sure else -np.inf
                high[metric, count] = value * (1 + gamma) + tiny if sure else np.inf
            count += 1
        held[q] = count
        for metric in range(3):
            limit = _kth_of(high[metric], count, k, scratch) if count > k else np.inf
            kept = 0
            for position in range(count):
                if low[metric, position] <= limit:
                    row = chosen[position]
                    kept = insert(
                        exact_distance(metric, query, vectors[row]), row, distances[metric, q], rows[metric, q], kept, k
                    )


@compiled()
def merge(rows, distances, more_rows, more_distances, first, last):
    """Merge two rankings by (distance, row) of rows first..last: the k best of both, into `rows` and `distances`, (n, k).

    They name different rows. A row of −1 ends a list.
    """
    k = rows.shape[1]
    for q in range(first, last):
        held = 0
        while held < k and rows[q, held] >= 0:
            held += 1
        for position in range(more_rows.shape[1]):
            row = more_rows[q, position]
            if row < 0:
                break
            distance = more_distances[q, position]
            if held == k and (distance > distances[q, k - 1] or (distance == distances[q, k - 1] and row > rows[q, k - 1])):
                break
            held = insert(distance, row, distances[q], rows[q], held, k)


@compiled()
def join(code, vectors, asking, newcomers, starts, rows, distances, tied, first, last):
    """Let newcomers into the lists of the rows asking[first..last], in place; where two distances tie, say so and do nothing.

    newcomers: those of asking[p] at starts[p] to starts[p + 1]; rows int32, distances float32 (n, k): the lists, by row.
    """
    k = rows.shape[1]
    for position in range(first, last):
        row = asking[position]
        offered = newcomers[starts[position] : starts[position + 1]]
        values = np.empty(len(offered), np.float32)
        for other in range(len(offered)):
            value = np.float32(min(exact_distance(code, vectors[row], vectors[offered[other]]), _LARGEST))
            values[other] = value
            for held in range(k):
                tied[position] |= distances[row, held] == value
            for held in range(other):
                tied[position] |= values[held] == value
        if not tied[position]:
            for other in range(len(offered)):
                insert(values[other], offered[other], distances[row], rows[row], k, k)


@compiled()
def expand(group, members, starts, group_rows, group_distances, own_distances, out_rows, out_distances, first, last):
    """Neighbours of distinct vectors to neighbours of rows first..last, copies of the vector itself included.

    group: the distinct vector of each row; members[starts[g] : starts[g + 1]]: the rows of vector g, ascending;
    group_rows, group_distances: the nearest distinct vectors; own_distances: from each vector to its copy.
    """
    k = out_rows.shape[1]
    for row in range(first, last):
        own = group[row]
        held = 0
        for position in range(starts[own], starts[own + 1]):
            if members[position] != row:
                held = insert(own_distances[own], members[position], out_distances[row], out_rows[row], held, k)
        for rank_of in range(group_rows.shape[1]):
            other = group_rows[own, rank_of]
            distance = group_distances[own, rank_of]
            for position in range(starts[other], starts[other + 1]):
                held = insert(distance, members[position], out_distances[row], out_rows[row], held, k)


@compiled(_SUMS)
def sweep(queries, vectors, rows, dots, squares, differences, norms, first, last):
    """One pass over vectors[rows[first..last]]: q·x, |q − x|², Σ|q − x| float32 (m, len(rows)) and |x|² (len(rows),)."""
    m, d = queries.shape
    zero = np.float32(0)
    for block in range(first, last, 32):  # 32 rows of 4096 stay in the second-level cache while each query meets them
        for query in range(m):
            q = queries[query]
            for position in range(block, min(block + 32, last)):
                x = vectors[rows[position]]
                dot = square = difference = norm = zero
                for p in range(d):
                    a = _number(x[p])
                    b = a - q[p]
                    dot += a * q[p]
                    square += b * b
                    difference += abs(b)
                    norm += a * a
                dots[query, position] = dot
                squares[query, position] = square
                differences[query, position] = difference
                norms[position] = norm


@compiled()
def centre(vectors, mean, scale, out, first, last):
    """out = (vectors − mean) · scale in float64, rounded once to float32, rows first..last."""
    for row in range(first, last):
        for p in range(vectors.shape[1]):
            out[row, p] = np.float32((np.float64(vectors[row, p]) - mean[p]) * scale)


@compiled(_SUMS)
def _manhattan_pair(a, b):
    total = np.float32(0)
    for p in range(len(a)):
        total += abs(a[p] - b[p])
    return total


@compiled(_SUMS)
def manhattan_tiles(a, b, triangle, first, last, out):
    """out[i, j] = Σ|a_i − b_j|, float32, for i in first..last (first a multiple of 4), in tiles of 4 × 4 kept in registers.

    triangle: a is b, and only tiles with j ≥ i are computed. 16 rows of b at a time, so that they stay in the cache.
    """
    m, d = b.shape
    zero = np.float32(0)
    whole = first + (last - first) // 4 * 4
    for band in range(0, m - m % 4, 16):
        for i in range(first, whole, 4):
            a0, a1, a2, a3 = a[i], a[i + 1], a[i + 2], a[i + 3]
            for j in range(max(band, i) if triangle else band, min(band + 16, m - m % 4), 4):
                b0, b1, b2, b3 = b[j], b[j + 1], b[j + 2], b[j + 3]
                s00 = s01 = s02 = s03 = s10 = s11 = s12 = s13 = zero
                s20 = s21 = s22 = s23 = s30 = s31 = s32 = s33 = zero
                for p in range(d):
                    w, x, y, z = a0[p], a1[p], a2[p], a3[p]
                    u = b0[p]
                    s00 += abs(w - u)
                    s10 += abs(x - u)
                    s20 += abs(y - u)
                    s30 += abs(z - u)
                    u = b1[p]
                    s01 += abs(w - u)
                    s11 += abs(x - u)
                    s21 += abs(y - u)
                    s31 += abs(z - u)
                    u = b2[p]
                    s02 += abs(w - u)
                    s12 += abs(x - u)
                    s22 += abs(y - u)
                    s32 += abs(z - u)
                    u = b3[p]
                    s03 += abs(w - u)
                    s13 += abs(x - u)
                    s23 += abs(y - u)
                    s33 += abs(z - u)
                out[i, j], out[i, j + 1], out[i, j + 2], out[i, j + 3] = s00, s01, s02, s03
                out[i + 1, j], out[i + 1, j + 1], out[i + 1, j + 2], out[i + 1, j + 3] = s10, s11, s12, s13
                out[i + 2, j], out[i + 2, j + 1], out[i + 2, j + 2], out[i + 2, j + 3] = s20, s21, s22, s23
                out[i + 3, j], out[i + 3, j + 1], out[i + 3, j + 2], out[i + 3, j + 3] = s30, s31, s32, s33
    for i in range(first, last):
        for j in range(m - m % 4 if i < whole else 0, m):
            out[i, j] = _manhattan_pair(a[i], b[j])


@compiled()
def manhattan_keys(sums, left, right, shrink, first, last):
    """Sums to lower bounds, in place, rows first..last. left, right: the error terms (3, ·) that `_prune` adds up."""
    for i in range(first, last):
        for j in range(sums.shape[1]):
            sums[i, j] = np.float64(sums[i, j]) * shrink - 0.5 * (left[2, i] + right[2, j])


@compiled()
def _key(value):
    """A bound too low to say anything, or not a number where norms lie 10^60 apart, becomes the lowest one."""
    return value if value > -_LARGEST else -_LARGEST


@compiled()
def product_keys(products, left, right, slack, first, last, cosine, euclidean):
    """Inner products of centred vectors to lower bounds of the cosine and of the squared euclidean distance, rows first..last.

    left, right: float64 (9, ·), per row: [0] |x'|², [1] what the mean adds to the dot product, [2] 1 / |x|, and the error terms
    that `_prune` adds up: [3..5] cosine, [6..8] euclidean. slack: [0] |mean|², [1] the relative error of rounding a key.
    """
    for i in range(first, last):
        for j in range(products.shape[1]):
            g = np.float64(products[i, j])
            value = 1.0 - (g + left[1, i] + right[1, j] + slack[0]) * left[2, i] * right[2, j]
            error = left[3, i] * right[3, j] + left[4, i] * right[4, j] + left[5, i] + right[5, j]
            cosine[i, j] = _key(value - 0.5 * error - slack[1] * abs(value))
            value = left[0, i] + right[0, j] - 2.0 * g
            error = left[6, i] * right[6, j] + left[7, i] * right[7, j] + left[8, i] + right[8, j]
            euclidean[i, j] = _key(value - 0.5 * error - slack[1] * abs(value))


@compiled()
def _kth(values, count, k):
    """The k-th smallest (k ≥ 1) of the first `count` values, which are put in another order (Hoare's quickselect)."""
    low, high = 0, count - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while pivot < values[j]:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if k - 1 <= j:
            high = j
        elif k - 1 >= i:
            low = i
        else:
            break
    return values[k - 1]


@compiled()
def _prune(row, k, relative, terms, keys, rows, counts, limits, uppers):
    """Drop the candidates of `row` that k others certainly precede; set its limit. None is dropped that may be one of the k."""
    count = counts[row]
    if count < k:
        return
    for position in range(count):
        other = rows[row, position]
        key = np.float64(keys[row, position])
        width = terms[0, row] * terms[0, other] + terms[1, row] * terms[1, other] + terms[2, row] + terms[2, other]
        upper = key + width + relative * abs(key)
        uppers[position] = upper if upper < np.inf else np.inf
    limit = _kth(uppers, count, k)
    left = 0
    for position in range(count):
        if keys[row, position] <= limit:
            keys[row, left] = keys[row, position]
            rows[row, left] = rows[row, position]
            left += 1
    counts[row] = left
    limits[row] = np.float32(limit) if np.float32(limit) >= limit else np.float32(limit + abs(limit) * 2.0**-22)
    if left > keys.shape[1] * 3 // 4:  # too many look alike: this row will be ranked against all
        counts[row] = -1
        limits[row] = -np.inf


@compiled(_SUMS)
def _within(keys, limit):
    """How many keys are within the limit. Counted in float32, as wide as the keys, so that it vectorises."""
    total = np.float32(0)
    for j in range(len(keys)):
        total += np.float32(1) if keys[j] <= limit else np.float32(0)
    return total


@compiled(_SUMS)
def _within_each(keys, limits):
    """How many keys are within their own limits."""
    total = np.float32(0)
    for j in range(len(keys)):
        total += np.float32(1) if keys[j] <= limits[j] else np.float32(0)
    return total


@compiled()
def collect(block, first_row, first_column, by_column, k, relative, terms, keys, rows, counts, limits, first, last):
    """Offer a block of lower bounds to the buffers of its rows (or, by_column, of its columns) first..last.

    block: float32, [i, j] for rows first_row + i and first_column + j; infinite where that pair is not to be offered.
    Nearly all is turned away: a run of 32 pairs is first looked at as a whole, which vectorises.
    """
    room = keys.shape[1]
    uppers = np.empty(room, np.float64)
    from_row, to_row = (0, block.shape[0]) if by_column else (first, last)
    from_column, to_column = (first, last) if by_column else (0, block.shape[1])
    for i in range(from_row, to_row):
        for start in range(from_column, to_column, 32):
            stop = min(start + 32, to_column)
            if by_column:
                wanted = _within_each(block[i, start:stop], limits[first_column + start : first_column + stop])
            else:
                wanted = _within(block[i, start:stop], limits[first_row + i])
            if wanted == 0:
                continue
            for j in range(start, stop):
                row, other = (first_column + j, first_row + i) if by_column else (first_row + i, first_column + j)
                if block[i, j] <= limits[row] and block[i, j] < np.inf:
                    count = counts[row]
                    keys[row, count] = block[i, j]
                    rows[row, count] = other
                    counts[row] = count + 1
                    if count + 1 == room:
                        _prune(row, k, relative, terms, keys, rows, counts, limits, uppers)


@compiled()
def settle(k, relative, terms, keys, rows, counts, limits, first, last):
    """Prune the buffers of rows first..last a last time."""
    uppers = np.empty(keys.shape[1], np.float64)
    for row in range(first, last):
        _prune(row, k, relative, terms, keys, rows, counts, limits, uppers)
