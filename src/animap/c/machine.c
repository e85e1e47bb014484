/* What the processor can do. */

#include "press.h"

#if defined(__x86_64__)
#include <cpuid.h>

static uint64_t registers_kept(void) {
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

/* Whether this is a machine of the third level of x86-64: eight pixels at a time, where others take four. The system has
 * to keep the wide registers, too. */
EXPORT int32_t takes_wide(void) {
    enum { FMA = 1u << 12, MOVBE = 1u << 22, OSXSAVE = 1u << 27, AVX = 1u << 28, F16C = 1u << 29 };
    enum { BMI1 = 1u << 3, AVX2 = 1u << 5, BMI2 = 1u << 8, LZCNT = 1u << 5 };
    const uint32_t first = FMA | MOVBE | OSXSAVE | AVX | F16C, seventh = BMI1 | AVX2 | BMI2;
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & first) != first || (registers_kept() & 6) != 6) return 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (b & seventh) != seventh) return 0;
    return __get_cpuid(0x80000001, &a, &b, &c, &d) && (c & LZCNT);
}
#else
EXPORT int32_t takes_wide(void) { return 0; }
#endif
