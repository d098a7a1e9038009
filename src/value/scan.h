/* Finding where the plain bytes of a JSON string end, many at a time. For src/value/ only. */
#ifndef AR_VALUE_SCAN_H
#define AR_VALUE_SCAN_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define AR_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The eight bytes at p, the first one lowest. */
static inline uint64_t ar_load(const char *p)
{
    uint64_t word;
    memcpy(&word, p, 8);
    return le64toh(word);
}

/* Bytes of the word that are zero, marked in their highest bit; exact up to the first of them. */
static inline uint64_t ar_zero_bytes(uint64_t word)
{
    return (word - AR_EACH(1)) & ~word & AR_EACH(0x80);
}

/* As ar_scan_plain, for machines without SSE2 and for the last bytes of a text. */
static inline const char *ar_scan_plain_portable(const char *p, const char *end, bool *high)
{
    for (; end - p >= 8; p += 8) {
        uint64_t word = ar_load(p);
        uint64_t stop = ar_zero_bytes(word ^ AR_EACH('"')) | ar_zero_bytes(word ^ AR_EACH('\\')) |
                        ((word - AR_EACH(0x20)) & ~word & AR_EACH(0x80));
        uint64_t passed = stop ^ (stop - 1); /* up to the first; all where there is none */
        *high |= (word & passed & AR_EACH(0x80)) != 0;
        if (stop) {
            return p + (__builtin_ctzll(stop) >> 3);
        }
    }
    while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20) {
        *high |= (unsigned char)*p >= 0x80;
        p++;
    }
    return p;
}

/* The next byte that a string cannot simply go on with: a quote, a backslash, a control character
 * or the end. Sets *high where a byte above 0x7F was passed, and leaves it otherwise. */
static inline const char *ar_scan_plain(const char *p, const char *end, bool *high)
{
#ifdef __SSE2__
    for (; end - p >= 16; p += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
        __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
        unsigned stop =
            (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control));
        *high |= ((unsigned)_mm_movemask_epi8(bytes) & (stop ^ (stop - 1))) != 0;
        if (stop) {
            return p + __builtin_ctz(stop);
        }
    }
#endif
    return ar_scan_plain_portable(p, end, high);
}

#endif
