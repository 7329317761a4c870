import assert from "node:assert/strict";
import { test } from "node:test";

import { readShares, shadePath, writeShares } from "../../static/photo/boxes.js";

test("a box goes to the server and comes from it as text", () => {
  const box = { left: 0.25, top: 0, right: 1, bottom: 0.5 };
  assert.equal(writeShares(box), "0.25000,0.00000,1.00000,0.50000");
  assert.deepEqual(readShares("0.25,0.0,1.0,0.5"), box);
});

test("what is around a box is dark", () => {
  assert.equal(shadePath({ left: 0.1, top: 0.2, right: 0.5, bottom: 0.9 }), "M0 0H1000V1000H0zM100 200v700h400v-700z");
});
