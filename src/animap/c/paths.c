/* Paths: curves as polygons, strokes and dashes as rings to be filled. */

#include "press.h"

enum { MOVE = 1, LINE = 2, QUADRATIC = 3, CUBIC = 4, CLOSE = 79 };

/* How far a polygon may lie beside the curve it stands for, in pixels. */
#define SAGITTA 0.05
/* Pixels between points of which a pen sees but one: coasts have several in a pixel. */
#define CLOSER 0.12
/* Sides of a curve, or of a circle, at most. */
#define SIDES 1024

/* A Bézier curve of degree 2 or 3 from the last point on, as points. */
static void add_curve(Rings *rings, const Point *control, int degree) {
    Point a = rings->points[rings->length - 1];
    double bend = 0;
    for (int k = 0; k + 1 < degree; k++) {
        Point b = k ? control[k - 1] : a, c = control[k], d = control[k + 1];
        bend = fmax(bend, span((Point){0, 0}, (Point){b.x - 2 * c.x + d.x, b.y - 2 * c.y + d.y}));
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

/* Strokes are rings that overlap and all run the same way round: a strip for each run of segments that turn gently into
 * one another, a fan of triangles on the outer side of each sharper joint. They share their edges, which cancel each
 * other out. */
typedef struct {
    Rings *rings;
    double half, step; /* `step` is the angle of a side of a round joint */
    Page page;
    Point *right; /* the side of a strip on which its ring goes back */
} Brush;

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

/* Where two segments with these offsets to the left meet, the offset of both: none where the joint is not gentle. There a
 * mitre lies within a sagitta of a round joint, and the inner sides of both segments, `shorter` or longer, reach to it. */
static int mitre(const Brush *brush, Point n, Point m, double shorter, Point *offset) {
    double square = brush->half * brush->half, wide = square + n.x * m.x + n.y * m.y;
    if (!(wide > square)) return 0;
    double slope = fabs(n.x * m.y - n.y * m.x) / wide, fold = brush->half * slope;
    *offset = (Point){(n.x + m.x) * square / wide, (n.y + m.y) * square / wide};
    return fold * slope < SAGITTA && fold < shorter / 2;
}

/* A polyline of at least two points, none of them twice in a row. */
static void stroke_line(Brush *brush, const Point *points, int64_t length, int closed, int round_ends) {
    int64_t segments = closed ? length : length - 1, kept = 0;
    Point n = left_of(points[0], points[1], brush->half), m = n;
    double size = span(points[0], points[1]), next = size;
    for (int64_t i = 0; i < segments; i++, n = m, size = next) {
        Point a = points[i], b = points[(i + 1) % length];
        int joined = i + 1 < segments || closed;
        if (joined) {
            Point c = points[(i + 2) % length];
            m = left_of(b, c, brush->half);
            next = span(b, c);
        }
        if (beside_page(brush, a, b)) continue;
        if (!kept) {
            begin_ring(brush->rings);
            add_point(brush->rings, (Point){a.x - n.x, a.y - n.y});
            brush->right[kept++] = (Point){a.x + n.x, a.y + n.y};
        }
        Point offset = n;
        int goes_on = i + 1 < segments && mitre(brush, n, m, fmin(size, next), &offset) &&
                      !beside_page(brush, b, points[(i + 2) % length]);
        if (!goes_on) offset = n;
        add_point(brush->rings, (Point){b.x - offset.x, b.y - offset.y});
        brush->right[kept++] = (Point){b.x + offset.x, b.y + offset.y};
        if (goes_on) continue;
        while (kept) add_point(brush->rings, brush->right[--kept]);
        if (joined) {
            double turn = atan2(n.x * m.y - n.y * m.x, n.x * m.x + n.y * m.y);
            if (turn > 0)
                add_fan(brush, b, (Point){-n.x, -n.y}, (Point){-m.x, -m.y}, turn);
            else if (turn < 0)
                add_fan(brush, b, n, m, turn);
        }
        if (!closed && round_ends && i + 1 == segments) add_fan(brush, b, (Point){-n.x, -n.y}, n, PI);
    }
    if (!closed && round_ends && !beside_page(brush, points[0], points[1])) {
        n = left_of(points[0], points[1], brush->half);
        add_fan(brush, points[0], n, (Point){-n.x, -n.y}, PI);
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
        double size = span(a, b), done = 0, first, last;
        seen_between(brush->page, a, b, size, &first, &last);
        while (size - done > left) {
            done += left;
            Point at = {a.x + (b.x - a.x) * done / size, a.y + (b.y - a.y) * done / size};
            if (part % 2 == 0) {
                if (span(dashed[count - 1], at) > 0) dashed[count++] = at;
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
        if (part % 2 == 0 && span(dashed[count - 1], b) > 0) dashed[count++] = b;
    }
    if (part % 2 == 0 && count > 1) stroke_line(brush, dashed, count, 0, 0);
}

/* Polylines as what a pen of a width leaves, with round joints, and round ends unless there are dashes. */
static void stroke(const Rings *lines, double width, const Dash *dash, Page page, Rings *strokes) {
    Brush brush = {.rings = strokes, .half = fmin(width, FAR) / 2, .page = page};
    brush.step = brush.half > SAGITTA ? fmax(2 * acos(1 - SAGITTA / brush.half), 2 * PI / SIDES) : PI / 2;
    Point *points = malloc((size_t)(lines->length + 1) * sizeof *points);
    Point *dashed = malloc((size_t)(lines->length + 4) * sizeof *dashed);
    brush.right = malloc((size_t)(lines->length + 4) * sizeof *brush.right);
    if (!points || !dashed || !brush.right) strokes->failed = 1;
    for (int64_t n = 0; n < lines->count && !strokes->failed; n++) {
        int64_t length = 0;
        int closed = lines->closed[n];
        for (int64_t i = lines->starts[n]; i < lines->starts[n + 1]; i++)
            if (!length || span(points[length - 1], lines->points[i]) > CLOSER) points[length++] = lines->points[i];
        if (closed && length > 1 && span(points[0], points[length - 1]) <= CLOSER) length--;
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
    free(brush.right);
}

int32_t path_rings(const Path *path, Page page, Rings *rings) {
    if (!(path->width >= 0)) return 0;
    for (int64_t i = 0; i < path->length; i++)
        if (!isfinite(path->points[i].x) || !isfinite(path->points[i].y)) return 0;
    if (path->width == 0) {
        flatten(path->points, path->codes, path->length, page.height, rings);
        return rings->failed ? NO_MEMORY : 0;
    }
    Rings lines = {0};
    Dash dash = dash_of(path->dash, path->dashes);
    flatten(path->points, path->codes, path->length, page.height, &lines);
    if (!lines.failed) stroke(&lines, path->width, &dash, page, rings);
    int32_t failed = lines.failed || rings->failed;
    free_rings(&lines);
    return failed ? NO_MEMORY : 0;
}
