/* Heads of limbs: barbed, and bent with the way. */

#include "limbs.h"

/* How far a head may bend off its straight axis, as a share of its length: more would fold its barbs. */
#define SAG 0.14
/* Where on the axis the notch between the barbs is. */
#define BARB 0.22
/* The cosine of the angle, 15 degrees, that a side of a round corner may turn by; and the angle. */
#define FINE 0.9659258262890683
#define STEP (PI / 12)
/* How far a mitre may reach beyond what it goes round. */
#define MITRE 5.0

/* A quarter of a circle, in steps of 15 degrees: not by `cos`, which differs between machines in the last bit. */
static const double QUARTER[6] = {1, 0.9659258262890683, 0.8660254037844386, 0.7071067811865476, 0.5,
                                  0.25881904510252074};

void add_disc(Rings *rings, Point at, double radius) {
    begin_ring(rings);
    for (int quarter = 0; quarter < 4; quarter++)
        for (int i = 0; i < 6; i++) {
            double x = radius * QUARTER[i], y = i ? radius * QUARTER[6 - i] : 0;
            Point spoke = quarter == 0   ? (Point){x, y}
                          : quarter == 1 ? (Point){-y, x}
                          : quarter == 2 ? (Point){-x, -y}
                                         : (Point){y, -x};
            add_point(rings, (Point){at.x + spoke.x, at.y + spoke.y});
        }
}

void add_slice(Rings *rings, Point a, Point b, Point from, Point to) {
    begin_ring(rings);
    add_point(rings, (Point){a.x - from.x, a.y - from.y});
    add_point(rings, (Point){b.x - to.x, b.y - to.y});
    add_point(rings, (Point){b.x + to.x, b.y + to.y});
    add_point(rings, (Point){a.x + from.x, a.y + from.y});
}

void axis_of(const Way *way, double tip, double length, Point axis[AXIS]) {
    Point end = place_on(way, tip), foot = place_on(way, tip - length), middle = place_on(way, tip - length / 2);
    double reach = span(foot, end);
    if (reach < length / 2) {
        /* The way turns back within the head, which then points as the way ends. */
        int64_t n = way->length - 1;
        while (n > 0 && way->along[n] >= tip) n--;
        double last = span(way->xy[n], end);
        if (last > 0) foot = between(end, way->xy[n], length / last);
        middle = between(foot, end, 0.5);
        reach = length;
    }
    Point ahead = {(end.x - foot.x) / reach, (end.y - foot.y) / reach}, aside = {-ahead.y, ahead.x};
    double sag = (middle.x - (foot.x + end.x) / 2) * aside.x + (middle.y - (foot.y + end.y) / 2) * aside.y;
    sag = held(sag, -SAG * reach, SAG * reach);
    /* A head does not shrink where the way to its foot is not straight. */
    foot = (Point){end.x - ahead.x * length, end.y - ahead.y * length};
    for (int i = 0; i < AXIS; i++) {
        double t = (double)i / (AXIS - 1), bow = 4 * t * (1 - t) * sag;
        Point at = between(foot, end, t);
        axis[i] = (Point){at.x + bow * aside.x, at.y + bow * aside.y};
    }
}

void head_on(const Point axis[AXIS], double width, Point ring[HEAD_CORNERS]) {
    const int last = AXIS - 1;
    for (int i = 0; i < last; i++) {
        double half = width / 2 * (1 - (double)i / last);
        Point side = left_of(axis[i ? i - 1 : i], axis[i + 1], half);
        ring[i] = (Point){axis[i].x - side.x, axis[i].y - side.y};
        ring[2 * last - i] = (Point){axis[i].x + side.x, axis[i].y + side.y};
    }
    ring[last] = axis[last];
    int before = (int)(BARB * last);
    ring[HEAD_CORNERS - 1] = between(axis[before], axis[before + 1], BARB * last - before);
}

/* A round corner, or on the inner side of a bend the corner itself: what overlaps there winds the right way. */
static void add_corner(Rings *rings, Point at, Point from, Point to, double grow) {
    double turn = from.x * to.y - from.y * to.x, cosine = from.x * to.x + from.y * to.y;
    add_point(rings, (Point){at.x + grow * from.x, at.y + grow * from.y});
    if (turn < 0) add_point(rings, at);
    if (turn > 0 && cosine < FINE) {
        double angle = atan2(turn, cosine);
        int steps = (int)ceil(angle / STEP);
        for (int k = 1; k < steps; k++) {
            double c = cos(angle * k / steps), s = sin(angle * k / steps);
            add_point(rings, (Point){at.x + grow * (from.x * c - from.y * s), at.y + grow * (from.x * s + from.y * c)});
        }
    }
    add_point(rings, (Point){at.x + grow * to.x, at.y + grow * to.y});
}

/* A head that is less by a rim, with sharp corners. */
static void add_shrunk(Rings *rings, const Point ring[HEAD_CORNERS], const Point out[HEAD_CORNERS], double grow) {
    Point less[HEAD_CORNERS];
    double left = 0, whole = 0;
    for (int i = 0; i < HEAD_CORNERS; i++) {
        Point a = out[(i + HEAD_CORNERS - 1) % HEAD_CORNERS], b = out[i];
        double mitre = grow / fmax(1 + a.x * b.x + a.y * b.y, 2 / (MITRE * MITRE));
        less[i] = (Point){ring[i].x + (a.x + b.x) * mitre, ring[i].y + (a.y + b.y) * mitre};
    }
    for (int i = 0; i < HEAD_CORNERS; i++) {
        int next = (i + 1) % HEAD_CORNERS;
        whole += span(ring[i], ring[next]);
        left += (less[next].x - less[i].x) * -out[i].y + (less[next].y - less[i].y) * out[i].x;
    }
    /* Where most of its edges would run backward, the rim is all there is. */
    if (!(left > whole / 4)) return;
    begin_ring(rings);
    for (int i = 0; i < HEAD_CORNERS; i++) add_point(rings, less[i]);
}

void add_head(Rings *rings, const Point ring[HEAD_CORNERS], double grow) {
    Point out[HEAD_CORNERS];
    /* Outward, of the edge from each corner to the next. */
    for (int i = 0; i < HEAD_CORNERS; i++) out[i] = left_of(ring[i], ring[(i + 1) % HEAD_CORNERS], -1);
    if (grow < 0) {
        add_shrunk(rings, ring, out, grow);
        return;
    }
    begin_ring(rings);
    for (int i = 0; i < HEAD_CORNERS; i++)
        if (grow > 0)
            add_corner(rings, ring[i], out[(i + HEAD_CORNERS - 1) % HEAD_CORNERS], out[i], grow);
        else
            add_point(rings, ring[i]);
}
