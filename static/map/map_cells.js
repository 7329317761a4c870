// Which item lies in which cell of the map. Pure arithmetic, no DOM.
export class CellIndex {
  constructor({ ids, x, y, size }) {
    [this.columns, this.rows] = size;
    this.x = x;
    this.y = y;
    this.items = new Map(ids.map((_id, item) => [x[item] + y[item] * this.columns, item]));
  }

  // The item of a cell; undefined for an empty cell and for one outside the map.
  get(column, row) {
    return column < 0 || column >= this.columns ? undefined : this.items.get(column + row * this.columns);
  }

  // The items of the cells that the rectangle from `low` to `high` touches, row by row.
  within(low, high) {
    const found = [];
    for (let row = Math.max(0, Math.floor(low.y)); row <= Math.min(this.rows - 1, high.y); row++)
      for (let column = Math.max(0, Math.floor(low.x)); column <= Math.min(this.columns - 1, high.x); column++) {
        const item = this.get(column, row);
        if (item !== undefined) found.push(item);
      }
    return found;
  }

  // The item whose middle is nearest to a point, among the cells at most `reach` from the point's own; -1 if they are empty.
  near(x, y, reach) {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const low = { x: column - reach, y: row - reach };
    return this.nearestOf(this.within(low, { x: column + reach, y: row + reach }), x, y);
  }

  // The item whose middle is nearest to a point, however far; -1 for a map without items.
  nearest(x, y) {
    return this.nearestOf(this.items.values(), x, y);
  }

  nearestOf(items, x, y) {
    let [best, least] = [-1, Infinity];
    for (const item of items) {
      const away = this.distance(item, x, y);
      if (away < least) [best, least] = [item, away];
    }
    return best;
  }

  // From an item's middle to a point, in cells.
  distance(item, x, y) {
    return Math.hypot(this.x[item] + 0.5 - x, this.y[item] + 0.5 - y);
  }
}
