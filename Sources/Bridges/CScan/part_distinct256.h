// SPDX-License-Identifier: Apache-2.0
// A part of the kernels with vectors of 256 bits: whether the marks of an object's keys differ.

enum { DISTINCT_MAX = 128 };

/// Which of eight marks are equal to one of the eight of `other`, whatever its place, or, with one and the same block
/// given twice, to another one of the block.
static inline __m256i equal_marks(__m256i one, __m256i other, int is_same) {
    const __m256i turn = _mm256_setr_epi32(1, 2, 3, 4, 5, 6, 7, 0);
    __m256i found = is_same ? _mm256_setzero_si256() : _mm256_cmpeq_epi32(one, other);
    // Half a turn brings every pair of one block together.
    for (int step = 0; step < (is_same ? 4 : 7); step += 1) {
        other = _mm256_permutevar8x32_epi32(other, turn);
        found = _mm256_or_si256(found, _mm256_cmpeq_epi32(one, other));
    }
    return found;
}

static inline int are_distinct(uint32_t *marks, uint32_t count) {
    const __m256i *const blocks = (const __m256i *)(const void *)marks;
    // Fills the last block with what no mark is.
    _mm256_storeu_si256((__m256i *)(void *)(marks + count), _mm256_setr_epi32(2, 4, 6, 8, 10, 12, 14, 16));
    const __m256i first = _mm256_loadu_si256(blocks);
    __m256i found = equal_marks(first, first, 1);
    for (uint32_t one = 1; one * 8 < count; one += 1) {
        const __m256i block = _mm256_loadu_si256(blocks + one);
        found = _mm256_or_si256(found, equal_marks(block, block, 1));
        for (uint32_t other = 0; other < one; other += 1) {
            found = _mm256_or_si256(found, equal_marks(block, _mm256_loadu_si256(blocks + other), 0));
        }
    }
    return _mm256_testz_si256(found, found);
}
