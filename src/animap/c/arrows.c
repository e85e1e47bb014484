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

/* Darken three planes of a tile to what a stamp has there; what lies over itself is no darker for that. */
static void press(const Stamp *stamp, Rect tile, uint8_t planes[3][PIXELS]) {
    Rect rect = stamp->rect;
    int32_t left = most(rect.left, tile.left), right = least(rect.right, tile.right);
    int32_t top = most(rect.top, tile.top), bottom = least(rect.bottom, tile.bottom);
    int64_t wide = rect.right - rect.left, size = wide * (rect.bottom - rect.top);
    if (left >= right) return;
    for (int k = 0; k < 3; k++)
        for (int32_t y = top; y < bottom; y++) {
            int64_t from = k * size + (y - rect.top) * wide + left - rect.left;
            const uint8_t *ink = stamp->planes + from;
            const uint16_t *grade = stamp->grades ? stamp->grades + from : NULL;
            uint8_t *to = planes[k] + (y - tile.top) * SIDE + left - tile.left;
            for (int32_t x = 0; x < right - left; x++) {
                if (ink[x] == 0) continue;
                uint32_t shade = grade ? stamp->shades[grade[x]] : (uint32_t)stamp->shade;
                uint32_t dark = (ink[x] * shade + 255) >> 8;
                /* What is old and pale casts less of a shadow than its colour has of its own. */
                if (k == 0) dark = (dark * shade + 255) >> 8;
                if (dark > to[x]) to[x] = (uint8_t)dark;
            }
        }
}

/* Print stamps onto the tiles `asked`: shadow, casing and body over each other, each with the pixels of its degrees
 * of cover in `colours` (3, 256). Returns how many of the tiles have ink. */
EXPORT int32_t print_stamps(const Stamp *stamps, int32_t count, const int32_t *asked, int32_t asks, Page page,
                            const uint32_t *colours, int32_t *numbers, uint32_t *tiles) {
    int32_t n = 0;
    for (int32_t k = 0; k < asks; k++) {
        uint8_t planes[3][PIXELS] = {{0}};
        Rect rect = rect_of(asked[k], page);
        uint32_t *tile = tiles + (int64_t)n * PIXELS, ink = 0;
        for (int32_t i = 0; i < count; i++) press(stamps + i, rect, planes);
        for (int32_t i = 0; i < PIXELS; i++) {
            uint32_t pixel = over(colours[256 + planes[1][i]], colours[planes[0][i]]);
            ink |= tile[i] = over(colours[512 + planes[2][i]], pixel);
        }
        if (ink != 0) numbers[n++] = asked[k];
    }
    return n;
}
