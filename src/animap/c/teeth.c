/* Lines on which teeth sit, and the teeth. */

#include "press.h"

/* Lines one behind the other: where each begins and the last ends, and how far along its line every vertex is. */
typedef struct {
    const Point *points;
    const double *run;
    const int64_t *starts;
    int64_t count;
} Rails;

/* How far along its line every vertex is. */
EXPORT void measure(const Rails *rails, double *run) {
    for (int64_t line = 0; line < rails->count; line++) {
        double sum = 0;
        for (int64_t i = rails->starts[line]; i < rails->starts[line + 1]; i++) {
            if (i > rails->starts[line]) sum += span(rails->points[i - 1], rails->points[i]);
            run[i] = sum;
        }
    }
}

static inline double square(Point a, Point b) { return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y); }

static int64_t nearest_vertex(const Point *points, int64_t count, Point place) {
    /* Several side by side, so that a processor can look at as many at once. */
    enum { LANES = 8 };
    double least[LANES];
    for (int lane = 0; lane < LANES; lane++) least[lane] = INFINITY;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            double off = square(points[i + lane], place);
            least[lane] = off < least[lane] ? off : least[lane];
        }
    double best = INFINITY;
    for (; i < count; i++) best = fmin(best, square(points[i], place));
    for (int lane = 0; lane < LANES; lane++) best = fmin(best, least[lane]);
    for (i = 0; i < count; i++)
        if (square(points[i], place) == best) return i;
    return 0;
}

typedef struct {
    double along, away;
} Foot;

static Foot foot_on(const Rails *rails, int64_t vertex, Point place) {
    Point a = rails->points[vertex], b = rails->points[vertex + 1];
    double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    double share = length > 0 ? held(((place.x - a.x) * dx + (place.y - a.y) * dy) / length, 0, 1) : 0;
    Point foot = {a.x + share * dx, a.y + share * dy};
    return (Foot){rails->run[vertex] + share * (rails->run[vertex + 1] - rails->run[vertex]), span(foot, place)};
}

/* For each place the nearest of the lines, which have at least a vertex together: its number, metres along it, metres away. */
EXPORT void find_nearest(const Rails *rails, const Point *places, int64_t count, int64_t *numbers, double *along,
                         double *away) {
    const int64_t *starts = rails->starts;
    for (int64_t k = 0; k < count; k++) {
        int64_t vertex = nearest_vertex(rails->points, starts[rails->count], places[k]), line = 0;
        while (line + 1 < rails->count && starts[line + 1] <= vertex) line++;
        Foot best = {rails->run[vertex], span(rails->points[vertex], places[k])};
        /* The nearest place lies on one of the two pieces that meet in the nearest vertex. */
        for (int64_t piece = vertex - (vertex > starts[line]); piece <= vertex && piece + 1 < starts[line + 1]; piece++) {
            Foot foot = foot_on(rails, piece, places[k]);
            if (foot.away < best.away) best = foot;
        }
        numbers[k] = line;
        along[k] = best.along;
        away[k] = best.away;
    }
}

/* The place so far along a line, which has a vertex. */
static Point seat(const Rails *rails, int64_t line, double along) {
    int64_t low = rails->starts[line], high = rails->starts[line + 1] - 1;
    const double *run = rails->run;
    if (!(along > run[low])) return rails->points[low];
    if (!(along < run[high])) return rails->points[high];
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (run[middle] <= along)
            low = middle;
        else
            high = middle;
    }
    Point a = rails->points[low], b = rails->points[high];
    double share = (along - run[low]) / (run[high] - run[low]);
    return (Point){a.x + share * (b.x - a.x), a.y + share * (b.y - a.y)};
}

/* A triangle of four points for each tooth that is to be seen, as a rule to the left of its line, to the right with a
 * negative height; `sizes` are shares of base and height. All turn the same way, else overlapping ones would cut holes into
 * each other. Returns how many there are. */
EXPORT int64_t set_teeth(const Rails *rails, const int64_t *numbers, const double *along, const double *sizes, int64_t count,
                         double base, double height, Point *rings) {
    int64_t set = 0;
    for (int64_t k = 0; k < count; k++) {
        if (!(sizes[k] > 0.02)) continue;
        Point foot = seat(rails, numbers[k], along[k]);
        /* The direction is taken over more than the base, so that a small bend does not turn a tooth. */
        Point before = seat(rails, numbers[k], along[k] - base), after = seat(rails, numbers[k], along[k] + base);
        Point up = left_of(before, after, height * sizes[k]), side = left_of(before, after, base / 2 * sizes[k]);
        Point back = {foot.x - side.y, foot.y + side.x}, front = {foot.x + side.y, foot.y - side.x};
        Point tip = {foot.x + up.x, foot.y + up.y};
        Point *ring = rings + 4 * set++;
        ring[0] = ring[3] = back;
        ring[1] = height > 0 ? front : tip;
        ring[2] = height > 0 ? tip : front;
    }
    return set;
}

/* The places so far along lines. */
EXPORT void find_seats(const Rails *rails, const int64_t *numbers, const double *along, int64_t count, Point *places) {
    for (int64_t k = 0; k < count; k++) places[k] = seat(rails, numbers[k], along[k]);
}
