/* Arrows: what their stamps leave on tiles. */

#include "press.h"

/* Three planes of cover over a rectangle, and how pale: by each pixel's grade, or all of it alike. */
typedef struct {
    const uint8_t *planes;
    const uint16_t *grades;
    const uint8_t *shades;
    Rect rect;
    int32_t shade;
} Stamp;

/* Three planes of a tile, and which of its rows have anything. */
typedef struct {
    uint8_t ink[3][PIXELS];
    int32_t top, bottom;
} Cover;

/* What is old and pale casts less of a shadow than its colour has of its own. */
static inline uint8_t shaded(uint32_t ink, uint32_t shade, int shadow) {
    uint32_t dark = (ink * shade + 255) >> 8;
    return (uint8_t)(shadow ? (dark * shade + 255) >> 8 : dark);
}

static inline void darken(uint8_t *to, uint8_t dark) { *to = dark > *to ? dark : *to; }

/* Darken a tile to what a stamp has there; what lies over itself is no darker for that. */
static void press(const Stamp *stamp, Rect tile, Cover *cover) {
    Rect rect = stamp->rect;
    int32_t left = most(rect.left, tile.left), right = least(rect.right, tile.right);
    int32_t top = most(rect.top, tile.top), bottom = least(rect.bottom, tile.bottom);
    int64_t wide = rect.right - rect.left, size = wide * (rect.bottom - rect.top);
    if (left >= right || top >= bottom) return;
    cover->top = least(cover->top, top - tile.top);
    cover->bottom = most(cover->bottom, bottom - tile.top);
    for (int k = 0; k < 3; k++)
        for (int32_t y = top; y < bottom; y++) {
            int64_t from = k * size + (y - rect.top) * wide + left - rect.left;
            const uint8_t *ink = stamp->planes + from;
            uint8_t *to = cover->ink[k] + (y - tile.top) * SIDE + left - tile.left;
            if (stamp->grades) {
                const uint16_t *grades = stamp->grades + from;
                for (int32_t x = 0; x < right - left; x++) darken(to + x, shaded(ink[x], stamp->shades[grades[x]], !k));
            } else
                for (int32_t x = 0; x < right - left; x++) darken(to + x, shaded(ink[x], (uint32_t)stamp->shade, !k));
        }
}

/* Print stamps onto the tiles `asked`: shadow, casing and body over each other, each with the pixels of its degrees
 * of cover in `colours` (3, 256). Returns how many of the tiles have ink. */
EXPORT int32_t print_stamps(const Stamp *stamps, int32_t count, const int32_t *asked, int32_t asks, Page page,
                            const uint32_t *colours, int32_t *numbers, uint32_t *tiles) {
    int32_t n = 0;
    for (int32_t k = 0; k < asks; k++) {
        Cover cover = {.top = SIDE};
        Rect rect = rect_of(asked[k], page);
        uint32_t *tile = tiles + (int64_t)n * PIXELS, ink = 0;
        for (int32_t i = 0; i < count; i++) press(stamps + i, rect, &cover);
        if (cover.top >= cover.bottom) continue;
        memset(tile, 0, PIXELS * sizeof *tile);
        for (int32_t i = cover.top * SIDE; i < cover.bottom * SIDE; i++) {
            uint32_t pixel = over(colours[256 + cover.ink[1][i]], colours[cover.ink[0][i]]);
            ink |= tile[i] = over(colours[512 + cover.ink[2][i]], pixel);
        }
        if (ink != 0) numbers[n++] = asked[k];
    }
    return n;
}
