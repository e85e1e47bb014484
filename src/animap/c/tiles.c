/* Tiles: laid over each other, compared, thinned out, cut from pictures. */

#include "press.h"

void lay(uint32_t *restrict below, const uint32_t *restrict above, uint32_t opacity) {
    if (opacity == FULL)
        for (int i = 0; i < PIXELS; i++) below[i] = over(above[i], below[i]);
    else
        for (int i = 0; i < PIXELS; i++) below[i] = over(times(above[i], opacity), below[i]);
}

/* RGB of a row of pixels, four of them, twelve bytes, at a time. */
static void show_row(const uint32_t *from, int32_t wide, uint8_t *to) {
    int32_t i = 0;
    for (; i + 4 <= wide; i += 4, to += 12) {
        uint32_t a = from[i], b = from[i + 1], c = from[i + 2], d = from[i + 3];
        uint32_t packed[3] = {(a & 0xffffffu) | b << 24, (b >> 8 & 0xffffu) | c << 16, (c >> 16 & FULL) | d << 8};
        memcpy(to, packed, sizeof packed);
    }
    for (; i < wide; i++, to += 3) {
        to[0] = (uint8_t)from[i];
        to[1] = (uint8_t)(from[i] >> 8);
        to[2] = (uint8_t)(from[i] >> 16);
    }
}

/* RGBA of a row of pixels with straight alpha; what is clear has the colour `clear`. */
static void show_clear_row(const uint32_t *from, int32_t wide, uint8_t *to, uint32_t clear) {
    for (int32_t i = 0; i < wide; i++, to += 4) {
        uint32_t alpha = from[i] >> 24, pixel = alpha ? from[i] : clear;
        for (int k = 0; k < 3; k++) {
            uint32_t value = pixel >> 8 * k & FULL;
            to[k] = (uint8_t)(alpha ? (value * FULL + alpha / 2) / alpha : value);
        }
        to[3] = (uint8_t)alpha;
    }
}

static void show(const uint32_t *tile, int32_t number, Page page, uint8_t *pixels, int32_t values, uint32_t clear) {
    int32_t x = number % page.columns * SIDE, y = number / page.columns * SIDE;
    int32_t wide = least(SIDE, page.width - x), high = least(SIDE, page.height - y);
    for (int32_t row = 0; row < high; row++) {
        uint8_t *to = pixels + ((int64_t)(y + row) * page.width + x) * values;
        if (values == 3)
            show_row(tile + row * SIDE, wide, to);
        else
            show_clear_row(tile + row * SIDE, wide, to, clear);
    }
}

/* Lay layers, from the bottom up, over those tiles of the ground that are wanted: into `pixels` `(height, width,
 * values)`, with straight alpha if there are four values and `clear` where nothing is; without `pixels`, into the
 * ground itself; and without a ground, into one clear tile behind the other in `printed`. `wanted` holds each number
 * once, of `tiles` that there are. Returns 0 or NO_MEMORY. */
EXPORT int32_t compose(uint32_t *ground, int32_t tiles, const Layer *layers, int32_t count, const int32_t *wanted,
                       int32_t wants, Page page, uint8_t *pixels, int32_t values, uint32_t clear,
                       uint32_t *printed) {
    typedef struct {
        const uint32_t *tile;
        uint32_t opacity;
    } Sheet;
    /* A pile for each wanted tile, of the sheets of all layers that have it: `sheets[first .. last]`. */
    typedef struct {
        int64_t first, last;
        int32_t covered;
    } Pile;
    int32_t *place = malloc((size_t)tiles * sizeof *place);
    Pile *piles = calloc((size_t)wants + 1, sizeof *piles);
    Sheet *sheets = NULL;
    int32_t failed = NO_MEMORY;
    if (!place || !piles) goto done;
    /* What is not wanted goes to a pile behind all others. */
    for (int32_t i = 0; i < tiles; i++) place[i] = wants;
    for (int32_t i = 0; i < wants; i++) place[wanted[i]] = i;
    int64_t total = 0;
    for (int32_t n = 0; n < count; n++)
        for (int32_t i = 0; i < layers[n].count; i++) piles[place[layers[n].numbers[i]]].last++;
    for (int32_t i = 0; i < wants; i++) {
        int64_t size = piles[i].last;
        piles[i].first = piles[i].last = total;
        total += size;
    }
    sheets = malloc((size_t)(total + 1) * sizeof *sheets);
    if (!sheets) goto done;
    for (int32_t n = 0; n < count; n++)
        for (int32_t i = 0; i < layers[n].count; i++) {
            int32_t at = place[layers[n].numbers[i]];
            if (at == wants) continue;
            Pile *pile = piles + at;
            if (layers[n].opaque[i] && layers[n].opacity == FULL) {
                pile->last = pile->first;
                pile->covered = 1;
            }
            sheets[pile->last++] = (Sheet){layers[n].tiles[i], (uint32_t)layers[n].opacity};
        }
    for (int32_t i = 0; i < wants; i++) {
        uint32_t *below = ground ? ground + (int64_t)wanted[i] * PIXELS : NULL, mixed[PIXELS];
        uint32_t *result = pixels ? mixed : printed ? printed + (int64_t)i * PIXELS : below;
        int64_t n = piles[i].first;
        const uint32_t *lowest = piles[i].covered ? sheets[n++].tile : below;
        if (!lowest)
            memset(result, 0, PIXELS * sizeof *result);
        else if (lowest != result)
            memcpy(result, lowest, PIXELS * sizeof *result);
        for (; n < piles[i].last; n++) lay(result, sheets[n].tile, sheets[n].opacity);
        if (pixels) show(result, wanted[i], page, pixels, values, clear);
    }
    failed = 0;
done:
    free(place);
    free(piles);
    free(sheets);
    return failed;
}

/* A mark that goes, comes or becomes the `other`, which is empty where there is none: below it lie so many of the marks that
 * stay. */
typedef struct {
    Layer one, other;
    int32_t rank, unused;
} Change;

/* Mark the tiles in which a change shows: where marks differ, and none that stays hides them. `hidden` says how many of
 * these there are up to the topmost that does. */
static void mark_change(const Change *change, const int32_t *hidden, uint8_t *changed) {
    const Layer *one = &change->one, *other = &change->other;
    int32_t i = 0, j = 0;
    while (i < one->count || j < other->count) {
        int32_t number;
        if (j == other->count || (i < one->count && one->numbers[i] < other->numbers[j]))
            number = one->numbers[i++];
        else if (i == one->count || other->numbers[j] < one->numbers[i])
            number = other->numbers[j++];
        else {
            const uint32_t *tile = one->tiles[i], *other_tile = other->tiles[j++];
            number = one->numbers[i++];
            if (changed[number] || tile == other_tile || !memcmp(tile, other_tile, PIXELS * sizeof *tile)) continue;
        }
        if (hidden[number] <= change->rank) changed[number] = 1;
    }
}

/* Rectangles of pixels over the marked tiles, which do not overlap: runs of a row, grown down as long as the rows below
 * have the same. `growing` and `tops` have a place for each column, zeros. Returns how many. */
static int32_t cover_marked(const uint8_t *marked, Page page, int32_t *growing, int32_t *tops, Rect *rects) {
    int32_t rows = (page.height + SIDE - 1) / SIDE, count = 0;
    for (int32_t row = 0; row <= rows; row++) {
        const uint8_t *here = marked + (int64_t)row * page.columns;
        for (int32_t left = 0; left < page.columns; left++) {
            /* One run may end where another one that begins here was wider. */
            int32_t right = left;
            if (row < rows && here[left] && (!left || !here[left - 1]))
                while (right < page.columns && here[right]) right++;
            if (growing[left] && growing[left] != right) {
                rects[count++] = (Rect){left * SIDE, tops[left] * SIDE, least(page.width, growing[left] * SIDE),
                                        least(page.height, row * SIDE)};
                growing[left] = 0;
            }
            if (right > left && !growing[left]) {
                growing[left] = right;
                tops[left] = row;
            }
        }
    }
    return count;
}

/* The tiles in which a picture changes, given the layers that stay, from the bottom up: their numbers, and rectangles over
 * them; of both there is room for a page. Returns how many tiles, or NO_MEMORY. */
EXPORT int32_t find_changed(const Layer *staying, int32_t count, const Change *changes, int32_t number, Page page,
                            int32_t *numbers, Rect *rects, int32_t *covers) {
    int32_t tiles = page.columns * ((page.height + SIDE - 1) / SIDE), found = 0;
    int32_t *hidden = calloc((size_t)tiles + 2 * (size_t)page.columns, sizeof *hidden);
    uint8_t *changed = calloc((size_t)tiles + 1, 1);
    if (hidden && changed) {
        for (int32_t n = 0; n < count; n++)
            for (int32_t i = 0; i < staying[n].count && staying[n].opacity == (int32_t)FULL; i++)
                if (staying[n].opaque[i]) hidden[staying[n].numbers[i]] = n + 1;
        for (int32_t n = 0; n < number; n++) mark_change(changes + n, hidden, changed);
        for (int32_t n = 0; n < tiles; n++)
            if (changed[n]) numbers[found++] = n;
        *covers = cover_marked(changed, page, hidden + tiles, hidden + tiles + page.columns, rects);
    } else {
        found = NO_MEMORY;
    }
    free(hidden);
    free(changed);
    return found;
}

/* Thin out tiles to what a mask has of them: both by rising number. Returns how many are left, with their numbers. */
EXPORT int32_t thin_out(const Layer *layer, const Layer *mask, int32_t *numbers, uint32_t *tiles) {
    int32_t n = 0;
    for (int32_t i = 0, j = 0; i < layer->count; i++) {
        while (j < mask->count && mask->numbers[j] < layer->numbers[i]) j++;
        if (j == mask->count || mask->numbers[j] != layer->numbers[i]) continue;
        uint32_t *tile = tiles + (int64_t)n * PIXELS;
        for (int k = 0; k < PIXELS; k++) tile[k] = times(layer->tiles[i][k], mask->tiles[j][k] >> 24);
        numbers[n++] = layer->numbers[i];
    }
    return n;
}

/* Cut what is drawn in a box, with straight alpha, into those of the tiles `asked` that have ink. Returns how many
 * there are. */
EXPORT int32_t cut(const uint32_t *drawn, const Rect *box, const int32_t *asked, int32_t asks, Page page,
                   int32_t *numbers, uint32_t *tiles, uint8_t *opaque) {
    int32_t stride = box->right - box->left;
    int32_t n = 0;
    for (int32_t k = 0; k < asks; k++) {
        Rect rect = rect_of(asked[k], page);
        int32_t left = most(rect.left, box->left), right = least(rect.right, box->right);
        int32_t top = most(rect.top, box->top), bottom = least(rect.bottom, box->bottom);
        if (left >= right || top >= bottom) continue;
        const uint32_t *from = drawn + (int64_t)(top - box->top) * stride + left - box->left;
        uint32_t ink = 0;
        for (int32_t y = 0; y < bottom - top; y++)
            for (int32_t x = 0; x < right - left; x++) ink |= from[(int64_t)y * stride + x];
        if (ink >> 24 == 0) continue;
        uint32_t *tile = tiles + (int64_t)n * PIXELS;
        memset(tile, 0, PIXELS * sizeof *tile);
        for (int32_t y = 0; y < bottom - top; y++) {
            uint32_t *to = tile + (top - rect.top + y) * SIDE + left - rect.left;
            for (int32_t x = 0; x < right - left; x++) to[x] = premultiplied(from[(int64_t)y * stride + x]);
        }
        opaque[n] = opaque_in(tile, rect);
        numbers[n++] = asked[k];
    }
    return n;
}
