import assert from "node:assert/strict";
import { test } from "node:test";

import { CellIndex } from "../../static/map/map_cells.js";

// a b .
// . . c
const cells = new CellIndex({ ids: ["a", "b", "c"], x: [0, 1, 2], y: [0, 0, 1], size: [3, 2] });

test("a cell holds its item, an empty cell and one outside hold none", () => {
  assert.equal(cells.get(1, 0), 1);
  assert.equal(cells.get(2, 0), undefined);
  assert.equal(cells.get(-1, 1), undefined); // -1 + 1 × 3 would be c's number
  assert.equal(cells.get(3, 0), undefined);
  assert.equal(cells.get(0, 9), undefined);
});

test("items within a rectangle, also where it reaches over the edge", () => {
  assert.deepEqual(cells.within({ x: -5, y: -5 }, { x: 9, y: 9 }), [0, 1, 2]);
  assert.deepEqual(cells.within({ x: 1.2, y: 0.3 }, { x: 2.9, y: 0.9 }), [1]);
  assert.deepEqual(cells.within({ x: 0, y: 1 }, { x: 1.9, y: 1.9 }), []);
});

test("the nearest within reach is measured from its middle", () => {
  assert.equal(cells.near(0.9, 0.5, 0), 0);
  assert.equal(cells.near(0.9, 0.5, 1), 0); // 0.4 from a's middle, 0.6 from b's
  assert.equal(cells.near(1.1, 1.5, 0), -1);
  assert.equal(cells.near(1.1, 1.5, 1), 1);
});

test("the nearest of all, however far", () => {
  assert.equal(cells.nearest(100, 100), 2);
  assert.equal(new CellIndex({ ids: [], x: [], y: [], size: [1, 1] }).nearest(0, 0), -1);
});
