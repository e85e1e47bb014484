/* Pictures in the planes that video encoders take: BT.709, limited range, 4:2:0.
 *
 * Whole numbers, 65536 for one, so that every machine finds the same; the nearest value to what the standard says,
 * in all but ties. */

#include "press.h"

/* 0.2126, 0.7152 and 0.0722 of 219 / 255. */
enum { RED = 11966, GREEN = 40254, BLUE = 4064, LUMA_ZERO = 16 * 65536 + 32768 };
/* What is left of blue, and of red, when luma is taken off, as shares of 224 / 255; grey has exactly none. */
enum { BLUE_RED = -6596, BLUE_GREEN = -22189, BLUE_BLUE = 28785 };
enum { RED_RED = 28784, RED_GREEN = -26145, RED_BLUE = -2639 };
/* Sums of four pixels. */
enum { CHROMA_ZERO = 4 * (128 * 65536 + 32768) };

static inline uint8_t luma_of(const uint8_t *rgb) {
    return (uint8_t)((RED * rgb[0] + GREEN * rgb[1] + BLUE * rgb[2] + LUMA_ZERO) >> 16);
}

/* Convert those parts of a picture, `(height, width, 3)` with even sides, that lie in rectangles, grown to whole blocks of
 * two by two pixels: chroma stands in the middle of a block. Strides are those of the planes' rows, in bytes. */
EXPORT void to_yuv(const uint8_t *pixels, int32_t width, int32_t height, const Rect *rects, int32_t count, uint8_t *luma,
                   int64_t luma_stride, uint8_t *blues, uint8_t *reds, int64_t chroma_stride) {
    for (int32_t n = 0; n < count; n++) {
        int32_t left = most(0, rects[n].left) & ~1, right = least(width, rects[n].right);
        int32_t top = most(0, rects[n].top) & ~1, bottom = least(height, rects[n].bottom);
        for (int32_t y = top; y < bottom; y += 2) {
            const uint8_t *upper = pixels + ((int64_t)y * width + left) * 3, *lower = upper + (int64_t)width * 3;
            uint8_t *above = luma + y * luma_stride + left, *below = above + luma_stride;
            uint8_t *blue = blues + y / 2 * chroma_stride + left / 2, *red = reds + y / 2 * chroma_stride + left / 2;
            for (int32_t x = left; x < right; x += 2, upper += 6, lower += 6, above += 2, below += 2) {
                int32_t r = upper[0] + upper[3] + lower[0] + lower[3];
                int32_t g = upper[1] + upper[4] + lower[1] + lower[4];
                int32_t b = upper[2] + upper[5] + lower[2] + lower[5];
                above[0] = luma_of(upper);
                above[1] = luma_of(upper + 3);
                below[0] = luma_of(lower);
                below[1] = luma_of(lower + 3);
                *blue++ = (uint8_t)((BLUE_RED * r + BLUE_GREEN * g + BLUE_BLUE * b + CHROMA_ZERO) >> 18);
                *red++ = (uint8_t)((RED_RED * r + RED_GREEN * g + RED_BLUE * b + CHROMA_ZERO) >> 18);
            }
        }
    }
}
