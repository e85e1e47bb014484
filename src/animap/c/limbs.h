/* Limbs of campaign arrows, in pixels: ways, heads, and bodies as ribs with slices between them. Lengths of a limb are
 * what `Shape` says in `limbs.py`. All rings of a limb run counter-clockwise where y is upward: filled together by
 * winding they are one figure, however they overlap. */

#ifndef LIMBS_H
#define LIMBS_H

#include "press.h"

#define NO_ROOM (-2)
/* Points along the axis of a head, and corners of its ring: both sides, the tip, the notch between the barbs. */
#define AXIS 9
#define HEAD_CORNERS (2 * AXIS)

typedef struct {
    const Point *xy;
    int64_t length;
    double tip, width, tail, head_width, head_length, swallow; /* `tip` may be infinite */
    int32_t joined;
} Limb;

/* A way without steps of no length: points and how far along each lies. */
typedef struct {
    Point *xy;
    double *along;
    int64_t length;
    double whole; /* how far along its end was before it was cut */
    int32_t failed;
} Way;

/* Across a body: its middle on the way, both sides, the distance along, half the width; and whether the slice from here
 * to the next one folds. Doubles all, since it is a row of an array in `limbs.py`. */
typedef struct {
    Point at, left, right;
    double along, half, folds;
} Rib;

typedef struct {
    Rib *ribs;
    int64_t count;
    double notch;
    int32_t joined, round_end;
} Body;

/* What lies round a body, in pixels: its casing, and a shadow (none where `soft` is not above 0) that is shifted to the
 * right and down. */
typedef struct {
    double casing, soft;
    int32_t right, down;
} Edge;

static inline Point between(Point a, Point b, double share) {
    return (Point){a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share};
}

/* Whether the lengths of a limb are such that it can be drawn. */
int is_sane(const Limb *limb);
/* Of a limb as far as its tip; of no length where a point is not finite. */
Way way_of(const Limb *limb);
void free_way(Way *way);
/* The point at a distance along a way that has any, or at the end nearest to it. */
Point place_on(const Way *way, double at);
/* Keep what lies before a distance greater than 0. */
void cut_way(Way *way, double stop);

/* The bent axis of a head of a length, from its foot to the tip, which is at a distance along the way. */
void axis_of(const Way *way, double tip, double length, Point axis[AXIS]);
void head_on(const Point axis[AXIS], double width, Point ring[HEAD_CORNERS]);
/* The ring of a head, grown on all sides; one that is shrunk to nothing is left out. */
void add_head(Rings *rings, const Point ring[HEAD_CORNERS], double grow);
void add_disc(Rings *rings, Point at, double radius);
/* The four corners of a strip from a to b, between offsets to the left. */
void add_slice(Rings *rings, Point a, Point b, Point from, Point to);

/* A body along a way at its full width, with room for one rib more. Without ribs where memory ran out. */
Body body_on(const Way *way, double width, double whole, const Limb *limb);
/* The body `grow` wider on both sides, and longer at its tail by an offset; in ribs with room for all. */
Body grown_body(const Body *body, double grow, double offset, Rib *ribs);
/* Strips where a body is sound, slices and round joints where it folds: from a distance along it up to a rib. */
void add_body(Rings *rings, const Body *body, double start, int64_t last);

#endif
