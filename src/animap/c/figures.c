/* Limbs as rings to be filled together: from any distance along them on, grown or not. */

#include "limbs.h"

/* How far bodies and heads of a figure are grown on all sides, and where it is moved to. */
typedef struct {
    double grow, grow_head;
    Point shift;
} Figure;

/* What all figures of a limb share, however far they are grown. */
typedef struct {
    double total; /* 0 where there is nothing to draw */
    int32_t headed;
    Point head[HEAD_CORNERS];
    Body body; /* without ribs where the head is all there is */
} Mould;

int is_sane(const Limb *limb) {
    const double lengths[] = {limb->width, limb->tail, limb->head_width, limb->head_length, limb->swallow};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        if (!(lengths[i] >= 0 && lengths[i] <= FAR)) return 0;
    int headless = limb->head_width <= 0 && limb->head_length <= 0;
    return limb->width > 0 && (headless || (limb->head_width > 0 && limb->head_length > 0));
}

/* The head's ring, and the way of the body: up to a place within the head, between the barbs. */
static void mould_head(Mould *mould, Way *way, double width, double length) {
    Point axis[AXIS];
    axis_of(way, mould->total, length, axis);
    head_on(axis, width, mould->head);
    mould->headed = 1;
    double foot = mould->total - length;
    if (foot > 0)
        cut_way(way, foot);
    else
        way->length = 1;
    Point *end = way->xy + way->length - 1;
    double reach = span(axis[AXIS - 1], *end), last = way->along[way->length - 1] + span(*end, axis[2]);
    /* It ends there unless the way has brought it there already. */
    if ((length / 2 <= reach && reach <= length * 0.78) || !(last > way->along[way->length - 1])) return;
    end[1] = axis[2];
    way->along[way->length++] = last;
}

static int32_t make_mould(const Limb *limb, Mould *mould) {
    *mould = (Mould){0};
    if (!is_sane(limb)) return 0;
    Way way = way_of(limb);
    if (way.length > 1) {
        mould->total = way.along[way.length - 1];
        double shrink = limb->head_length > 0 ? fmin(1, mould->total / limb->head_length) : 1;
        if (limb->head_length > 0) mould_head(mould, &way, limb->head_width * shrink, limb->head_length * shrink);
        double whole = isfinite(limb->tip) ? way.whole : way.along[way.length - 1];
        if (way.length > 1) {
            mould->body = body_on(&way, limb->width * shrink, whole, limb);
            way.failed = !mould->body.ribs;
        }
    }
    free_way(&way);
    return way.failed ? NO_MEMORY : 0;
}

/* The rings of a limb from a distance on, as far as its tip; the head is whole as long as its tip is there. */
static void add_limb(Rings *rings, const Mould *mould, const Figure *figure, double start, Rib *ribs) {
    if (!(start < mould->total)) return;
    if (mould->headed) add_head(rings, mould->head, figure->grow_head);
    if (!mould->body.ribs) return;
    double offset = mould->body.joined ? 0 : fmax(0, figure->grow);
    Body grown = grown_body(&mould->body, figure->grow, offset, ribs);
    add_body(rings, &grown, start > 0 ? start + offset : 0, grown.count - 1);
}

/* Rings as they are printed: moved, and each back where it began. */
static void add_closed(Rings *closed, const Rings *rings, Point shift) {
    for (int64_t n = 0; n < rings->count; n++) {
        begin_ring(closed);
        for (int64_t i = rings->starts[n]; i <= rings->starts[n + 1]; i++) {
            Point at = rings->points[i < rings->starts[n + 1] ? i : rings->starts[n]];
            add_point(closed, (Point){at.x + shift.x, at.y + shift.y});
        }
    }
}

/* Rings of limbs, one figure behind the other, each of all `count` limbs from its own of the `starts` (asked, count)
 * on; `stops` (asked) gets how many rings there are up to the end of each. The rings are to be given back with
 * `drop_rings`. Returns 0 or NO_MEMORY. */
EXPORT int32_t draw_limbs(const Limb *limbs, int32_t count, const Figure *figures, int32_t asked, const double *starts,
                          Rings *closed, int64_t *stops) {
    int32_t result = NO_MEMORY, made = 0;
    int64_t room = 1;
    Rib *ribs = NULL;
    Mould *moulds = calloc((size_t)count + 1, sizeof *moulds);
    if (!moulds) return result;
    for (; made < count; made++) {
        if (make_mould(limbs + made, moulds + made)) goto done;
        if (moulds[made].body.count >= room) room = moulds[made].body.count + 1;
    }
    ribs = malloc((size_t)room * sizeof *ribs);
    if (!ribs) goto done;
    for (int32_t k = 0; k < asked && !closed->failed; k++) {
        Rings rings = {0};
        for (int32_t n = 0; n < count; n++)
            add_limb(&rings, moulds + n, figures + k, starts[(int64_t)k * count + n], ribs);
        end_rings(&rings);
        if (rings.failed)
            closed->failed = 1;
        else
            add_closed(closed, &rings, figures[k].shift);
        free_rings(&rings);
        stops[k] = closed->count;
    }
    end_rings(closed);
    if (!closed->failed) result = 0;
done:
    while (made-- > 0) free(moulds[made].body.ribs);
    free(moulds);
    free(ribs);
    return result;
}

EXPORT void drop_rings(Rings *rings) { free_rings(rings); }

/* The ribs of a body that goes all the way, without a head, and its notch. Returns how many there are, which are written
 * if there is `room` for them; 0 if it is nothing, or NO_MEMORY. */
EXPORT int64_t lay_ribs(const Limb *limb, Rib *ribs, int64_t room, double *notch) {
    Mould mould;
    Limb headless = *limb;
    headless.head_width = headless.head_length = 0;
    if (make_mould(&headless, &mould)) return NO_MEMORY;
    if (mould.body.ribs && mould.body.count <= room)
        memcpy(ribs, mould.body.ribs, (size_t)mould.body.count * sizeof *ribs);
    *notch = mould.body.notch;
    free(mould.body.ribs);
    return mould.body.count;
}

/* Ribs grown on both sides and, unless the body is joined to another, at the tail. Returns how many: one more or as
 * many. */
EXPORT int64_t grow_ribs(const Body *body, double grow, Rib *ribs) {
    return grown_body(body, grow, body->joined ? 0 : grow, ribs).count;
}
