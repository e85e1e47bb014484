/* Contours of heights on a grid. */

#include "press.h"

/* Cells along the side of a block. */
enum { BLOCK = 8 };

/* Rows of heights at all of `x`, the rows at all of `y`; both rise. `lowest` and `highest` are those of the nodes of each
 * block, its edges with it. `seen` has a byte for each node; all are 0, and are so again afterwards. */
typedef struct {
    const double *heights, *x, *y, *lowest, *highest;
    uint8_t *seen;
    int32_t rows, columns;
} Heights;

/* A cell is known by its node at the lower left, its corners and sides are counted from there to the left about: the lower
 * left corner, and the side that begins there. */
static const int32_t UP[4] = {0, 0, 1, 1}, RIGHT[4] = {0, 1, 1, 0};

typedef struct {
    int32_t row, column;
} Cell;

static inline double height(const Heights *grid, Cell cell, int32_t corner) {
    return grid->heights[(int64_t)(cell.row + UP[corner & 3]) * grid->columns + cell.column + RIGHT[corner & 3]];
}

static inline uint8_t *seen(const Heights *grid, Cell cell) {
    return &grid->seen[(int64_t)cell.row * grid->columns + cell.column];
}

/* Contours come in at a side on whose way to the left about they have the ground that is higher behind them. */
static inline int comes_in(const Heights *grid, double level, Cell cell, int32_t side) {
    return height(grid, cell, side) > level && !(height(grid, cell, side + 1) > level);
}

static int32_t way_out(const Heights *grid, double level, Cell cell, int32_t side) {
    int across = height(grid, cell, side + 2) > level, last = height(grid, cell, side + 3) > level;
    if (across && !last) {
        /* Two contours in a cell: they part what its middle does not join. */
        double sum = 0;
        for (int32_t corner = 0; corner < 4; corner++) sum += height(grid, cell, corner);
        return sum / 4 > level ? side + 1 : side + 3;
    }
    return across ? side + 1 : last ? side + 2 : side + 3;
}

/* Reckoned the same from both cells that share the side, and exactly on it. */
static Point crossing(const Heights *grid, double level, Cell cell, int32_t side) {
    int32_t a = side & 3, b = (side + 1) & 3;
    if (a > 1) {
        int32_t other = a;
        a = b;
        b = other;
    }
    double share = (level - height(grid, cell, a)) / (height(grid, cell, b) - height(grid, cell, a));
    double x = grid->x[cell.column + RIGHT[a]], y = grid->y[cell.row + UP[a]];
    return (Point){x + share * (grid->x[cell.column + RIGHT[b]] - x), y + share * (grid->y[cell.row + UP[b]] - y)};
}

static int leads_off(const Heights *grid, Cell cell) {
    return cell.row < 0 || cell.column < 0 || cell.row > grid->rows - 2 || cell.column > grid->columns - 2;
}

static Cell beyond(Cell cell, int32_t side) {
    static const int32_t UPWARD[4] = {-1, 0, 1, 0}, SIDEWARD[4] = {0, 1, 0, -1};
    return (Cell){cell.row + UPWARD[side & 3], cell.column + SIDEWARD[side & 3]};
}

/* From a side on, to the edge of the grid or round to where it began. */
static void follow(const Heights *grid, double level, Cell cell, int32_t side, Rings *rings) {
    int64_t first = rings->length;
    begin_ring(rings);
    while (!rings->failed) {
        add_point(rings, crossing(grid, level, cell, side));
        *seen(grid, cell) |= (uint8_t)(1 << (side & 3));
        side = way_out(grid, level, cell, side);
        Cell next = beyond(cell, side);
        if (leads_off(grid, next)) {
            add_point(rings, crossing(grid, level, cell, side));
            return;
        }
        cell = next;
        side += 2;
        if (*seen(grid, cell) >> (side & 3) & 1) {
            /* A copy: room that grows may lie elsewhere. */
            if (!rings->failed) {
                Point begin = rings->points[first];
                add_point(rings, begin);
            }
            close_ring(rings);
            return;
        }
    }
}

/* Follow what comes into the cells of a block, over the edge of the grid, or anywhere. */
static void search(const Heights *grid, double level, Cell from, int edge, Rings *rings) {
    int32_t top = least(from.row + BLOCK, grid->rows - 1), right = least(from.column + BLOCK, grid->columns - 1);
    for (int32_t row = from.row; row < top; row++)
        for (int32_t column = from.column; column < right; column++)
            for (int32_t side = 0; side < 4; side++) {
                Cell cell = {row, column};
                if (comes_in(grid, level, cell, side) && !(*seen(grid, cell) >> side & 1) &&
                    (!edge || leads_off(grid, beyond(cell, side))))
                    follow(grid, level, cell, side, rings);
            }
}

static void forget(const Heights *grid, Cell from) {
    int32_t top = least(from.row + BLOCK, grid->rows), width = least(BLOCK, grid->columns - from.column);
    for (int32_t row = from.row; row < top; row++) memset(seen(grid, (Cell){row, from.column}), 0, (size_t)width);
}

/* Lines with what is higher than a level on their left: first those from edge to edge of the grid, then those that are
 * closed, which end where they began. Returns 0 or NO_MEMORY, with rings to be dropped either way. */
EXPORT int32_t draw_contours(const Heights *grid, double level, Rings *rings) {
    enum { OPEN, CLOSED, FORGET, ROUNDS };
    for (int round = OPEN; round < ROUNDS; round++) {
        int64_t number = 0;
        for (int32_t row = 0; row < grid->rows - 1; row += BLOCK)
            for (int32_t column = 0; column < grid->columns - 1; column += BLOCK, number++) {
                if (grid->lowest[number] > level || !(grid->highest[number] > level)) continue;
                Cell from = {row, column};
                int edge = !row || !column || row + BLOCK >= grid->rows - 1 || column + BLOCK >= grid->columns - 1;
                if (round == FORGET)
                    forget(grid, from);
                else if (round == CLOSED || edge)
                    search(grid, level, from, round == OPEN, rings);
            }
    }
    end_rings(rings);
    return rings->failed ? NO_MEMORY : 0;
}
