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

/* Pixels of a row that are taken together: apart by colour, processors work on many of them at once. */
enum { SPAN = 32 };

typedef struct {
    int32_t red[SPAN], green[SPAN], blue[SPAN];
} Hues;

static void take_apart(const uint8_t *restrict rgb, int32_t count, Hues *restrict hues) {
    for (int32_t i = 0; i < count; i++) {
        hues->red[i] = rgb[3 * i];
        hues->green[i] = rgb[3 * i + 1];
        hues->blue[i] = rgb[3 * i + 2];
    }
}

static void to_luma(const Hues *restrict hues, int32_t count, uint8_t *restrict luma) {
    for (int32_t i = 0; i < count; i++)
        luma[i] = (uint8_t)((RED * hues->red[i] + GREEN * hues->green[i] + BLUE * hues->blue[i] + LUMA_ZERO) >> 16);
}

static void to_chroma(const Hues *restrict upper, const Hues *restrict lower, int32_t count, uint8_t *restrict blues,
                      uint8_t *restrict reds) {
    for (int32_t i = 0; i < count; i += 2) {
        int32_t r = upper->red[i] + upper->red[i + 1] + lower->red[i] + lower->red[i + 1];
        int32_t g = upper->green[i] + upper->green[i + 1] + lower->green[i] + lower->green[i + 1];
        int32_t b = upper->blue[i] + upper->blue[i + 1] + lower->blue[i] + lower->blue[i + 1];
        blues[i / 2] = (uint8_t)((BLUE_RED * r + BLUE_GREEN * g + BLUE_BLUE * b + CHROMA_ZERO) >> 18);
        reds[i / 2] = (uint8_t)((RED_RED * r + RED_GREEN * g + RED_BLUE * b + CHROMA_ZERO) >> 18);
    }
}

/* Two rows of some pixels, of an even number. */
static inline void convert(const uint8_t *upper, const uint8_t *lower, int32_t count, uint8_t *above, uint8_t *below,
                           uint8_t *blues, uint8_t *reds) {
    Hues first, second;
    take_apart(upper, count, &first);
    take_apart(lower, count, &second);
    to_luma(&first, count, above);
    to_luma(&second, count, below);
    to_chroma(&first, &second, count, blues, reds);
}

/* Convert those parts of a picture, `(height, width, 3)` with even sides, that lie in rectangles, grown to whole blocks of
 * two by two pixels: chroma stands in the middle of a block. Strides are those of the planes' rows, in bytes. */
EXPORT void to_yuv(const uint8_t *pixels, int32_t width, int32_t height, const Rect *rects, int32_t count, uint8_t *luma,
                   int64_t luma_stride, uint8_t *blues, uint8_t *reds, int64_t chroma_stride) {
    for (int32_t n = 0; n < count; n++) {
        int32_t left = most(0, rects[n].left) & ~1, right = (least(width, rects[n].right) + 1) & ~1;
        int32_t top = most(0, rects[n].top) & ~1, bottom = least(height, rects[n].bottom);
        for (int32_t y = top; y < bottom; y += 2) {
            const uint8_t *upper = pixels + (int64_t)y * width * 3, *lower = upper + (int64_t)width * 3;
            uint8_t *above = luma + y * luma_stride, *below = above + luma_stride;
            uint8_t *blue = blues + y / 2 * chroma_stride, *red = reds + y / 2 * chroma_stride;
            for (int32_t x = left; x < right; x += SPAN) {
                if (right - x >= SPAN)
                    convert(upper + 3 * x, lower + 3 * x, SPAN, above + x, below + x, blue + x / 2, red + x / 2);
                else
                    convert(upper + 3 * x, lower + 3 * x, right - x, above + x, below + x, blue + x / 2, red + x / 2);
            }
        }
    }
}
