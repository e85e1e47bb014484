/* Lists of rings that grow as long as there is memory. */

#include "press.h"

void add_point(Rings *rings, Point point) {
    if (rings->length == rings->room) {
        int64_t room = rings->room ? 2 * rings->room : 256;
        Point *points = rings->failed ? NULL : realloc(rings->points, (size_t)room * sizeof *points);
        if (!points) {
            rings->failed = 1;
            return;
        }
        rings->points = points;
        rings->room = room;
    }
    rings->points[rings->length++] = point;
}

void begin_ring(Rings *rings) {
    if (rings->count + 1 >= rings->places) {
        int64_t places = rings->places ? 2 * rings->places : 64;
        int64_t *starts = realloc(rings->starts, (size_t)places * sizeof *starts);
        if (starts) rings->starts = starts;
        uint8_t *closed = realloc(rings->closed, (size_t)places * sizeof *closed);
        if (closed) rings->closed = closed;
        if (!starts || !closed) {
            rings->failed = 1;
            return;
        }
        rings->places = places;
    }
    rings->closed[rings->count] = 0;
    rings->starts[rings->count++] = rings->length;
}

void close_ring(Rings *rings) {
    if (rings->count && !rings->failed) rings->closed[rings->count - 1] = 1;
}

void end_rings(Rings *rings) {
    if (!rings->count) {
        /* So that there is room for the one start that says where nothing ends. */
        begin_ring(rings);
        rings->count = 0;
    }
    if (!rings->failed) rings->starts[rings->count] = rings->length;
}

void free_rings(Rings *rings) {
    free(rings->points);
    free(rings->starts);
    free(rings->closed);
}
