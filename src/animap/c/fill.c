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

/* An edge of a ring in 1/256 of a pixel, counted from the band's first column and the page's first row. */
typedef struct {
    int32_t x0, y0, x1, y1;
} Edge;

/* What an edge leaves in a band of rows that begins at `top`: pieces of it, cut where rows of pixels meet. */
static void add_edge(Band *band, Edge edge, int32_t top) {
    int32_t down = edge.y0 < edge.y1, x = edge.x0, y = edge.y0;
    /* Within one row it is not asked for. */
    int within = least(edge.y0, edge.y1) / UNIT == (most(edge.y0, edge.y1) - 1) / UNIT;
    double slope = within ? 0 : (double)(edge.x1 - edge.x0) / (edge.y1 - edge.y0);
    int32_t begin = top * UNIT, stop = (top + SIDE) * UNIT;
    int32_t end = down ? least(edge.y1, stop) : most(edge.y1, begin);
    if (y < begin || y > stop) {
        y = down ? begin : stop;
        x = edge.x0 + (int32_t)floor((y - edge.y0) * slope + 0.5);
    }
    while (y != end) {
        int32_t row = (down ? y : y - 1) / UNIT;
        int32_t next = down ? least(end, (row + 1) * UNIT) : most(end, row * UNIT);
        int32_t x_next = next == edge.y1 ? edge.x1 : edge.x0 + (int32_t)floor((next - edge.y0) * slope + 0.5);
        int32_t above = row * UNIT;
        add_piece(band, row - top, x, y - above, x_next, next - above);
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

/* ---- edges of rings ---------------------------------------------------------------------------------- */

/* No edge reaches farther, in pixels to the side: what lies there is all the same, and whole numbers hold it. */
#define ASIDE 2000000.0

typedef struct {
    Edge *edges;
    int64_t count, room;
    int32_t failed;
    double left, height; /* in pixels: where x is counted from, and where the page ends */
} Edges;

static int32_t whole_units(double value) { return (int32_t)floor(value * UNIT + 0.5); }

static void list_edge(Edges *list, double x0, double y0, double x1, double y1) {
    Edge edge = {whole_units(x0), whole_units(y0), whole_units(x1), whole_units(y1)};
    if (edge.y0 == edge.y1) return;
    if (list->count == list->room) {
        int64_t room = 2 * list->room + 64;
        Edge *edges = realloc(list->edges, (size_t)room * sizeof *edges);
        if (!edges) {
            list->failed = 1;
            return;
        }
        list->edges = edges;
        list->room = room;
    }
    list->edges[list->count++] = edge;
}

/* An edge that leaves the page, or goes far aside: cut to the page's rows, and upright where it is too far. */
static void list_far_edge(Edges *list, Point a, Point b) {
    double slope = (b.x - a.x) / (b.y - a.y);
    double top = held(a.y, 0, list->height), stop = held(b.y, 0, list->height);
    if (top == stop) return;
    if (!isfinite(slope)) {
        /* As good as level: where it is cut is all the same, but not that it leads from one row to the next. */
        list_edge(list, held(a.x, -ASIDE, ASIDE), top, held(b.x, -ASIDE, ASIDE), stop);
        return;
    }
    double from = a.y == top ? a.x : a.x + (top - a.y) * slope, to = b.y == stop ? b.x : a.x + (stop - a.y) * slope;
    double start = held(from, -ASIDE, ASIDE), end = held(to, -ASIDE, ASIDE), low = fmin(top, stop), high = fmax(top, stop);
    /* Where it comes near, and where it leaves. */
    double comes = start == from || from == to ? top : held(top + (start - from) / slope, low, high);
    double goes = end == to || from == to ? stop : held(top + (end - from) / slope, low, high);
    list_edge(list, start, top, start, comes);
    list_edge(list, start, comes, end, goes);
    list_edge(list, end, goes, end, stop);
}

/* All edges that can leave anything on the page's rows. */
static void list_edges(Edges *list, const Rings *rings, double right) {
    for (int64_t ring = 0; ring < rings->count; ring++) {
        int64_t start = rings->starts[ring], stop = rings->starts[ring + 1];
        if (stop - start < 2) continue;
        Point b = rings->points[stop - 1];
        b.x -= list->left;
        for (int64_t i = start; i < stop; i++) {
            Point a = b;
            b = rings->points[i];
            b.x -= list->left;
            double least_x = a.x < b.x ? a.x : b.x, most_x = a.x < b.x ? b.x : a.x;
            double least_y = a.y < b.y ? a.y : b.y, most_y = a.y < b.y ? b.y : a.y;
            if (least_x >= right || most_y <= 0 || least_y >= list->height || a.y == b.y) continue;
            if (least_x < -ASIDE || most_x > ASIDE || least_y < 0 || most_y > list->height)
                list_far_edge(list, a, b);
            else
                list_edge(list, a.x, a.y, b.x, b.y);
        }
    }
}

/* The edges that touch each band, one list behind the other; `last` `(bands + 1)`, zeros, gets where each list ends.
 * NULL where memory ran out. */
static Edge *by_band(const Edges *list, int32_t bands, int64_t *last) {
    Edge *sorted = NULL;
    /* They are counted before they are sorted. */
    for (int sorting = 0; sorting < 2; sorting++) {
        for (int64_t i = 0; i < list->count; i++) {
            Edge edge = list->edges[i];
            int32_t end = (most(edge.y0, edge.y1) - 1) / (SIDE * UNIT);
            for (int32_t n = least(edge.y0, edge.y1) / (SIDE * UNIT); n <= end; n++) {
                if (sorting)
                    sorted[last[n]++] = edge;
                else
                    last[n + 1]++;
            }
        }
        if (sorting) break;
        for (int32_t n = 0; n < bands; n++) last[n + 1] += last[n];
        sorted = malloc((size_t)(last[bands] + 1) * sizeof *sorted);
        if (!sorted) break;
    }
    return sorted;
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
    Edges list = {.left = band.left * SIDE, .height = bands * SIDE};
    Edge *edges = NULL;
    int64_t *last = calloc((size_t)bands + 1, sizeof *last);
    band.sums = calloc((size_t)SIDE * (band.wide + 1), sizeof *band.sums);
    band.touched = calloc((size_t)band.columns + 1, 1);
    list_edges(&list, rings, band.wide);
    if (last && band.sums && band.touched && !list.failed) edges = by_band(&list, bands, last);
    if (edges) {
        for (int32_t n = 0; n < bands; n++) {
            int64_t begin = n ? last[n - 1] : 0;
            if (begin == last[n]) continue;
            for (int64_t k = begin; k < last[n]; k++) add_edge(&band, edges[k], n * SIDE);
            print_band(&band, n, page, sink);
        }
        result = 0;
    }
    free(list.edges);
    free(edges);
    free(last);
    free(band.sums);
    free(band.touched);
    return result;
}
