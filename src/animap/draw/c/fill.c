/* Filling: sums of the areas that edges leave uncovered, exact to 1/256 of a pixel. */

#include "press.h"

/* Coordinates count 1/256 of a pixel, y downward. A piece of an edge within a pixel adds its height times what lies
 * right of it to that pixel, and the rest to the next: sums along a row are the area covered, 2 * UNIT * UNIT for all
 * of it. */

/* Pixels that are looked at together: most runs of them have no edge in them. */
#define RUN 8

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

/* How far a sum covers a pixel, of 255. */
static inline uint32_t degree_of(uint32_t sum) {
    uint32_t size = sum >> 31 ? 0u - sum : sum, degree = size / (2 * UNIT);
    return degree < FULL ? degree : FULL;
}

/* Sum up a band, tile by tile, and clear it. */
static void print_band(Band *band, int32_t row_of_tiles, Page page, Sink *sink) {
    uint32_t carried[SIDE] = {0};
    for (int32_t column = 0; column < band->columns; column++) {
        int32_t number = row_of_tiles * page.columns + band->left + column, even = !band->touched[column];
        for (int32_t row = 1; even && row < SIDE; row++) even = carried[row] == carried[0];
        if (even) {
            uint32_t cover = degree_of(carried[0]);
            if (cover == 0) continue;
            if (cover == FULL) {
                sink->take(sink, number, sink->flat, page);
                continue;
            }
        }
        uint32_t tile[PIXELS], ink = 0;
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
        if (ink) sink->take(sink, number, tile, page);
    }
    /* What lies right of the last pixel. */
    for (int32_t row = 0; row < SIDE; row++) band->sums[(int64_t)row * (band->wide + 1) + band->wide] = 0;
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

int32_t fill_rings(const Rings *rings, Page page, Sink *sink) {
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
        print_band(&band, n, page, sink);
    }
    result = 0;
done:
    free(last);
    free(edges);
    free(band.sums);
    free(band.touched);
    return result;
}
