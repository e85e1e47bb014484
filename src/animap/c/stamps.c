/* Stamps: how far ink covers each pixel round a head or a chunk of a body, in three planes (soft shadow, casing, body),
 * and which grade of the way each pixel belongs to. */

#include "limbs.h"

/* Steps of distance in a slice. */
#define GRADES 4
/* No shadow is softer than this, and nothing lies farther off what it belongs to, in pixels. */
#define SOFTEST 128
#define FARTHEST 1024

/* Room that the caller has for pixels of one plane; there are three, and as many grades. What is filled of it is the
 * rectangle, y downward. */
typedef struct {
    uint8_t *planes;
    uint16_t *grades; /* none for a head */
    int64_t room;
    Rect rect;
} Desk;

/* A stamp that is being made, before it is cut to where there is ink. */
typedef struct {
    Rect box;
    int32_t wide, high;
    int64_t size;
    uint8_t *planes;
    int32_t *places; /* the grade on the way nearest to each pixel, -1 for none */
} Draft;

/* An edge within bounds. */
static Edge bounded(const Edge *edge) {
    return (Edge){edge->casing > 0 ? fmin(edge->casing, FARTHEST) : 0, edge->soft > 0 ? fmin(edge->soft, SOFTEST) : 0,
                  most(-FARTHEST, least(FARTHEST, edge->right)), most(-FARTHEST, least(FARTHEST, edge->down))};
}

static int32_t blur_reach(const Edge *edge) { return (int32_t)ceil(3 * edge->soft); }

static int32_t shadow_reach(const Edge *edge) {
    return edge->soft > 0 ? blur_reach(edge) + most(abs(edge->right), abs(edge->down)) : 0;
}

/* Pixels beyond a body at which there is nothing of it any more. */
static int32_t reach_of(const Edge *edge) { return most((int32_t)ceil(edge->casing), shadow_reach(edge)) + 2; }

/* Pixels round points of a page, y upward, as far as they, or a shadow of them that reaches so far, can be seen. */
static int is_seen(const Point *low, const Point *high, double reach, int32_t shadow, Page page, Rect *box) {
    double left = floor(low->x - reach), right = ceil(high->x + reach);
    double top = floor(page.height - high->y - reach), bottom = ceil(page.height - low->y + reach);
    if (!(left < page.width && right > 0 && top < page.height && bottom > 0)) return 0;
    *box = (Rect){(int32_t)fmax(left, -shadow), (int32_t)fmax(top, -shadow),
                  (int32_t)fmin(right, page.width + shadow), (int32_t)fmin(bottom, page.height + shadow)};
    return 1;
}

static void widen(Point *low, Point *high, Point at, double by) {
    *low = (Point){fmin(low->x, at.x - by), fmin(low->y, at.y - by)};
    *high = (Point){fmax(high->x, at.x + by), fmax(high->y, at.y + by)};
}

typedef struct {
    Sink sink;
    uint8_t *plane;
} Plane;

static void take_on_plane(Sink *sink, int32_t number, const uint32_t *tile, Page page) {
    Rect rect = rect_of(number, page);
    uint8_t *plane = ((Plane *)sink)->plane;
    for (int32_t y = rect.top; y < rect.bottom; y++)
        for (int32_t x = rect.left; x < rect.right; x++)
            plane[(int64_t)y * page.width + x] = (uint8_t)tile[(y - rect.top) * SIDE + x - rect.left];
}

/* Darken a clear plane of the draft to what rings, y upward, cover. */
static int32_t cover(const Draft *draft, Rings *rings, Page page, uint8_t *plane) {
    uint32_t degrees[256], flat[PIXELS];
    Page own = {draft->wide, draft->high, (draft->wide + SIDE - 1) / SIDE};
    for (uint32_t i = 0; i < 256; i++) degrees[i] = i;
    for (int i = 0; i < PIXELS; i++) flat[i] = FULL;
    end_rings(rings);
    if (rings->failed) return NO_MEMORY;
    for (int64_t i = 0; i < rings->length; i++) {
        Point *at = rings->points + i;
        *at = (Point){at->x - draft->box.left, page.height - at->y - draft->box.top};
    }
    Plane onto = {.sink = {.colours = degrees, .flat = flat, .take = take_on_plane}, .plane = plane};
    return fill_rings(rings, own, &onto.sink);
}

/* The weights of a Gaussian, 65,536 in all, from its middle on. */
static void weigh(double deviation, int32_t reach, uint32_t *weights) {
    double sum = 1;
    for (int32_t k = 1; k <= reach; k++) sum += 2 * exp(-k * k / (2 * deviation * deviation));
    weights[0] = 65536;
    for (int32_t k = 1; k <= reach; k++) {
        weights[k] = (uint32_t)floor(65536 / sum * exp(-k * k / (2 * deviation * deviation)) + 0.5);
        weights[0] -= 2 * weights[k];
    }
}

static int is_empty(const uint8_t *row, int32_t wide) {
    uint8_t any = 0;
    for (int32_t x = 0; x < wide; x++) any |= row[x];
    return any == 0;
}

/* The shadow of the body: its plane blurred, and moved. */
static int32_t add_shadow(const Draft *draft, const Edge *edge) {
    int32_t wide = draft->wide, high = draft->high, reach = blur_reach(edge), right = edge->right, down = edge->down;
    uint32_t weights[3 * SOFTEST + 1];
    uint16_t *rows = calloc((size_t)draft->size + 1, sizeof *rows);
    uint8_t *inked = calloc((size_t)high + 1, 1);
    uint32_t *sums = malloc((size_t)(wide + 1) * sizeof *sums);
    int32_t result = rows && inked && sums ? 0 : NO_MEMORY;
    weigh(edge->soft, reach, weights);
    for (int32_t y = 0; y < high && !result; y++) {
        const uint8_t *row = draft->planes + 2 * draft->size + (int64_t)y * wide;
        if (is_empty(row, wide)) continue;
        inked[y] = 1;
        memset(sums, 0, (size_t)wide * sizeof *sums);
        for (int32_t k = -reach; k <= reach; k++) {
            uint32_t weight = weights[k < 0 ? -k : k];
            int32_t stop = least(wide, wide - k);
            for (int32_t x = most(0, -k); x < stop; x++) sums[x] += weight * row[x + k];
        }
        for (int32_t x = 0; x < wide; x++) rows[(int64_t)y * wide + x] = (uint16_t)(sums[x] >> 8);
    }
    int32_t begin = most(0, -right), stop = least(wide, wide - right);
    for (int32_t y = most(0, -down); y < least(high, high - down) && !result; y++) {
        for (int32_t x = 0; x < wide; x++) sums[x] = 1u << 23;
        for (int32_t k = most(-reach, -y); k <= least(reach, high - 1 - y); k++) {
            if (!inked[y + k]) continue;
            uint32_t weight = weights[k < 0 ? -k : k];
            const uint16_t *row = rows + (int64_t)(y + k) * wide;
            for (int32_t x = 0; x < wide; x++) sums[x] += weight * row[x];
        }
        uint8_t *to = draft->planes + (int64_t)(y + down) * wide + right;
        for (int32_t x = begin; x < stop; x++) to[x] = (uint8_t)(sums[x] >> 24);
    }
    free(rows);
    free(inked);
    free(sums);
    return result;
}

/* The grade of the way that is nearest to each pixel. It is worked out alike whatever the draft, so that each pixel
 * belongs to one chunk: from where a slice begins, with whole pixels counted apart. */
static int32_t find_places(Draft *draft, const Body *body, int64_t first, int64_t last, double reach, Page page) {
    float *best = malloc((size_t)(draft->size + 1) * sizeof *best);
    if (!best) return NO_MEMORY;
    for (int64_t i = 0; i < draft->size; i++) best[i] = INFINITY, draft->places[i] = -1;
    for (int64_t i = first; i < last; i++) {
        const Rib *a = body->ribs + i, *b = a + 1;
        double away = fmax(a->half, b->half) + reach, x = floor(a->at.x), y = floor(page.height - a->at.y);
        double top = page.height - fmax(a->at.y, b->at.y), bottom = page.height - fmin(a->at.y, b->at.y);
        Rect box = draft->box;
        int32_t low_x = (int32_t)held(floor(fmin(a->at.x, b->at.x) - away), box.left, box.right);
        int32_t high_x = (int32_t)held(ceil(fmax(a->at.x, b->at.x) + away), box.left, box.right);
        int32_t low_y = (int32_t)held(floor(top - away), box.top, box.bottom);
        int32_t high_y = (int32_t)held(ceil(bottom + away), box.top, box.bottom);
        float step_x = (float)(b->at.x - a->at.x), step_y = (float)(a->at.y - b->at.y);
        float size = step_x * step_x + step_y * step_y, less = size > 0 ? 1 / size : 0;
        float rest_x = (float)(x - a->at.x) + 0.5f, rest_y = (float)(y - (page.height - a->at.y)) + 0.5f;
        int32_t grade = (int32_t)i * GRADES, whole_x = (int32_t)x;
        for (int32_t row = low_y; row < high_y; row++) {
            float dy = (float)(row - (int32_t)y) + rest_y;
            float *nearest = best + (int64_t)(row - box.top) * draft->wide - box.left;
            int32_t *places = draft->places + (int64_t)(row - box.top) * draft->wide - box.left;
            for (int32_t column = low_x; column < high_x; column++) {
                float dx = (float)(column - whole_x) + rest_x;
                float share = (dx * step_x + dy * step_y) * less;
                share = share > 0 ? (share < 1 ? share : 1) : 0;
                float off_x = dx - share * step_x, off_y = dy - share * step_y, off = off_x * off_x + off_y * off_y;
                int32_t place = grade + (int32_t)(share * GRADES), nearer = off < nearest[column];
                nearest[column] = nearer ? off : nearest[column];
                places[column] = nearer ? place : places[column];
            }
        }
    }
    free(best);
    return 0;
}

/* Where a pixel of a plane has its place: a shadow lies off what casts it. */
static int32_t place_at(const Draft *draft, int k, int32_t x, int32_t y, const Edge *edge) {
    if (k == 0) x -= edge->right, y -= edge->down;
    if (x < 0 || y < 0 || x >= draft->wide || y >= draft->high) return -1;
    return draft->places[(int64_t)y * draft->wide + x];
}

/* Clear what belongs to other chunks: grades below `low`, and from `high` on. */
static void keep_own(Draft *draft, const Edge *edge, int32_t low, int32_t high) {
    for (int k = 0; k < 3; k++)
        for (int32_t y = 0; y < draft->high; y++) {
            uint8_t *row = draft->planes + k * draft->size + (int64_t)y * draft->wide;
            for (int32_t x = 0; x < draft->wide; x++) {
                if (!row[x]) continue;
                int32_t place = place_at(draft, k, x, y, edge);
                if (place < low || place >= high) row[x] = 0;
            }
        }
}

/* Hand over the part of a draft that has ink; grades count from `low`. Returns 1, 0 for none, NO_ROOM with the rectangle
 * that there should be room for. */
static int32_t hand_over(const Draft *draft, const Edge *edge, int32_t low, int32_t high, Desk *desk) {
    Rect ink = {draft->wide, draft->high, 0, 0};
    for (int k = 0; k < 3; k++)
        for (int32_t y = 0; y < draft->high; y++) {
            const uint8_t *row = draft->planes + k * draft->size + (int64_t)y * draft->wide;
            int32_t left = 0, right = draft->wide;
            while (left < right && !row[left]) left++;
            if (left == right) continue;
            while (!row[right - 1]) right--;
            ink = (Rect){least(ink.left, left), least(ink.top, y), most(ink.right, right), most(ink.bottom, y + 1)};
        }
    if (ink.left >= ink.right) return 0;
    int32_t left = draft->box.left, top = draft->box.top, wide = ink.right - ink.left;
    int64_t size = (int64_t)wide * (ink.bottom - ink.top), n = 0;
    desk->rect = (Rect){left + ink.left, top + ink.top, left + ink.right, top + ink.bottom};
    if (size > desk->room) return NO_ROOM;
    for (int k = 0; k < 3; k++)
        for (int32_t y = ink.top; y < ink.bottom; y++, n += wide) {
            memcpy(desk->planes + n, draft->planes + k * draft->size + (int64_t)y * draft->wide + ink.left, (size_t)wide);
            for (int32_t x = 0; desk->grades && x < wide; x++) {
                int32_t place = place_at(draft, k, ink.left + x, y, edge);
                desk->grades[n + x] = (uint16_t)(most(low, least(high - 1, place)) - low);
            }
        }
    return 1;
}

static int32_t open_draft(Draft *draft, Rect box, int placed) {
    *draft = (Draft){.box = box, .wide = box.right - box.left, .high = box.bottom - box.top};
    draft->size = (int64_t)draft->wide * draft->high;
    draft->planes = calloc(3 * (size_t)draft->size + 1, 1);
    draft->places = placed ? malloc(((size_t)draft->size + 1) * sizeof *draft->places) : NULL;
    return draft->planes && (draft->places || !placed) ? 0 : NO_MEMORY;
}

static void close_draft(Draft *draft) {
    free(draft->planes);
    free(draft->places);
}

/* Half the width of a body at a distance along it. */
static double half_at(const Body *body, double along) {
    int64_t low = 0, high = body->count - 1;
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        *(body->ribs[middle].along <= along ? &low : &high) = middle;
    }
    const Rib *a = body->ribs + low, *b = body->ribs + high;
    return a->half + (b->half - a->half) * held((along - a->along) / fmax(b->along - a->along, 1e-9), 0, 1);
}

/* A head, and the neck below it: as wide as the body, and from behind the foot of the head into its middle, so that
 * the body may end anywhere near the foot, however the way bends there. A limb without a head has a round end. */
static void add_head_and_neck(Rings *rings, const Way *way, double width, double length, double half, double grow) {
    double tip = way->along[way->length - 1], foot = tip - length;
    Point axis[AXIS], ring[HEAD_CORNERS], end = place_on(way, foot);
    if (length > 0) {
        axis_of(way, tip, length, axis);
        head_on(axis, width, ring);
        add_head(rings, ring, grow);
        if (!(foot > 0)) return;
        Point begin = place_on(way, foot - half), lower = left_of(begin, end, half + grow);
        Point upper = left_of(end, axis[2], half + grow);
        add_slice(rings, begin, end, lower, lower);
        add_slice(rings, end, axis[2], upper, upper);
    }
    add_disc(rings, end, half + grow);
}

/* The stamp of a limb's head, where its tip is, on its body. Returns 1, 0 where there is nothing to see, NO_ROOM or
 * NO_MEMORY. */
EXPORT int32_t stamp_head(const Limb *limb, const Body *body, const Edge *round, Page page, Desk *desk) {
    const Edge own = bounded(round), *edge = &own;
    if (!is_sane(limb)) return 0;
    Way way = way_of(limb);
    Rings rings = {0}, casings = {0};
    Draft draft = {0};
    Point low = {INFINITY, INFINITY}, high = {-INFINITY, -INFINITY};
    int32_t result = way.failed ? NO_MEMORY : 0;
    if (way.length > 1) {
        double tip = way.along[way.length - 1], shrink = fmin(1, tip / fmax(limb->head_length, 1e-9));
        double width = limb->head_width * shrink, length = limb->head_length * shrink;
        double half = half_at(body, tip - length);
        add_head_and_neck(&rings, &way, width, length, half, 0);
        if (edge->casing > 0) add_head_and_neck(&casings, &way, width, length, half, edge->casing);
        for (int64_t i = 0; i < rings.length; i++) widen(&low, &high, rings.points[i], 0);
    }
    Rect box;
    if (result || !is_seen(&low, &high, reach_of(edge), shadow_reach(edge), page, &box)) goto done;
    result = open_draft(&draft, box, 0);
    if (!result) result = cover(&draft, &rings, page, draft.planes + 2 * draft.size);
    if (!result && edge->casing > 0) result = cover(&draft, &casings, page, draft.planes + draft.size);
    if (!result && edge->soft > 0) result = add_shadow(&draft, edge);
    if (!result) result = hand_over(&draft, edge, 0, 1, desk);
done:
    close_draft(&draft);
    free_rings(&rings);
    free_rings(&casings);
    free_way(&way);
    return result;
}

/* Slices of a body as a stamp, with grades that count from the first of them; `cased` is the body grown by its casing.
 * Returns 1, 0 where there is nothing to see, NO_ROOM or NO_MEMORY. */
EXPORT int32_t stamp_chunk(const Body *body, const Body *cased, int64_t first, int64_t last, const Edge *round,
                           Page page, Desk *desk) {
    const Edge own = bounded(round), *edge = &own;
    const Rib *ribs = body->ribs;
    int64_t ends = body->count - 1, extra = cased->count - body->count;
    Rings rings = {0}, casings = {0};
    Draft draft = {0};
    Point low = {INFINITY, INFINITY}, high = {-INFINITY, -INFINITY};
    /* Beyond the chunk, what its own pixels have of their shadow's blur. */
    double reach = reach_of(edge) + blur_reach(edge);
    for (int64_t i = first; i <= last; i++) widen(&low, &high, ribs[i].at, ribs[i].half);
    Rect box;
    if (!is_seen(&low, &high, reach, shadow_reach(edge), page, &box)) return 0;
    /* A little more than the chunk, so that what is blurred and rounded at its ends is the body's inside. */
    int64_t more = (int64_t)fmin((double)ends, ceil(reach / fmax(ribs[1].along, 1e-9)) + 1);
    int64_t a = first > more ? first - more : 0, b = last + more < ends ? last + more : ends;
    int32_t begin = (int32_t)first * GRADES, stop = (int32_t)last * GRADES;
    add_body(&rings, body, a ? ribs[a].along : 0, b);
    if (edge->casing > 0) add_body(&casings, cased, a ? cased->ribs[a + extra].along : 0, b + extra);
    int32_t result = open_draft(&draft, box, 1);
    if (!result) result = cover(&draft, &rings, page, draft.planes + 2 * draft.size);
    if (!result && edge->casing > 0) result = cover(&draft, &casings, page, draft.planes + draft.size);
    if (!result && edge->soft > 0) result = add_shadow(&draft, edge);
    if (!result) result = find_places(&draft, body, a, b, reach_of(edge), page);
    /* Beyond the end of the way there is nobody else. */
    if (!result) keep_own(&draft, edge, begin, last < ends ? stop : INT32_MAX);
    if (!result) result = hand_over(&draft, edge, begin, stop, desk);
    close_draft(&draft);
    free_rings(&rings);
    free_rings(&casings);
    return result;
}
