/* Cutting lines to an area. */

#include "press.h"

/* The edges of an area, edge i from point i to the next, and cells of a grid over all of it: `listed` has the edges that may
 * be in a cell, from `first` of it to the next one's; `inside` says whether its middle is. */
typedef struct {
    const Point *points;
    const int32_t *first, *listed;
    const uint8_t *inside;
    double left, bottom, wide, high; /* of the lowest cell, and of each of them */
    int32_t columns, rows;
} Fence;

typedef struct {
    int32_t column, row;
} Place;

/* Cells from -1, before the first, to one behind the last. */
static Place place_of(const Fence *fence, Point at) {
    double column = floor((at.x - fence->left) / fence->wide), row = floor((at.y - fence->bottom) / fence->high);
    return (Place){(int32_t)held(column, -1, fence->columns), (int32_t)held(row, -1, fence->rows)};
}

static double turn(Point a, Point b, Point c) { return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x); }

/* Where an edge crosses the way from p to q, as a share of it; below 0 where it does not. What only touches a corner is
 * counted with one of the two edges that meet there, or with both or none. */
static double crossed(const Fence *fence, int32_t edge, Point p, Point q) {
    Point a = fence->points[edge], b = fence->points[edge + 1];
    if ((turn(p, q, a) > 0) == (turn(p, q, b) > 0)) return -1;
    double from = turn(a, b, p), to = turn(a, b, q);
    return (from > 0) == (to > 0) ? -1 : held(from / (from - to), 0, 1);
}

static int is_inside(const Fence *fence, Point at) {
    Place place = place_of(fence, at);
    if (place.column < 0 || place.row < 0 || place.column >= fence->columns || place.row >= fence->rows) return 0;
    int32_t cell = place.row * fence->columns + place.column;
    Point middle = {fence->left + (place.column + 0.5) * fence->wide, fence->bottom + (place.row + 0.5) * fence->high};
    int inside = fence->inside[cell];
    for (int32_t n = fence->first[cell]; n < fence->first[cell + 1]; n++)
        inside ^= crossed(fence, fence->listed[n], middle, at) >= 0;
    return inside;
}

typedef struct {
    double share;
    int32_t edge;
} Crossing;

typedef struct {
    Crossing *found;
    int64_t count, room;
    int failed;
} Crossings;

/* In the order of the way; each once, though an edge may be listed in several cells. */
static void add_crossing(Crossings *list, Crossing crossing) {
    for (int64_t n = 0; n < list->count; n++)
        if (list->found[n].edge == crossing.edge) return;
    if (list->count == list->room) {
        int64_t room = 2 * list->room + 16;
        Crossing *found = realloc(list->found, (size_t)room * sizeof *found);
        if (!found) {
            list->failed = 1;
            return;
        }
        list->found = found;
        list->room = room;
    }
    int64_t n = list->count++;
    for (; n > 0 && list->found[n - 1].share > crossing.share; n--) list->found[n] = list->found[n - 1];
    list->found[n] = crossing;
}

static void find_crossings(const Fence *fence, Point p, Point q, Crossings *list) {
    Place a = place_of(fence, p), b = place_of(fence, q);
    list->count = 0;
    for (int32_t row = most(0, least(a.row, b.row)); row <= least(fence->rows - 1, most(a.row, b.row)); row++)
        for (int32_t column = most(0, least(a.column, b.column));
             column <= least(fence->columns - 1, most(a.column, b.column)); column++) {
            int32_t cell = row * fence->columns + column;
            for (int32_t n = fence->first[cell]; n < fence->first[cell + 1]; n++) {
                double share = crossed(fence, fence->listed[n], p, q);
                if (share >= 0) add_crossing(list, (Crossing){share, fence->listed[n]});
            }
        }
}

static void follow_line(const Fence *fence, const Point *points, int64_t count, Rings *rings, Crossings *list) {
    int inside = is_inside(fence, points[0]);
    if (inside) {
        begin_ring(rings);
        add_point(rings, points[0]);
    }
    for (int64_t i = 1; i < count && !rings->failed && !list->failed; i++) {
        Point p = points[i - 1], q = points[i];
        int ends_inside = is_inside(fence, q);
        find_crossings(fence, p, q, list);
        for (int64_t n = 0; n < list->count; n++) {
            double share = list->found[n].share;
            if (!inside) begin_ring(rings);
            add_point(rings, (Point){p.x + share * (q.x - p.x), p.y + share * (q.y - p.y)});
            inside = !inside;
        }
        if (ends_inside && !inside) begin_ring(rings);
        if (ends_inside) add_point(rings, q);
        inside = ends_inside;
    }
}

/* Count the edges of each cell, `(rows * columns + 1)` zeros; or list them, where the counts have been summed up to where
 * each cell's begin, and end up where the next one's do. */
EXPORT void list_edges_of(const Fence *fence, const int64_t *starts, int64_t rings, int32_t *counts, int32_t *listed) {
    for (int64_t ring = 0; ring < rings; ring++)
        for (int64_t i = starts[ring]; i + 1 < starts[ring + 1]; i++) {
            Place a = place_of(fence, fence->points[i]), b = place_of(fence, fence->points[i + 1]);
            for (int32_t row = most(0, least(a.row, b.row)); row <= least(fence->rows - 1, most(a.row, b.row)); row++)
                for (int32_t column = most(0, least(a.column, b.column));
                     column <= least(fence->columns - 1, most(a.column, b.column)); column++) {
                    int32_t *count = counts + row * fence->columns + column;
                    if (listed) listed[*count] = (int32_t)i;
                    ++*count;
                }
        }
}

/* The stretches of a line of one point or more that lie in an area, in its order. Each point of it tells for itself whether
 * it is inside, so that what rounding takes for a crossing does no harm beyond its segment. Returns 0 or NO_MEMORY, with rings
 * to be dropped either way. */
EXPORT int32_t cut_line(const Fence *fence, const Point *points, int64_t count, Rings *rings) {
    Crossings list = {0};
    follow_line(fence, points, count, rings, &list);
    free(list.found);
    end_rings(rings);
    return rings->failed || list.failed ? NO_MEMORY : 0;
}
