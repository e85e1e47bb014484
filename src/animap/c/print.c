/* Printing: what paths leave on clear tiles, or on a ground. */

#include "press.h"

static int32_t draw_paths(const Path *paths, int32_t count, Page page, Sink *sink) {
    int32_t failed = 0;
    for (int32_t i = 0; i < count && !failed; i++) {
        Rings rings = {0};
        sink->colours = paths[i].colours;
        sink->flat = paths[i].flat;
        failed = path_rings(paths + i, page, &rings);
        if (!failed) failed = fill_rings(&rings, page, sink);
        free_rings(&rings);
    }
    return failed;
}

/* ---- onto clear tiles -------------------------------------------------------------------------------- */

/* `placed` has a tile for each number that has ink, `own` where it lies in `tiles`: what is covered whole, by one path,
 * is `flat`, which others share. */
typedef struct {
    Sink sink;
    const uint32_t **placed;
    uint32_t **own;
    uint32_t *tiles;
    int32_t used;
} Sheet;

static void take_on_sheet(Sink *sink, int32_t number, const uint32_t *tile, Page page) {
    (void)page;
    Sheet *sheet = (Sheet *)sink;
    const uint32_t *before = sheet->placed[number];
    int whole = tile == sink->flat && (!before || tile[0] >> 24 == FULL);
    uint32_t *own = sheet->own[number];
    if (whole && !own) {
        sheet->placed[number] = tile;
        return;
    }
    if (!own) {
        own = sheet->own[number] = sheet->tiles + (int64_t)sheet->used++ * PIXELS;
        if (before) memcpy(own, before, PIXELS * sizeof *own);
    }
    if (whole || !before)
        memcpy(own, tile, PIXELS * sizeof *own);
    else
        lay(own, tile, FULL);
    sheet->placed[number] = own;
}

/* Print paths over each other, from the bottom up, on tiles of which there is room for a page, and of which so many are
 * `used`. Returns how many have ink, or NO_MEMORY. */
EXPORT int32_t print_paths(const Path *paths, int32_t count, Page page, int32_t *numbers, uint32_t *tiles,
                           const uint32_t **addresses, uint8_t *opaque, int32_t *used) {
    int32_t all = page.columns * ((page.height + SIDE - 1) / SIDE), n = 0;
    Sheet sheet = {.sink = {.take = take_on_sheet}, .tiles = tiles};
    sheet.placed = calloc((size_t)all + 1, sizeof *sheet.placed);
    sheet.own = calloc((size_t)all + 1, sizeof *sheet.own);
    int32_t failed = sheet.placed && sheet.own ? draw_paths(paths, count, page, &sheet.sink) : NO_MEMORY;
    for (int32_t number = 0; !failed && number < all; number++) {
        const uint32_t *tile = sheet.placed[number];
        if (!tile) continue;
        numbers[n] = number;
        addresses[n] = tile;
        opaque[n++] = opaque_in(tile, rect_of(number, page));
    }
    *used = sheet.used;
    free(sheet.placed);
    free(sheet.own);
    return failed ? failed : n;
}

/* Let the addresses of tiles that lay one behind the other follow them to where they have been copied. */
EXPORT void follow_tiles(const uint32_t **addresses, int32_t count, const uint32_t *from, int32_t tiles, const uint32_t *to) {
    for (int32_t i = 0; i < count; i++)
        if (addresses[i] >= from && addresses[i] < from + (int64_t)tiles * PIXELS) addresses[i] = to + (addresses[i] - from);
}

/* ---- onto a ground ----------------------------------------------------------------------------------- */

typedef struct {
    Sink sink;
    uint32_t *ground;
} Ground;

static void take_on_ground(Sink *sink, int32_t number, const uint32_t *tile, Page page) {
    (void)page;
    uint32_t *below = ((Ground *)sink)->ground + (int64_t)number * PIXELS;
    if (tile == sink->flat && tile[0] >> 24 == FULL)
        memcpy(below, tile, PIXELS * sizeof *below);
    else
        lay(below, tile, FULL);
}

/* Paint paths over a ground, from the bottom up. Returns 0 or NO_MEMORY. */
EXPORT int32_t paint_paths(const Path *paths, int32_t count, Page page, uint32_t *ground) {
    Ground onto = {.sink = {.take = take_on_ground}, .ground = ground};
    return draw_paths(paths, count, page, &onto.sink);
}
