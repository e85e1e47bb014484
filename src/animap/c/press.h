/* The press: what is done with every pixel. In whole numbers, so that every machine prints the same bytes; but what
 * leads to them, points of paths and limbs, and the weights of a blur, is worked out in floating point, and rounded. Where
 * that takes a sine or a power of e, another system may round one in many to the next whole number.
 *
 * A page is a grid of square tiles, numbered row by row. A tile is SIDE * SIDE pixels of 32 bits: red, green,
 * blue and alpha in this order in memory, colours multiplied by alpha, the top row first. Tiles at the right
 * and lower edge may reach beyond the page; what lies there is never shown.
 *
 * Memory belongs to the caller, in Python, who also sees to it that arrays are as long as they must be; only
 * `draw_limbs` hands over what it took, to be given back to `drop_rings`.
 */

#ifndef PRESS_H
#define PRESS_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 32
#define PIXELS (SIDE * SIDE)
#define FULL 255u
#define NO_MEMORY (-1)
#define PI 3.14159265358979323846

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

typedef struct {
    int32_t width, height, columns;
} Page;

/* A mark as tiles, by rising number; `opaque` says under which of them nothing shows. */
typedef struct {
    const int32_t *numbers;
    const uint32_t *const *tiles;
    const uint8_t *opaque;
    int32_t count, opacity;
} Layer;

static inline int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t most(int32_t a, int32_t b) { return a > b ? a : b; }

/* Nothing lies farther off than this, in pixels, so that no product of its place overflows. */
#define FAR 1e9

static inline double held(double value, double low, double high) {
    return value < low ? low : value > high ? high : value;
}

/* Where on the page a tile lies, without what lies beyond. */
typedef struct {
    int32_t left, top, right, bottom;
} Rect;

static inline Rect rect_of(int32_t number, Page page) {
    int32_t x = number % page.columns * SIDE, y = number / page.columns * SIDE;
    return (Rect){x, y, least(x + SIDE, page.width), least(y + SIDE, page.height)};
}

static inline uint8_t opaque_in(const uint32_t *tile, Rect rect) {
    for (int32_t y = 0; y < rect.bottom - rect.top; y++)
        for (int32_t x = 0; x < rect.right - rect.left; x++)
            if (tile[y * SIDE + x] >> 24 != FULL) return 0;
    return 1;
}

/* Four values of 8 bits times `share` / 255, rounded: two at a time, with room between them. */
static inline uint32_t times(uint32_t pixel, uint32_t share) {
    uint32_t odd = (pixel & 0x00ff00ffu) * share + 0x00800080u;
    uint32_t even = ((pixel >> 8) & 0x00ff00ffu) * share + 0x00800080u;
    odd = ((odd + ((odd >> 8) & 0x00ff00ffu)) >> 8) & 0x00ff00ffu;
    even = (even + ((even >> 8) & 0x00ff00ffu)) & 0xff00ff00u;
    return odd | even;
}

static inline uint32_t over(uint32_t above, uint32_t below) { return above + times(below, FULL - (above >> 24)); }

void lay(uint32_t *below, const uint32_t *above, uint32_t opacity);

static inline uint32_t premultiplied(uint32_t straight) {
    uint32_t alpha = straight >> 24;
    return (times(straight, alpha) & 0x00ffffffu) | (alpha << 24);
}

/* ---- what is filled ---------------------------------------------------------------------------------- */

/* Filling counts 1/256 of a pixel. */
#define UNIT 256

typedef struct {
    double x, y;
} Point;

/* Not `hypot`, which differs between machines in the last bit. */
static inline double span(Point a, Point b) {
    return sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y));
}

/* As long as `size`, to the left, where y is upward, of the direction from a to b; nothing where there is none. */
static inline Point left_of(Point a, Point b, double size) {
    double length = span(a, b);
    if (!(length > 0)) return (Point){0, 0};
    return (Point){-(b.y - a.y) / length * size, (b.x - a.x) / length * size};
}

/* Points of many rings or polylines, one behind the other: `starts` has one more than there are. */
typedef struct {
    Point *points;
    int64_t *starts;
    uint8_t *closed;
    int64_t length, count, room, places;
    int32_t failed;
} Rings;

/* Where a filled shape goes, tile by tile. `colours` holds the pixel of each degree of cover, 0 to 255, and `flat` is a
 * tile that is covered whole. `take` gets each tile that has ink: `flat` stays where it is,
 * any other is gone when it returns. */
typedef struct Sink {
    const uint32_t *colours, *flat;
    void (*take)(struct Sink *sink, int32_t number, const uint32_t *tile, Page page);
} Sink;

void add_point(Rings *rings, Point point);
void begin_ring(Rings *rings);
void close_ring(Rings *rings);
void end_rings(Rings *rings);
void free_rings(Rings *rings);

/* A path with y upward: filled, or with a `width` stroked, perhaps in dashes. */
typedef struct {
    const Point *points;
    const uint8_t *codes;
    const double *dash;
    const uint32_t *colours, *flat;
    int64_t length;
    double width;
    int32_t dashes, unused;
} Path;

/* The rings to be filled for a path. A width below 0, or a point that is not finite, leaves none. Returns 0 or NO_MEMORY,
 * with rings to be freed either way. */
int32_t path_rings(const Path *path, Page page, Rings *rings);

/* Fill rings by winding. Returns 0 or NO_MEMORY. */
int32_t fill_rings(const Rings *rings, Page page, Sink *sink);

#endif
