// Where things are on the canvas: the rows of the faces, and in each its curves and its lanes.
import { KINDS } from "./scores.js";

const LEAST_ROW_REM = 4.2;

// How many rows fit a height.
export const rowsThatFit = (height, rem) => Math.max(1, Math.floor((height - 2 * rem) / (LEAST_ROW_REM * rem)));

// One box for each row; `floor` and `top` are score 0 and 1, `lanes` the top of the first lane.
export function frameOf(width, height, rem, rows, roomy) {
  const left = Math.round(3.4 * rem);
  const right = width - (roomy ? 7.6 * rem : 0.4 * rem);
  const bottom = height - 1.7 * rem;
  const each = bottom / Math.max(1, rows);
  const boxes = Array.from({ length: rows }, (_, row) => boxOf(row * each, each, rem, rows > 1));
  return { left, right, bottom, height, width, rem, boxes, roomy };
}

function boxOf(from, height, rem, many) {
  const lane = Math.min(1.7 * rem, (many ? 0.13 : 0.16) * height);
  const title = many ? 1.2 * rem : 0.6 * rem;
  const bottom = from + height - (many ? 0.3 * rem : 0);
  const lanes = bottom - KINDS.length * lane;
  return { from, top: from + title, floor: lanes - 0.45 * lane, lanes, lane, bottom };
}

export const yOf = (box, score) => box.floor - score * (box.floor - box.top);
export const laneTop = (box, kind) => box.lanes + (KINDS.indexOf(kind) + 0.35) * box.lane;
