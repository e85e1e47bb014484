/* The press: what is done with every pixel, in whole numbers, so that every machine prints the same bytes.
 *
 * A page is a grid of square tiles, numbered row by row. A tile is SIDE * SIDE pixels of 32 bits: red, green,
 * blue and alpha in this order in memory, colours multiplied by alpha, the top row first. Tiles at the right
 * and lower edge may reach beyond the page; what lies there is never shown.
 *
 * Memory belongs to the caller (`press.py`), who also sees to it that arrays are as long as they must be.
 */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 32
#define PIXELS (SIDE * SIDE)
#define FULL 255u

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

/* ---- blending ---------------------------------------------------------------------------------------- */

/* Four values of 8 bits times `share` / 255, rounded: two at a time, with room between them. */
static inline uint32_t times(uint32_t pixel, uint32_t share) {
    uint32_t odd = (pixel & 0x00ff00ffu) * share + 0x00800080u;
    uint32_t even = ((pixel >> 8) & 0x00ff00ffu) * share + 0x00800080u;
    odd = ((odd + ((odd >> 8) & 0x00ff00ffu)) >> 8) & 0x00ff00ffu;
    even = (even + ((even >> 8) & 0x00ff00ffu)) & 0xff00ff00u;
    return odd | even;
}

static inline uint32_t over(uint32_t above, uint32_t below) { return above + times(below, FULL - (above >> 24)); }

static void lay(uint32_t *restrict below, const uint32_t *restrict above, uint32_t opacity) {
    if (opacity == FULL)
        for (int i = 0; i < PIXELS; i++) below[i] = over(above[i], below[i]);
    else
        for (int i = 0; i < PIXELS; i++) below[i] = over(times(above[i], opacity), below[i]);
}

static inline uint32_t premultiplied(uint32_t straight) {
    uint32_t alpha = straight >> 24;
    return (times(straight, alpha) & 0x00ffffffu) | (alpha << 24);
}

/* ---- composing --------------------------------------------------------------------------------------- */

static void show(const uint32_t *tile, int32_t number, Page page, uint8_t *pixels, int32_t values, uint32_t clear) {
    int32_t x = number % page.columns * SIDE, y = number / page.columns * SIDE;
    int32_t wide = least(SIDE, page.width - x), high = least(SIDE, page.height - y);
    for (int32_t row = 0; row < high; row++) {
        const uint32_t *from = tile + row * SIDE;
        uint8_t *to = pixels + ((int64_t)(y + row) * page.width + x) * values;
        for (int32_t i = 0; i < wide; i++, to += values) {
            uint32_t pixel = from[i];
            if (values == 4) {
                uint32_t alpha = pixel >> 24;
                if (alpha == 0) pixel = clear;
                to[3] = (uint8_t)alpha;
                if (alpha != 0 && alpha != FULL) {
                    for (int k = 0; k < 3; k++) to[k] = (uint8_t)(((pixel >> 8 * k & FULL) * FULL + alpha / 2) / alpha);
                    continue;
                }
            }
            to[0] = (uint8_t)pixel;
            to[1] = (uint8_t)(pixel >> 8);
            to[2] = (uint8_t)(pixel >> 16);
        }
    }
}

/* Lay layers, from the bottom up, over those tiles of the ground that are wanted: into `pixels` `(height, width,
 * values)`, with straight alpha if there are four values and `clear` where nothing is; or, without `pixels`, into
 * the ground itself. `wanted` holds each number once. Returns 0, or -1 where memory ran out. */
EXPORT int32_t compose(uint32_t *ground, int32_t tiles, const Layer *layers, int32_t count, const int32_t *wanted,
                       int32_t wants, Page page, uint8_t *pixels, int32_t values, uint32_t clear) {
    /* For each wanted tile, the layers that have it: `piles[first[place] .. last[place]]`. */
    typedef struct {
        const uint32_t *tile;
        uint32_t opacity;
    } Sheet;
    int32_t *place = malloc((size_t)tiles * sizeof *place);
    int64_t *last = calloc((size_t)wants + 1, sizeof *last);
    uint8_t *covered = calloc((size_t)wants + 1, 1);
    Sheet *piles = NULL;
    int32_t failed = -1;
    if (!place || !last || !covered) goto done;
    for (int32_t i = 0; i < tiles; i++) place[i] = -1;
    for (int32_t i = 0; i < wants; i++) place[wanted[i]] = i;
    /* What is not wanted is counted at 0, which is no pile's: the sums below are where each one begins. */
    for (int32_t n = 0; n < count; n++)
        for (int32_t i = 0; i < layers[n].count; i++) last[place[layers[n].numbers[i]] + 1]++;
    last[0] = 0;
    for (int32_t i = 0; i < wants; i++) last[i + 1] += last[i];
    piles = malloc(((size_t)last[wants] + 1) * sizeof *piles);
    int64_t *first = malloc(((size_t)wants + 1) * sizeof *first);
    if (!piles || !first) {
        free(first);
        goto done;
    }
    memcpy(first, last, ((size_t)wants + 1) * sizeof *first);
    for (int32_t n = 0; n < count; n++)
        for (int32_t i = 0; i < layers[n].count; i++) {
            int32_t at = place[layers[n].numbers[i]];
            if (at < 0) continue;
            if (layers[n].opaque[i] && layers[n].opacity == FULL) {
                last[at] = first[at];
                covered[at] = 1;
            }
            piles[last[at]++] = (Sheet){layers[n].tiles[i], (uint32_t)layers[n].opacity};
        }
    for (int32_t i = 0; i < wants; i++) {
        uint32_t *below = ground + (int64_t)wanted[i] * PIXELS, mixed[PIXELS];
        uint32_t *result = pixels ? mixed : below;
        int64_t n = first[i];
        const uint32_t *lowest = covered[i] ? piles[n++].tile : below;
        if (lowest != result) memcpy(result, lowest, PIXELS * sizeof *result);
        for (; n < last[i]; n++) lay(result, piles[n].tile, piles[n].opacity);
        if (pixels) show(result, wanted[i], page, pixels, values, clear);
    }
    free(first);
    failed = 0;
done:
    free(place);
    free(last);
    free(covered);
    free(piles);
    return failed;
}

/* ---- tiles of marks ---------------------------------------------------------------------------------- */

/* The numbers of tiles in which two marks differ. Returns how many. */
EXPORT int32_t differing(const int32_t *numbers, const uint32_t *const *tiles, int32_t count,
                         const int32_t *others, const uint32_t *const *other_tiles, int32_t other_count,
                         int32_t *found) {
    int32_t i = 0, j = 0, n = 0;
    while (i < count || j < other_count) {
        if (j == other_count || (i < count && numbers[i] < others[j]))
            found[n++] = numbers[i++];
        else if (i == count || others[j] < numbers[i])
            found[n++] = others[j++];
        else {
            if (tiles[i] != other_tiles[j] && memcmp(tiles[i], other_tiles[j], PIXELS * sizeof **tiles) != 0)
                found[n++] = numbers[i];
            i++, j++;
        }
    }
    return n;
}

/* Where on the page a tile lies, without what lies beyond. */
typedef struct {
    int32_t left, top, right, bottom;
} Rect;

static Rect rect_of(int32_t number, Page page) {
    int32_t x = number % page.columns * SIDE, y = number / page.columns * SIDE;
    return (Rect){x, y, least(x + SIDE, page.width), least(y + SIDE, page.height)};
}

static uint8_t opaque_in(const uint32_t *tile, Rect rect) {
    for (int32_t y = 0; y < rect.bottom - rect.top; y++)
        for (int32_t x = 0; x < rect.right - rect.left; x++)
            if (tile[y * SIDE + x] >> 24 != FULL) return 0;
    return 1;
}

/* Cut what is drawn, straight alpha in rows of `stride` pixels with their first at `box`'s corner, into those of
 * the tiles `asked` that have ink. `wipe` puts `clear` in their place. Returns how many there are. */
EXPORT int32_t cut(uint32_t *drawn, int32_t stride, const Rect *box, const int32_t *asked, int32_t asks, Page page,
                   int32_t wipe, uint32_t clear, int32_t *numbers, uint32_t *tiles, uint8_t *opaque) {
    int32_t n = 0;
    for (int32_t k = 0; k < asks; k++) {
        Rect rect = rect_of(asked[k], page);
        int32_t left = most(rect.left, box->left), right = least(rect.right, box->right);
        int32_t top = most(rect.top, box->top), bottom = least(rect.bottom, box->bottom);
        if (left >= right || top >= bottom) continue;
        uint32_t *from = drawn + (int64_t)(top - box->top) * stride + left - box->left, ink = 0;
        for (int32_t y = 0; y < bottom - top; y++)
            for (int32_t x = 0; x < right - left; x++) ink |= from[(int64_t)y * stride + x];
        if (ink >> 24 == 0) continue;
        uint32_t *tile = tiles + (int64_t)n * PIXELS;
        memset(tile, 0, PIXELS * sizeof *tile);
        for (int32_t y = 0; y < bottom - top; y++) {
            uint32_t *to = tile + (top - rect.top + y) * SIDE + left - rect.left, *row = from + (int64_t)y * stride;
            for (int32_t x = 0; x < right - left; x++) to[x] = premultiplied(row[x]);
            if (wipe)
                for (int32_t x = 0; x < right - left; x++) row[x] = clear;
        }
        opaque[n] = opaque_in(tile, rect);
        numbers[n++] = asked[k];
    }
    return n;
}

/* ---- filling ----------------------------------------------------------------------------------------- */

/* Coordinates count 1/256 of a pixel, y downward. A piece of an edge within a pixel adds its height times what lies
 * right of it to that pixel, and the rest to the next: sums along a row are the area covered, ONE for all of it. */
#define UNIT 256
#define ONE (2 * UNIT * UNIT)

typedef struct {
    int32_t *sums;       /* (SIDE, columns * SIDE + 1) */
    uint8_t *touched;    /* (columns) */
    int32_t columns, wide; /* `wide` in pixels, a whole number of tiles */
} Band;

static void add(Band *band, int32_t row, int32_t column, int32_t share, int32_t height) {
    /* `share` is twice the mean distance from the pixel's left side. */
    int32_t *sums = band->sums + (int64_t)row * (band->wide + 1) + column;
    sums[0] += height * (2 * UNIT - share);
    sums[1] += height * share;
    band->touched[column / SIDE] = 1;
    if (share && column + 1 < band->wide) band->touched[(column + 1) / SIDE] = 1;
}

/* A piece of an edge within a row, from (x0, y0) to (x1, y1), x0 <= x1 and within the band. */
static void add_across(Band *band, int32_t row, int32_t x0, int32_t y0, int32_t x1, int32_t y1) {
    int32_t column = x0 / UNIT, end = x1 / UNIT;
    int32_t wide = x1 - x0, high = y1 - y0;
    int32_t x = x0, y = y0;
    for (; column < end; column++) {
        int32_t border = (column + 1) * UNIT;
        int32_t at = y0 + (int32_t)((int64_t)(border - x0) * high / wide);
        add(band, row, column, x + border - 2 * column * UNIT, at - y);
        x = border, y = at;
    }
    if (y1 != y && column < band->wide) add(band, row, column, x + x1 - 2 * column * UNIT, y1 - y);
}

/* The same, anywhere: left of the band its height counts from the first pixel on, right of it nothing does. */
static void add_piece(Band *band, int32_t row, int32_t x0, int32_t y0, int32_t x1, int32_t y1) {
    int32_t edge = band->wide * UNIT;
    if (y0 == y1) return;
    if (x0 > x1) {
        /* From left to right; only heights count, and they keep their sign. */
        int32_t x = x0, y = y0;
        x0 = x1, y0 = -y1;
        x1 = x, y1 = -y;
    }
    if (x0 < 0) {
        int32_t at = x1 <= 0 ? y1 : y0 + (int32_t)((int64_t)-x0 * (y1 - y0) / (x1 - x0));
        if (at != y0) add(band, row, 0, 0, at - y0);
        x0 = 0, y0 = at;
        if (x1 <= 0) return;
    }
    if (x0 >= edge) return;
    if (x1 > edge) {
        y1 = y0 + (int32_t)((int64_t)(edge - x0) * (y1 - y0) / (x1 - x0));
        x1 = edge;
    }
    add_across(band, row, x0, y0, x1, y1);
}

static double held(double value, double low, double high) { return value < low ? low : value > high ? high : value; }

static int32_t whole_units(double value) { return (int32_t)floor(value * UNIT + 0.5); }

/* An edge, rows of pixels cut from it within a band of rows that begins at `top`. */
static void add_edge(Band *band, double x0, double y0, double x1, double y1, int32_t top) {
    /* Far off the page a place in x is as good as any other beyond the edge. */
    double slope = (x1 - x0) / (y1 - y0), far = 4.0 * band->wide + 4096;
    int32_t from = whole_units(held(y0 - top, -1, SIDE + 1)), to = whole_units(held(y1 - top, -1, SIDE + 1));
    int32_t sign = from < to ? 1 : -1;
    int32_t y = most(0, least(SIDE * UNIT, from)), end = most(0, least(SIDE * UNIT, to));
    int32_t x = 0;
    int started = 0;
    while (y != end) {
        int32_t row = sign > 0 ? y / UNIT : (y - 1) / UNIT;
        int32_t next = sign > 0 ? least(end, (row + 1) * UNIT) : most(end, row * UNIT);
        double ends[2];
        for (int k = 0; k < 2; k++) {
            int32_t at = k ? next : y;
            double place = at == from ? x0 : at == to ? x1 : x0 + ((double)at / UNIT + top - y0) * slope;
            ends[k] = held(place, -far, far);
        }
        if (!started) x = whole_units(ends[0]);
        started = 1;
        int32_t x_next = whole_units(ends[1]);
        add_piece(band, row, x, y - row * UNIT, x_next, next - row * UNIT);
        x = x_next, y = next;
    }
}

/* Fill rings, vertices in pixels with y downward, by winding. `colours` holds the pixel of each degree of cover,
 * 0 to 255; tiles that are covered whole are `flat`, all others lie in `tiles`, of which the caller has `room`.
 * Returns how many tiles have ink, -1 where memory ran out, or -2 where there was not `room` enough. */
EXPORT int32_t fill(const double *xy, const int64_t *starts, int32_t rings, int64_t vertices, Page page,
                    const uint32_t *colours, const uint32_t *flat, int32_t *numbers, uint32_t *tiles, int32_t room,
                    const uint32_t **addresses, uint8_t *opaque) {
    int32_t bands = (page.height + SIDE - 1) / SIDE, found = 0, used = 0, failed = 1;
    Band band = {.columns = page.columns, .wide = page.columns * SIDE};
    /* The edges that touch each band, one list behind the other. */
    int64_t *last = calloc((size_t)bands + 1, sizeof *last), *ends = malloc((size_t)vertices * sizeof *ends);
    int64_t *edges = NULL;
    band.sums = calloc((size_t)SIDE * (band.wide + 1), sizeof *band.sums);
    band.touched = calloc((size_t)page.columns + 1, 1);
    if (!last || !ends || !band.sums || !band.touched) goto done;
    for (int32_t ring = 0; ring < rings; ring++) {
        int64_t stop = ring + 1 < rings ? starts[ring + 1] : vertices;
        for (int64_t i = starts[ring]; i < stop; i++) ends[i] = i + 1 < stop ? i + 1 : starts[ring];
    }
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t i = 0; i < vertices; i++) {
            double a = xy[2 * i + 1], b = xy[2 * ends[i] + 1];
            double low = (a < b ? a : b) - 1.0 / UNIT, high = (a < b ? b : a) + 1.0 / UNIT;
            if (a == b || high <= 0 || low >= page.height) continue;
            int32_t begin = low <= 0 ? 0 : (int32_t)low / SIDE;
            int32_t end = high >= page.height ? bands - 1 : (int32_t)high / SIDE;
            for (int32_t n = begin; n <= end; n++) {
                if (pass) edges[last[n]++] = i;
                else last[n + 1]++;
            }
        }
        if (pass) break;
        for (int32_t n = 0; n < bands; n++) last[n + 1] += last[n];
        edges = malloc(((size_t)last[bands] + 1) * sizeof *edges);
        if (!edges) goto done;
    }
    for (int32_t n = 0; n < bands; n++) {
        int64_t begin = n ? last[n - 1] : 0;
        if (begin == last[n]) continue;
        for (int64_t k = begin; k < last[n]; k++) {
            const double *a = xy + 2 * edges[k], *b = xy + 2 * ends[edges[k]];
            add_edge(&band, a[0], a[1], b[0], b[1], n * SIDE);
        }
        int32_t carried[SIDE] = {0};
        for (int32_t column = 0; column < page.columns; column++) {
            int32_t number = n * page.columns + column;
            int even = !band.touched[column];
            for (int32_t row = 1; even && row < SIDE; row++) even = carried[row] == carried[0];
            if (even) {
                int32_t cover = abs(carried[0]) / (2 * UNIT);
                if (cover == 0) continue;
                if (cover >= 255) {
                    addresses[found] = flat;
                    opaque[found] = flat[0] >> 24 == FULL;
                    numbers[found++] = number;
                    continue;
                }
            }
            if (used == room) {
                used++;
                goto done;
            }
            uint32_t *tile = tiles + (int64_t)used * PIXELS, ink = 0;
            for (int32_t row = 0; row < SIDE; row++) {
                int32_t *sums = band.sums + (int64_t)row * (band.wide + 1) + column * SIDE, sum = carried[row];
                for (int32_t i = 0; i < SIDE; i++) {
                    sum += sums[i];
                    sums[i] = 0;
                    int32_t cover = abs(sum) / (2 * UNIT);
                    ink |= tile[row * SIDE + i] = colours[least(cover, 255)];
                }
                carried[row] = sum;
            }
            band.touched[column] = 0;
            if (ink == 0) continue;
            addresses[found] = tile;
            opaque[found] = opaque_in(tile, rect_of(number, page));
            numbers[found++] = number;
            used++;
        }
        /* What lies right of the last pixel. */
        for (int32_t row = 0; row < SIDE; row++) band.sums[(int64_t)row * (band.wide + 1) + band.wide] = 0;
    }
    failed = 0;
done:
    free(last);
    free(ends);
    free(edges);
    free(band.sums);
    free(band.touched);
    return used > room ? -2 : failed ? -1 : found;
}

/* ---- arrows ------------------------------------------------------------------------------------------ */

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
