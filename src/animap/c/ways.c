/* Ways of limbs, and the bodies along them. */

#include "limbs.h"

/* Length of a slice of the body, as a share of the body's width; no less than some pixels; and at most so many. */
#define SLICE 0.4
#define SHORTEST 0.5
#define SLICES 100000
#define FLARE 0.3
/* An edge that goes this share of the way's own pace, or less, folds. */
#define SOUND 0.02

void free_way(Way *way) {
    free(way->xy);
    free(way->along);
}

Point place_on(const Way *way, double at) {
    int64_t low = 0, high = way->length - 1;
    if (!(at > 0)) return way->xy[0];
    if (at >= way->along[high]) return way->xy[high];
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        *(way->along[middle] <= at ? &low : &high) = middle;
    }
    return between(way->xy[low], way->xy[high], (at - way->along[low]) / (way->along[high] - way->along[low]));
}

void cut_way(Way *way, double stop) {
    if (way->length == 0 || stop >= way->along[way->length - 1]) return;
    Point end = place_on(way, stop);
    int64_t n = 1;
    while (n < way->length && way->along[n] < stop) n++;
    way->xy[n] = end;
    way->along[n] = stop;
    way->length = n + 1;
}

Way way_of(const Limb *limb) {
    Way way = {0};
    for (int64_t i = 0; i < limb->length; i++)
        if (!isfinite(limb->xy[i].x) || !isfinite(limb->xy[i].y)) return way;
    /* One more than there are: a body may go on from a way's end into the head. */
    way.xy = malloc((size_t)(limb->length + 1) * sizeof *way.xy);
    way.along = malloc((size_t)(limb->length + 1) * sizeof *way.along);
    if (!way.xy || !way.along) {
        way.failed = 1;
        return way;
    }
    for (int64_t i = 0; i < limb->length; i++) {
        Point at = {held(limb->xy[i].x, -FAR, FAR), held(limb->xy[i].y, -FAR, FAR)};
        double along = way.length ? way.along[way.length - 1] + span(way.xy[way.length - 1], at) : 0;
        if (way.length && !(along > way.along[way.length - 1])) continue;
        way.xy[way.length] = at;
        way.along[way.length++] = along;
    }
    way.whole = way.length ? way.along[way.length - 1] : 0;
    if (!(limb->tip > 0) || way.length < 2)
        way.length = 0;
    else
        cut_way(&way, limb->tip);
    return way;
}

/* Sides of a rib from its half width, square to the way between its neighbours. */
static void set_sides(Rib *rib, Point before, Point after) {
    Point aside = left_of(before, after, rib->half);
    rib->left = (Point){rib->at.x + aside.x, rib->at.y + aside.y};
    rib->right = (Point){rib->at.x - aside.x, rib->at.y - aside.y};
}

/* On the inner side of a bend tighter than the body is wide, the edge runs backward. */
static int runs_back(Point a, Point b, Point from, Point to) {
    double x = to.x - from.x, y = to.y - from.y;
    return !((b.x - a.x) * x + (b.y - a.y) * y > SOUND * (x * x + y * y));
}

/* Sides of all ribs, and which slices fold, with those beside them. */
static void shape_ribs(Body *body, int64_t first) {
    Rib *ribs = body->ribs;
    int64_t last = body->count - 1;
    for (int64_t i = first; i <= last; i++)
        set_sides(ribs + i, ribs[i > first ? i - 1 : i].at, ribs[i < last ? i + 1 : i].at);
    /* What an offset adds at the tail goes straight on. */
    if (first) set_sides(ribs, ribs[0].at, ribs[1].at);
    int before = 0;
    for (int64_t i = 0; i < last; i++) {
        Rib *a = ribs + i, *b = a + 1;
        int folds = runs_back(a->left, b->left, a->at, b->at) || runs_back(a->right, b->right, a->at, b->at);
        a->folds = folds || before;
        if (folds && i) ribs[i - 1].folds = 1;
        before = folds;
    }
    ribs[last].folds = 0;
}

Body body_on(const Way *way, double width, double whole, const Limb *limb) {
    double total = way->along[way->length - 1], flare = 2 * width * limb->tail;
    int64_t slices = (int64_t)fmin(SLICES, fmax(1, ceil(total / fmax(width * SLICE, SHORTEST))));
    Body body = {.count = slices + 1, .joined = limb->joined, .round_end = !(limb->head_length > 0)};
    body.ribs = malloc((size_t)(body.count + 1) * sizeof *body.ribs);
    if (!body.ribs) return body;
    int tailed = limb->swallow > 0 && whole > 3 * width;
    double narrow = width / 2 * limb->tail;
    for (int64_t i = 0; i < body.count; i++) {
        Rib *rib = body.ribs + i;
        rib->along = total * ((double)i / (double)slices);
        rib->at = place_on(way, rib->along);
        rib->half = width / 2 * (limb->tail + (1 - limb->tail) * fmin(1, rib->along / whole));
        double more = tailed && flare > 0 ? fmax(0, 1 - rib->along / flare) : 0;
        rib->half += narrow * FLARE * more * more;
    }
    if (tailed) body.notch = limb->swallow * 2 * body.ribs[0].half;
    shape_ribs(&body, 0);
    return body;
}

Body grown_body(const Body *body, double grow, double offset, Rib *ribs) {
    int64_t first = offset > 0;
    Body grown = {ribs, body->count + first, grow == 0 ? body->notch : 0, body->joined, body->round_end};
    memcpy(ribs + first, body->ribs, (size_t)body->count * sizeof *ribs);
    if (first) {
        Point tail = body->ribs[0].at, next = body->ribs[1].at;
        double slice = span(tail, next);
        ribs[0] = (Rib){.at = slice > 0 ? between(tail, next, -offset / slice) : tail, .half = body->ribs[0].half};
    }
    for (int64_t i = 0; i < grown.count; i++) {
        ribs[i].half = fmax(0, ribs[i].half + grow);
        if (i >= first) ribs[i].along += offset * (double)first;
    }
    shape_ribs(&grown, first);
    return grown;
}

static Rib rib_between(const Rib *a, const Rib *b, double share) {
    return (Rib){between(a->at, b->at, share), between(a->left, b->left, share), between(a->right, b->right, share),
                 a->along + (b->along - a->along) * share, a->half + (b->half - a->half) * share, a->folds};
}

/* Ribs without folds from `low` to `high` as one strip, the first of them perhaps cut; with the notch of the tail if
 * it begins there. */
static void add_strip(Rings *rings, const Body *body, const Rib *cut, int64_t low, int64_t high, int notched) {
    begin_ring(rings);
    add_point(rings, cut->right);
    for (int64_t i = low + 1; i <= high; i++) add_point(rings, body->ribs[i].right);
    for (int64_t i = high; i > low; i--) add_point(rings, body->ribs[i].left);
    add_point(rings, cut->left);
    if (!notched || !(body->notch > 0) || !(body->ribs[high].along > 2 * body->notch)) return;
    int64_t i = low;
    while (body->ribs[i + 1].along < body->notch) i++;
    const Rib *a = body->ribs + i, *b = a + 1;
    add_point(rings, between(a->at, b->at, (body->notch - a->along) / (b->along - a->along)));
}

void add_body(Rings *rings, const Body *body, double start, int64_t last) {
    const Rib *ribs = body->ribs;
    if (last < 1 || start >= ribs[last].along) return;
    int64_t first = 0, high = last;
    while (high - first > 1) {
        int64_t middle = (first + high) / 2;
        *(ribs[middle].along <= start ? &first : &high) = middle;
    }
    double slice = ribs[first + 1].along - ribs[first].along;
    Rib cut = rib_between(ribs + first, ribs + first + 1, slice > 0 ? fmax(0, start - ribs[first].along) / slice : 0);
    int disc = start <= 0 && body->joined;
    for (int64_t low = first; low < last; low = high) {
        const Rib *begin = low == first ? &cut : ribs + low;
        if (disc || begin->folds) add_disc(rings, begin->at, begin->half);
        high = low + 1;
        if (begin->folds) {
            Point from = left_of(begin->at, ribs[high].at, begin->half);
            add_slice(rings, begin->at, ribs[high].at, from, left_of(begin->at, ribs[high].at, ribs[high].half));
        } else {
            while (high < last && !ribs[high].folds) high++;
            add_strip(rings, body, begin, low, high, start <= 0 && low == 0);
        }
        disc = begin->folds != 0;
    }
    if (disc || (body->round_end && last == body->count - 1)) add_disc(rings, ribs[last].at, ribs[last].half);
}
