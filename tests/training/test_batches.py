"""Batches: every row once an epoch, the same whatever the chunk, padding without weight."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from unstuck.rows.arrays import ArrayRows
from unstuck.rows.padding import padded_size
from unstuck.training.batches import CHUNK_BYTES, Batches
from unstuck.training.mini_batches import MiniBatches


def batches(rows, size, shuffle=True, seed=0, inputs=2, dtype=np.float64):
    """Rows that carry their number, so that it can be seen where they go."""
    number = np.arange(1, rows + 1, dtype=dtype)
    x = np.repeat(number[:, None], inputs, axis=1)
    return Batches(ArrayRows(x, 10 * number[:, None], 100 * number), size, shuffle, seed)


def numbers(chunk, step):
    """Which rows a step uses; x, y and w must agree."""
    k = chunk.which[step]
    w = np.asarray(chunk.w[k])
    used = w > 0
    x, y = np.asarray(chunk.x[k]), np.asarray(chunk.y[k])
    np.testing.assert_array_equal(x[used], np.repeat(w[used, None] / 100, x.shape[1], axis=1))
    np.testing.assert_array_equal(y[used, 0], w[used] / 10)
    assert (x[~used] == 0).all()
    assert (y[~used] == 0).all()
    return (w[used] / 100).astype(int).tolist()


@hypothesis_settings(max_examples=60)
@given(st.integers(1, 70), st.integers(1, 80), st.booleans(), st.integers(0, 30))
def test_every_epoch_uses_every_row_once(rows, size, shuffle, epoch):
    made = batches(rows, size, shuffle)
    per_epoch = made.steps_per_epoch
    assert per_epoch == -(-rows // size)
    seen, first, end = [], epoch * per_epoch, (epoch + 1) * per_epoch
    while first < end:
        count = min(made.chunk_steps, end - first)
        chunk = made.fill(first, count)
        assert chunk.steps == count
        for step in range(count):
            taken = numbers(chunk, step)
            assert len(taken) <= size
            assert chunk.weights[step] == 100 * sum(taken)
            seen += taken
        first += count
    assert sorted(seen) == list(range(1, rows + 1))
    if not shuffle:
        assert seen == sorted(seen)


@pytest.mark.parametrize("size", [1, 7, 20])
def test_steps_are_the_same_wherever_a_chunk_starts(size):
    made = batches(20, size)
    whole = made.fill(0, 40)
    for first, count in ((0, 3), (3, 11), (14, 26)):
        part = made.fill(first, count)
        for step in range(count):
            assert numbers(part, step) == numbers(whole, first + step)
        np.testing.assert_array_equal(part.weights, whole.weights[first : first + count])


def test_a_chunk_has_one_shape_whatever_it_holds():
    shapes = {
        tuple(a.shape for a in batches(rows, 32).fill(0, steps)[:4])
        for rows, steps in ((33, 1), (33, 64), (12_345, 50))
    }
    assert shapes == {((64, 32, 2), (64, 32, 1), (64, 32), (64,))}


def test_orders_depend_on_seed_and_epoch_alone():
    first, again, other = batches(50, 8), batches(50, 16), batches(50, 8, seed=1)
    np.testing.assert_array_equal(first.order(3), again.order(3))
    assert (first.order(3) != first.order(4)).any()
    assert (first.order(3) != other.order(3)).any()
    np.testing.assert_array_equal(batches(5, 2, shuffle=False).order(9), np.arange(5))


def test_orders_are_even():
    """Each row comes first about equally often: 2000 epochs of 4 rows, 4 standard errors."""
    made = batches(4, 1)
    counts = np.bincount([made.order(epoch)[0] for epoch in range(2000)], minlength=4)
    assert abs(counts - 500).max() < 4 * np.sqrt(2000 * 0.25 * 0.75)


def test_one_batch_of_all_rows_is_filled_once():
    made = batches(20, 200)
    assert made.single
    assert made.padded == 64
    first, second = made.fill(0, 3), made.fill(17, 64)
    assert first.x is second.x
    assert second.which.tolist() == [0] * MiniBatches.room
    assert numbers(second, 40) == list(range(1, 21))
    assert (len(first.weights), len(second.weights)) == (3, 64)


def test_chunks_of_large_batches_are_shorter():
    made = batches(1000, 256, inputs=4095, dtype=np.float32)
    assert made.chunk_steps == CHUNK_BYTES // (256 * 4096 * 4) == 4
    assert batches(1000, 256).chunk_steps == MiniBatches.room
    assert batches(3, 2, inputs=2**23).chunk_steps == 1


@given(st.integers(1, 10**7))
def test_padded_size(count):
    size = padded_size(count)
    smaller = size
    while smaller % 2 == 0:
        smaller //= 2
    assert smaller in (1, 3)
    assert size >= max(64, count)
    assert size == 64 or size <= 1.5 * count


def test_few_sizes_serve_all_folds():
    assert {padded_size(n) for n in range(130, 193)} == {192}
    assert len({padded_size(n) for n in range(1, 100_000)}) == 23
