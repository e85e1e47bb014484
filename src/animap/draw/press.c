/* The press: what is done with every pixel, in whole numbers, so that every machine prints the same bytes; but for
 * paths, whose points are worked out in double precision before they are rounded to 1/256 of a pixel.
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
#define NO_MEMORY (-1)
#define NO_ROOM (-2)
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

/* RGB of a row of pixels, four of them, twelve bytes, at a time. */
static void show_row(const uint32_t *from, int32_t wide, uint8_t *to) {
    int32_t i = 0;
    for (; i + 4 <= wide; i += 4, to += 12) {
        uint32_t a = from[i], b = from[i + 1], c = from[i + 2], d = from[i + 3];
        uint32_t packed[3] = {(a & 0xffffffu) | b << 24, (b >> 8 & 0xffffu) | c << 16, (c >> 16 & FULL) | d << 8};
        memcpy(to, packed, sizeof packed);
    }
    for (; i < wide; i++, to += 3) {
        to[0] = (uint8_t)from[i];
        to[1] = (uint8_t)(from[i] >> 8);
        to[2] = (uint8_t)(from[i] >> 16);
    }
}

/* RGBA of a row of pixels with straight alpha; what is clear has the colour `clear`. */
static void show_clear_row(const uint32_t *from, int32_t wide, uint8_t *to, uint32_t clear) {
    for (int32_t i = 0; i < wide; i++, to += 4) {
        uint32_t alpha = from[i] >> 24, pixel = alpha ? from[i] : clear;
        for (int k = 0; k < 3; k++) {
            uint32_t value = pixel >> 8 * k & FULL;
            to[k] = (uint8_t)(alpha ? (value * FULL + alpha / 2) / alpha : value);
        }
        to[3] = (uint8_t)alpha;
    }
}

static void show(const uint32_t *tile, int32_t number, Page page, uint8_t *pixels, int32_t values, uint32_t clear) {
    int32_t x = number % page.columns * SIDE, y = number / page.columns * SIDE;
    int32_t wide = least(SIDE, page.width - x), high = least(SIDE, page.height - y);
    for (int32_t row = 0; row < high; row++) {
        uint8_t *to = pixels + ((int64_t)(y + row) * page.width + x) * values;
        if (values == 3)
            show_row(tile + row * SIDE, wide, to);
        else
            show_clear_row(tile + row * SIDE, wide, to, clear);
    }
}

/* Lay layers, from the bottom up, over those tiles of the ground that are wanted: into `pixels` `(height, width,
 * values)`, with straight alpha if there are four values and `clear` where nothing is; without `pixels`, into the
 * ground itself; and without a ground, into one clear tile behind the other in `printed`. `wanted` holds each number
 * once, of `tiles` that there are. Returns 0 or NO_MEMORY. */
EXPORT int32_t compose(uint32_t *ground, int32_t tiles, const Layer *layers, int32_t count, const int32_t *wanted,
                       int32_t wants, Page page, uint8_t *pixels, int32_t values, uint32_t clear,
                       uint32_t *printed) {
    typedef struct {
        const uint32_t *tile;
        uint32_t opacity;
    } Sheet;
    /* A pile for each wanted tile, of the sheets of all layers that have it: `sheets[first .. last]`. */
    typedef struct {
        int64_t first, last;
        int32_t covered;
    } Pile;
    int32_t *place = malloc((size_t)tiles * sizeof *place);
    Pile *piles = calloc((size_t)wants + 1, sizeof *piles);
    Sheet *sheets = NULL;
    int32_t failed = NO_MEMORY;
    if (!place || !piles) goto done;
    /* What is not wanted goes to a pile behind all others. */
    for (int32_t i = 0; i < tiles; i++) place[i] = wants;
    for (int32_t i = 0; i < wants; i++) place[wanted[i]] = i;
    int64_t total = 0;
    for (int32_t n = 0; n < count; n++)
        for (int32_t i = 0; i < layers[n].count; i++) piles[place[layers[n].numbers[i]]].last++;
    for (int32_t i = 0; i < wants; i++) {
        int64_t size = piles[i].last;
        piles[i].first = piles[i].last = total;
        total += size;
    }
    sheets = malloc((size_t)(total + 1) * sizeof *sheets);
    if (!sheets) goto done;
    for (int32_t n = 0; n < count; n++)
        for (int32_t i = 0; i < layers[n].count; i++) {
            int32_t at = place[layers[n].numbers[i]];
            if (at == wants) continue;
            Pile *pile = piles + at;
            if (layers[n].opaque[i] && layers[n].opacity == FULL) {
                pile->last = pile->first;
                pile->covered = 1;
            }
            sheets[pile->last++] = (Sheet){layers[n].tiles[i], (uint32_t)layers[n].opacity};
        }
    for (int32_t i = 0; i < wants; i++) {
        uint32_t *below = ground ? ground + (int64_t)wanted[i] * PIXELS : NULL, mixed[PIXELS];
        uint32_t *result = pixels ? mixed : printed ? printed + (int64_t)i * PIXELS : below;
        int64_t n = piles[i].first;
        const uint32_t *lowest = piles[i].covered ? sheets[n++].tile : below;
        if (!lowest)
            memset(result, 0, PIXELS * sizeof *result);
        else if (lowest != result)
            memcpy(result, lowest, PIXELS * sizeof *result);
        for (; n < piles[i].last; n++) lay(result, sheets[n].tile, sheets[n].opacity);
        if (pixels) show(result, wanted[i], page, pixels, values, clear);
    }
    failed = 0;
done:
    free(place);
    free(piles);
    free(sheets);
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

/* Thin out tiles to what a mask has of them: both by rising number. Returns how many are left, with their numbers. */
EXPORT int32_t thin_out(const Layer *layer, const Layer *mask, int32_t *numbers, uint32_t *tiles) {
    int32_t n = 0;
    for (int32_t i = 0, j = 0; i < layer->count; i++) {
        while (j < mask->count && mask->numbers[j] < layer->numbers[i]) j++;
        if (j == mask->count || mask->numbers[j] != layer->numbers[i]) continue;
        uint32_t *tile = tiles + (int64_t)n * PIXELS;
        for (int k = 0; k < PIXELS; k++) tile[k] = times(layer->tiles[i][k], mask->tiles[j][k] >> 24);
        numbers[n++] = layer->numbers[i];
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

/* Cut what is drawn in a box, with straight alpha, into those of the tiles `asked` that have ink. Returns how many
 * there are. */
EXPORT int32_t cut(const uint32_t *drawn, const Rect *box, const int32_t *asked, int32_t asks, Page page,
                   int32_t *numbers, uint32_t *tiles, uint8_t *opaque) {
    int32_t stride = box->right - box->left;
    int32_t n = 0;
    for (int32_t k = 0; k < asks; k++) {
        Rect rect = rect_of(asked[k], page);
        int32_t left = most(rect.left, box->left), right = least(rect.right, box->right);
        int32_t top = most(rect.top, box->top), bottom = least(rect.bottom, box->bottom);
        if (left >= right || top >= bottom) continue;
        const uint32_t *from = drawn + (int64_t)(top - box->top) * stride + left - box->left;
        uint32_t ink = 0;
        for (int32_t y = 0; y < bottom - top; y++)
            for (int32_t x = 0; x < right - left; x++) ink |= from[(int64_t)y * stride + x];
        if (ink >> 24 == 0) continue;
        uint32_t *tile = tiles + (int64_t)n * PIXELS;
        memset(tile, 0, PIXELS * sizeof *tile);
        for (int32_t y = 0; y < bottom - top; y++) {
            uint32_t *to = tile + (top - rect.top + y) * SIDE + left - rect.left;
            for (int32_t x = 0; x < right - left; x++) to[x] = premultiplied(from[(int64_t)y * stride + x]);
        }
        opaque[n] = opaque_in(tile, rect);
        numbers[n++] = asked[k];
    }
    return n;
}

/* ---- filling ----------------------------------------------------------------------------------------- */

/* Coordinates count 1/256 of a pixel, y downward. A piece of an edge within a pixel adds its height times what lies
 * right of it to that pixel, and the rest to the next: sums along a row are the area covered, 2 * UNIT * UNIT for all
 * of it. */
#define UNIT 256
/* Pixels that are looked at together: most runs of them have no edge in them. */
#define RUN 8

typedef struct {
    double x, y;
} Point;

/* Points of many rings or polylines, one behind the other: `starts` has one more than there are. */
typedef struct {
    Point *points;
    int64_t *starts;
    uint8_t *closed;
    int64_t length, count, room, places;
    int32_t failed;
} Rings;

static void add_point(Rings *rings, Point point) {
    if (rings->length == rings->room) {
        int64_t room = rings->room ? 2 * rings->room : 256;
        Point *points = rings->failed ? NULL : realloc(rings->points, (size_t)room * sizeof *points);
        if (!points) {
            rings->failed = 1;
            return;
        }
        rings->points = points;
        rings->room = room;
    }
    rings->points[rings->length++] = point;
}

static void begin_ring(Rings *rings) {
    if (rings->count + 1 >= rings->places) {
        int64_t places = rings->places ? 2 * rings->places : 64;
        int64_t *starts = realloc(rings->starts, (size_t)places * sizeof *starts);
        if (starts) rings->starts = starts;
        uint8_t *closed = realloc(rings->closed, (size_t)places * sizeof *closed);
        if (closed) rings->closed = closed;
        if (!starts || !closed) {
            rings->failed = 1;
            return;
        }
        rings->places = places;
    }
    rings->closed[rings->count] = 0;
    rings->starts[rings->count++] = rings->length;
}

static void close_ring(Rings *rings) {
    if (rings->count && !rings->failed) rings->closed[rings->count - 1] = 1;
}

static void end_rings(Rings *rings) {
    if (!rings->count) {
        /* So that there is room for the one start that says where nothing ends. */
        begin_ring(rings);
        rings->count = 0;
    }
    if (!rings->failed) rings->starts[rings->count] = rings->length;
}

static void free_rings(Rings *rings) {
    free(rings->points);
    free(rings->starts);
    free(rings->closed);
}

typedef struct {
    uint32_t *sums;   /* (SIDE, columns * SIDE + 1): signed, and wrap where 16384 rings overlap */
    uint8_t *touched; /* (columns) */
    int32_t left, columns, wide; /* first column of tiles, how many, and as many pixels */
} Band;

static void add(Band *band, int32_t row, int32_t column, int32_t share, int32_t height) {
    /* `share` is twice the mean distance from the pixel's left side. */
    uint32_t *sums = band->sums + (int64_t)row * (band->wide + 1) + column;
    sums[0] += (uint32_t)(height * (2 * UNIT - share));
    sums[1] += (uint32_t)(height * share);
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
static void add_edge(Band *band, Point a, Point b, int32_t top) {
    /* Far off the page a place in x is as good as any other beyond the edge. */
    double slope = (b.x - a.x) / (b.y - a.y), far = 4.0 * band->wide + 4096;
    a.x -= band->left * SIDE, b.x -= band->left * SIDE;
    int32_t from = whole_units(held(a.y - top, -1, SIDE + 1)), to = whole_units(held(b.y - top, -1, SIDE + 1));
    int32_t down = from < to;
    int32_t y = most(0, least(SIDE * UNIT, from)), end = most(0, least(SIDE * UNIT, to));
    if (y == end) return;
    int32_t x = whole_units(held(y == from ? a.x : a.x + ((double)y / UNIT + top - a.y) * slope, -far, far));
    while (y != end) {
        int32_t row = down ? y / UNIT : (y - 1) / UNIT;
        int32_t next = down ? least(end, (row + 1) * UNIT) : most(end, row * UNIT);
        double place = next == to ? b.x : a.x + ((double)next / UNIT + top - a.y) * slope;
        int32_t x_next = whole_units(held(place, -far, far));
        add_piece(band, row, x, y - row * UNIT, x_next, next - row * UNIT);
        x = x_next, y = next;
    }
}

/* Where a filled shape goes, tile by tile. `colours` holds the pixel of each degree of cover, 0 to 255; tiles that are
 * covered whole are `flat`, all others lie in `tiles`, of which there is `room`. Or it darkens a `plane` of the page. */
typedef struct {
    const uint32_t *colours, *flat;
    int32_t *numbers;
    uint32_t *tiles;
    const uint32_t **addresses;
    uint8_t *opaque, *plane;
    int32_t room, found, used;
} Sink;

static void put(Sink *sink, int32_t number, const uint32_t *tile, uint8_t opaque, Page page) {
    if (!sink->plane) {
        sink->addresses[sink->found] = tile;
        sink->opaque[sink->found] = opaque;
        sink->numbers[sink->found++] = number;
        return;
    }
    Rect rect = rect_of(number, page);
    for (int32_t y = rect.top; y < rect.bottom; y++)
        for (int32_t x = rect.left; x < rect.right; x++) {
            uint8_t *to = sink->plane + (int64_t)y * page.width + x;
            uint32_t cover = tile[(y - rect.top) * SIDE + x - rect.left] >> 24;
            if (cover > *to) *to = (uint8_t)cover;
        }
}

/* How far a sum covers a pixel, of 255. */
static inline uint32_t degree_of(uint32_t sum) {
    uint32_t size = sum >> 31 ? 0u - sum : sum, degree = size / (2 * UNIT);
    return degree < FULL ? degree : FULL;
}

/* Sum up a band, tile by tile, and clear it. Returns 0, or NO_ROOM for its tiles. */
static int32_t print_band(Band *band, int32_t row_of_tiles, Page page, Sink *sink) {
    uint32_t carried[SIDE] = {0};
    for (int32_t column = 0; column < band->columns; column++) {
        int32_t number = row_of_tiles * page.columns + band->left + column, even = !band->touched[column];
        for (int32_t row = 1; even && row < SIDE; row++) even = carried[row] == carried[0];
        if (even) {
            uint32_t cover = degree_of(carried[0]);
            if (cover == 0) continue;
            if (cover == FULL) {
                put(sink, number, sink->flat, sink->flat[0] >> 24 == FULL, page);
                continue;
            }
        }
        if (sink->used == sink->room) return NO_ROOM;
        uint32_t *tile = sink->tiles + (int64_t)sink->used * PIXELS, ink = 0;
        for (int32_t row = 0; row < SIDE; row++) {
            uint32_t *sums = band->sums + (int64_t)row * (band->wide + 1) + column * SIDE, sum = carried[row];
            uint32_t *to = tile + row * SIDE, pixel = sink->colours[degree_of(sum)];
            for (int32_t i = 0; i < SIDE; i += RUN) {
                uint32_t any = 0;
                for (int32_t k = 0; k < RUN; k++) any |= sums[i + k];
                if (!any) {
                    for (int32_t k = 0; k < RUN; k++) to[i + k] = pixel;
                    ink |= pixel;
                    continue;
                }
                for (int32_t k = 0; k < RUN; k++) {
                    sum += sums[i + k];
                    sums[i + k] = 0;
                    pixel = sink->colours[degree_of(sum)];
                    ink |= to[i + k] = pixel;
                }
            }
            carried[row] = sum;
        }
        band->touched[column] = 0;
        if (ink == 0) continue;
        put(sink, number, tile, opaque_in(tile, rect_of(number, page)), page);
        if (!sink->plane) sink->used++;
    }
    /* What lies right of the last pixel. */
    for (int32_t row = 0; row < SIDE; row++) band->sums[(int64_t)row * (band->wide + 1) + band->wide] = 0;
    return 0;
}

/* An edge of a ring, by the numbers of its points. */
typedef struct {
    int64_t from, to;
} Edge;

/* The edges that touch each band, one list behind the other; `last` `(bands + 1)`, zeros, gets where each list ends.
 * NULL where memory ran out. */
static Edge *edges_by_band(const Rings *rings, Page page, int32_t bands, int64_t *last) {
    Edge *edges = NULL;
    /* They are counted before they are listed. */
    for (int listing = 0; listing < 2; listing++) {
        for (int64_t ring = 0; ring < rings->count; ring++) {
            int64_t start = rings->starts[ring], stop = rings->starts[ring + 1];
            for (int64_t i = start; i < stop; i++) {
                Edge edge = {i, i + 1 < stop ? i + 1 : start};
                Point a = rings->points[edge.from], b = rings->points[edge.to];
                double low = (a.y < b.y ? a.y : b.y) - 1.0 / UNIT, high = (a.y < b.y ? b.y : a.y) + 1.0 / UNIT;
                if (a.y == b.y || high <= 0 || low >= page.height || fmin(a.x, b.x) >= page.width) continue;
                int32_t begin = low <= 0 ? 0 : (int32_t)low / SIDE;
                int32_t end = high >= page.height ? bands - 1 : (int32_t)high / SIDE;
                for (int32_t n = begin; n <= end; n++) {
                    if (listing)
                        edges[last[n]++] = edge;
                    else
                        last[n + 1]++;
                }
            }
        }
        if (listing) break;
        for (int32_t n = 0; n < bands; n++) last[n + 1] += last[n];
        edges = malloc((size_t)(last[bands] + 1) * sizeof *edges);
        if (!edges) break;
    }
    return edges;
}

/* Fill rings by winding. Returns how many tiles have ink, NO_MEMORY or NO_ROOM. */
static int32_t fill_rings(const Rings *rings, Page page, Sink *sink) {
    int32_t bands = (page.height + SIDE - 1) / SIDE, result = NO_MEMORY;
    double least_x = page.columns * SIDE, most_x = 0;
    for (int64_t i = 0; i < rings->length; i++) {
        least_x = fmin(least_x, rings->points[i].x);
        most_x = fmax(most_x, rings->points[i].x);
    }
    Band band = {.left = (int32_t)fmax(0, least_x) / SIDE};
    band.columns = least(page.columns, (int32_t)fmin(most_x, page.width) / SIDE + 1) - band.left;
    if (band.columns <= 0) return 0;
    band.wide = band.columns * SIDE;
    Edge *edges = NULL;
    int64_t *last = calloc((size_t)bands + 1, sizeof *last);
    band.sums = calloc((size_t)SIDE * (band.wide + 1), sizeof *band.sums);
    band.touched = calloc((size_t)band.columns + 1, 1);
    if (!last || !band.sums || !band.touched) goto done;
    edges = edges_by_band(rings, page, bands, last);
    if (!edges) goto done;
    for (int32_t n = 0; n < bands; n++) {
        int64_t begin = n ? last[n - 1] : 0;
        if (begin == last[n]) continue;
        for (int64_t k = begin; k < last[n]; k++)
            add_edge(&band, rings->points[edges[k].from], rings->points[edges[k].to], n * SIDE);
        int32_t failed = print_band(&band, n, page, sink);
        if (failed) {
            result = failed;
            goto done;
        }
    }
    result = sink->found;
done:
    free(last);
    free(edges);
    free(band.sums);
    free(band.touched);
    return result;
}

/* ---- paths ------------------------------------------------------------------------------------------- */

enum { MOVE = 1, LINE = 2, QUADRATIC = 3, CUBIC = 4, CLOSE = 79 };

/* How far a polygon may lie beside the curve it stands for, in pixels. */
#define SAGITTA 0.05
/* Pixels between points of which a pen sees but one: coasts have several in a pixel. */
#define CLOSER 0.12
/* No point lies farther off than this, in pixels, so that no product of its place overflows. */
#define FAR 1e9
/* Sides of a curve, or of a circle, at most. */
#define SIDES 1024

/* Not `hypot`, which differs between machines in the last bit. */
static double size_of(double x, double y) { return sqrt(x * x + y * y); }
static double distance(Point a, Point b) { return size_of(b.x - a.x, b.y - a.y); }

/* A Bézier curve of degree 2 or 3 from the last point on, as points. */
static void add_curve(Rings *rings, const Point *control, int degree) {
    Point a = rings->points[rings->length - 1];
    double bend = 0;
    for (int k = 0; k + 1 < degree; k++) {
        Point b = k ? control[k - 1] : a, c = control[k], d = control[k + 1];
        bend = fmax(bend, size_of(b.x - 2 * c.x + d.x, b.y - 2 * c.y + d.y));
    }
    /* The bound on the distance between a curve and its chords (Wang's). */
    int steps = (int)fmin(SIDES, fmax(1, ceil(sqrt(degree * (degree - 1) / 8.0 * bend / SAGITTA))));
    for (int i = 1; i <= steps; i++) {
        double t = (double)i / steps, u = 1 - t;
        Point at = degree == 2 ? (Point){u * u * a.x + 2 * u * t * control[0].x + t * t * control[1].x,
                                         u * u * a.y + 2 * u * t * control[0].y + t * t * control[1].y}
                               : (Point){u * u * u * a.x + 3 * u * u * t * control[0].x + 3 * u * t * t * control[1].x +
                                             t * t * t * control[2].x,
                                         u * u * u * a.y + 3 * u * u * t * control[0].y + 3 * u * t * t * control[1].y +
                                             t * t * t * control[2].y};
        add_point(rings, i == steps ? control[degree - 1] : at);
    }
}

/* A path as polylines in pixels with y downward; `closed` says of each whether its end leads to its start. What comes
 * before the first MOVE belongs to none. */
static void flatten(const Point *xy, const uint8_t *codes, int64_t length, double height, Rings *lines) {
    for (int64_t i = 0; i < length; i++) {
        Point at[3];
        int degree = codes[i] == QUADRATIC ? 2 : codes[i] == CUBIC ? 3 : 1;
        for (int k = 0; k < degree && i + k < length; k++)
            at[k] = (Point){held(xy[i + k].x, -FAR, FAR), height - held(xy[i + k].y, -FAR, FAR)};
        if (codes[i] == MOVE)
            begin_ring(lines);
        else if (codes[i] == CLOSE) {
            close_ring(lines);
            continue;
        }
        if (degree > 1 && i + degree <= length && lines->length) {
            add_curve(lines, at, degree);
            i += degree - 1;
        } else
            add_point(lines, at[0]);
    }
    end_rings(lines);
}

/* Strokes are rings that overlap and all run the same way round: a quad for each segment, a fan of triangles on the
 * outer side of each joint. They share their edges, which cancel each other out. */
typedef struct {
    Rings *rings;
    double half, step; /* `step` is the angle of a side of a round joint */
    Page page;
} Brush;

static Point aside(Point a, Point b, double by) {
    double length = distance(a, b);
    return (Point){-(b.y - a.y) / length * by, (b.x - a.x) / length * by};
}

/* The sector round a point from one offset to another, turning by less than a full circle; `turn` has its sign. */
static void add_fan(Brush *brush, Point at, Point from, Point to, double turn) {
    int steps = (int)fmin(SIDES, fmax(1, ceil(fabs(turn) / brush->step)));
    Rings *rings = brush->rings;
    begin_ring(rings);
    add_point(rings, at);
    for (int i = 0; i <= steps; i++) {
        /* All rings have to run the same way round. */
        int k = turn > 0 ? i : steps - i;
        double angle = turn * k / steps, c = cos(angle), s = sin(angle);
        Point spoke = k == 0 ? from : k == steps ? to : (Point){from.x * c - from.y * s, from.x * s + from.y * c};
        add_point(rings, (Point){at.x + spoke.x, at.y + spoke.y});
    }
}

static int beside_page(const Brush *brush, Point a, Point b) {
    double reach = brush->half + 2;
    return (a.x < -reach && b.x < -reach) || (a.y < -reach && b.y < -reach) ||
           (a.x > brush->page.width + reach && b.x > brush->page.width + reach) ||
           (a.y > brush->page.height + reach && b.y > brush->page.height + reach);
}

/* A polyline of at least two points, none of them twice in a row. */
static void stroke_line(Brush *brush, const Point *points, int64_t length, int closed, int round_ends) {
    int64_t segments = closed ? length : length - 1;
    for (int64_t i = 0; i < segments; i++) {
        Point a = points[i], b = points[(i + 1) % length];
        if (beside_page(brush, a, b)) continue;
        Point n = aside(a, b, brush->half);
        begin_ring(brush->rings);
        add_point(brush->rings, (Point){a.x - n.x, a.y - n.y});
        add_point(brush->rings, (Point){b.x - n.x, b.y - n.y});
        add_point(brush->rings, (Point){b.x + n.x, b.y + n.y});
        add_point(brush->rings, (Point){a.x + n.x, a.y + n.y});
        if (i + 1 < segments || closed) {
            Point m = aside(b, points[(i + 2) % length], brush->half);
            double turn = atan2(n.x * m.y - n.y * m.x, n.x * m.x + n.y * m.y);
            if (turn > 0)
                add_fan(brush, b, (Point){-n.x, -n.y}, (Point){-m.x, -m.y}, turn);
            else if (turn < 0)
                add_fan(brush, b, n, m, turn);
        }
        if (!closed && round_ends) {
            if (i == 0) add_fan(brush, a, n, (Point){-n.x, -n.y}, PI);
            if (i + 1 == segments) add_fan(brush, b, (Point){-n.x, -n.y}, n, PI);
        }
    }
}

/* Lengths on, off, on, off …; where their number is odd, on and off change places each time round. */
typedef struct {
    const double *lengths;
    int32_t count;
    double period; /* 0 for a line without gaps */
} Dash;

static Dash dash_of(const double *lengths, int32_t count) {
    Dash dash = {lengths, count, 0};
    double sum = 0;
    for (int32_t i = 0; i < count; i++) {
        if (!(lengths[i] >= 0)) return dash;
        sum += lengths[i];
    }
    if (count % 2) sum *= 2;
    /* What is too short to be seen would never come to an end. */
    if (sum >= 1.0 / UNIT && sum < FAR) dash.period = sum;
    return dash;
}

/* Between which distances from `a` on a line towards `b`, `size` away, a dash can show. */
static void seen_between(Page page, Point a, Point b, double size, double *first, double *last) {
    *first = INFINITY, *last = -INFINITY;
    for (int k = 0; k < 4; k++) {
        Point corner = {k & 1 ? page.width : 0, k & 2 ? page.height : 0};
        double at = ((corner.x - a.x) * (b.x - a.x) + (corner.y - a.y) * (b.y - a.y)) / size;
        *first = fmin(*first, at - 2);
        *last = fmax(*last, at + 2);
    }
}

static void stroke_dashes(Brush *brush, const Point *points, int64_t length, int closed, const Dash *dash,
                          Point *dashed) {
    int32_t part = 0;
    int64_t count = 0;
    double left = dash->lengths[0];
    dashed[count++] = points[0];
    for (int64_t i = 0; i < (closed ? length : length - 1); i++) {
        Point a = points[i], b = points[(i + 1) % length];
        double size = distance(a, b), done = 0, first, last;
        seen_between(brush->page, a, b, size, &first, &last);
        while (size - done > left) {
            done += left;
            Point at = {a.x + (b.x - a.x) * done / size, a.y + (b.y - a.y) * done / size};
            if (part % 2 == 0) {
                if (distance(dashed[count - 1], at) > 0) dashed[count++] = at;
                if (count > 1) stroke_line(brush, dashed, count, 0, 0);
            }
            part = (part + 1) % (2 * dash->count);
            left = dash->lengths[part % dash->count];
            /* Off the page there may be millions: all but the last of them are passed over. */
            double ahead = done < first ? fmin(first, size) - done : done > last ? size - done : 0;
            if (ahead > 2 * dash->period) {
                done += floor(ahead / dash->period - 1) * dash->period;
                at = (Point){a.x + (b.x - a.x) * done / size, a.y + (b.y - a.y) * done / size};
            }
            count = 0;
            dashed[count++] = at;
        }
        left -= size - done;
        if (part % 2 == 0 && distance(dashed[count - 1], b) > 0) dashed[count++] = b;
    }
    if (part % 2 == 0 && count > 1) stroke_line(brush, dashed, count, 0, 0);
}

/* Polylines as what a pen of a width leaves, with round joints, and round ends unless there are dashes. */
static void stroke(const Rings *lines, double width, const Dash *dash, Page page, Rings *strokes) {
    Brush brush = {.rings = strokes, .half = fmin(width, FAR) / 2, .page = page};
    brush.step = brush.half > SAGITTA ? fmax(2 * acos(1 - SAGITTA / brush.half), 2 * PI / SIDES) : PI / 2;
    Point *points = malloc((size_t)(lines->length + 1) * sizeof *points);
    Point *dashed = malloc((size_t)(lines->length + 4) * sizeof *dashed);
    if (!points || !dashed) strokes->failed = 1;
    for (int64_t n = 0; n < lines->count && !strokes->failed; n++) {
        int64_t length = 0;
        int closed = lines->closed[n];
        for (int64_t i = lines->starts[n]; i < lines->starts[n + 1]; i++)
            if (!length || distance(points[length - 1], lines->points[i]) > CLOSER) points[length++] = lines->points[i];
        if (closed && length > 1 && distance(points[0], points[length - 1]) <= CLOSER) length--;
        if (closed && length < 3) closed = 0;
        if (length == 1 && !dash->count)
            /* A place that a pen has touched. */
            add_fan(&brush, points[0], (Point){brush.half, 0}, (Point){brush.half, 0}, 2 * PI);
        else if (length > 1 && dash->period > 0)
            stroke_dashes(&brush, points, length, closed, dash, dashed);
        else if (length > 1)
            stroke_line(&brush, points, length, closed, !dash->count);
    }
    end_rings(strokes);
    free(points);
    free(dashed);
}

/* Without a width a path is filled. A width below 0, or a point that is not finite, leaves nothing. */
static int32_t draw_path(const double *xy, const uint8_t *codes, int64_t length, double width, Dash dash, Page page,
                         Sink *sink) {
    Rings lines = {0}, strokes = {0};
    int32_t result = NO_MEMORY;
    if (!(width >= 0)) return 0;
    for (int64_t i = 0; i < 2 * length; i++)
        if (!isfinite(xy[i])) return 0;
    flatten((const Point *)xy, codes, length, page.height, &lines);
    if (width > 0 && !lines.failed) stroke(&lines, width, &dash, page, &strokes);
    if (!lines.failed && !strokes.failed) result = fill_rings(width > 0 ? &strokes : &lines, page, sink);
    free_rings(&lines);
    free_rings(&strokes);
    return result;
}

/* Print a path, with y upward, filled or, if `width` is not 0, stroked, perhaps in dashes. Returns how many tiles have
 * ink, NO_MEMORY or NO_ROOM. */
EXPORT int32_t print_path(const double *xy, const uint8_t *codes, int64_t length, double width, const double *dash,
                          int32_t dashes, Page page, const uint32_t *colours, const uint32_t *flat, int32_t *numbers,
                          uint32_t *tiles, int32_t room, const uint32_t **addresses, uint8_t *opaque) {
    Sink sink = {.colours = colours, .flat = flat, .numbers = numbers, .tiles = tiles, .addresses = addresses,
                 .opaque = opaque, .room = room};
    return draw_path(xy, codes, length, width, dash_of(dash, dashes), page, &sink);
}

/* Darken a plane, `(height, width)` of the page, to what a path covers. */
EXPORT int32_t cover_path(const double *xy, const uint8_t *codes, int64_t length, double width, Page page,
                          uint8_t *plane) {
    uint32_t degrees[256], tile[PIXELS], flat[PIXELS];
    for (uint32_t i = 0; i < 256; i++) degrees[i] = i << 24;
    for (int i = 0; i < PIXELS; i++) flat[i] = FULL << 24;
    Sink sink = {.colours = degrees, .flat = flat, .tiles = tile, .room = 1, .plane = plane};
    return draw_path(xy, codes, length, width, dash_of(NULL, 0), page, &sink);
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
