import assert from "node:assert/strict";
import { test } from "node:test";

import { cropPixels, movedBox, resizedBox } from "../../static/photo/crop.js";

const box = { left: 0.2, top: 0.3, right: 0.6, bottom: 0.9 };
const rounded = (shares) => Object.fromEntries(Object.entries(shares).map(([side, share]) => [side, Math.round(share * 1e9) / 1e9]));

test("a moved box keeps its size and stays in the picture", () => {
  assert.deepEqual(rounded(movedBox(box, 0.1, -0.1)), { left: 0.3, top: 0.2, right: 0.7, bottom: 0.8 });
  assert.deepEqual(rounded(movedBox(box, 9, 9)), { left: 0.6, top: 0.4, right: 1, bottom: 1 });
  assert.deepEqual(rounded(movedBox(box, -9, -9)), { left: 0, top: 0, right: 0.4, bottom: 0.6 });
});

test("a pulled corner moves its two sides only", () => {
  assert.deepEqual(rounded(resizedBox(box, "se", 0.1, 0.05)), { left: 0.2, top: 0.3, right: 0.7, bottom: 0.95 });
  assert.deepEqual(rounded(resizedBox(box, "nw", -0.1, 0.1)), { left: 0.1, top: 0.4, right: 0.6, bottom: 0.9 });
});

test("a box is never turned inside out nor pulled out of the picture", () => {
  assert.deepEqual(rounded(resizedBox(box, "nw", 9, 9)), { left: 0.52, top: 0.82, right: 0.6, bottom: 0.9 });
  assert.deepEqual(rounded(resizedBox(box, "se", 9, 9)), { left: 0.2, top: 0.3, right: 1, bottom: 1 });
});

test("what is sent has the box's shape and no side above the limit", () => {
  assert.deepEqual(cropPixels({ left: 0.25, top: 0, right: 0.75, bottom: 1 }, 4000, 3000, 768), {
    source: { x: 1000, y: 0, width: 2000, height: 3000 },
    width: 512,
    height: 768,
  });
});

test("a small picture is not enlarged, and a sliver has at least a pixel", () => {
  const whole = { left: 0, top: 0, right: 1, bottom: 1 };
  assert.deepEqual([cropPixels(whole, 300, 200, 768).width, cropPixels(whole, 300, 200, 768).height], [300, 200]);
  assert.equal(cropPixels({ left: 0, top: 0, right: 1, bottom: 0.0001 }, 4000, 100, 768).height, 1);
});
