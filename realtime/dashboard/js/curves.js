// Draws one channel of a face's curves into a box.
//
// Few points make a line. Where they lie close, each column of px shows the extremes of what is in
// it, from the level that has about as many: no peak is lost, and an hour costs what a minute does.
import { yOf } from "./frame.js";
import { FAN_BITS, LEVELS } from "./series.js";

const MOST_LINE_POINTS = 450;
const MOST_PER_COLUMN = 2;
let [lows, highs] = [new Float64Array(4096), new Float64Array(4096)];

// scale: { start_s, end_s, left, px_per_s, ratio }; style: { colour, width_px, filled }
export function drawCurve(pen, series, channel, box, scale, style) {
  const columns = Math.ceil((scale.end_s - scale.start_s) * scale.px_per_s * scale.ratio) + 2;
  const points = series.countIn(scale.start_s, scale.end_s);
  pen.fillStyle = pen.strokeStyle = style.colour;
  if (points <= MOST_LINE_POINTS && points <= MOST_PER_COLUMN * columns) drawLine(pen, series, channel, box, scale, style);
  else drawColumns(pen, series, channel, box, scale, style, columns, levelFor(points, columns));
}

// The highest level that still has a bucket for each column.
function levelFor(points, columns) {
  let level = 0;
  while (level < LEVELS && points >> (FAN_BITS * (level + 1)) >= columns) level += 1;
  return level;
}

function drawLine(pen, series, channel, box, scale, { width_px, filled }) {
  let run = [];
  const x = (time_s) => scale.left + (time_s - scale.start_s) * scale.px_per_s;
  const end = () => {
    if (run.length > 1) stroke(pen, run, box, width_px, filled);
    run = [];
  };
  series.buckets(0, scale.start_s, scale.end_s, (chunk, at, joined) => {
    const value = chunk.low(0, at, channel);
    if (!joined || Number.isNaN(value)) end();
    if (!Number.isNaN(value)) run.push([x(chunk.times[at]), yOf(box, value)]);
  });
  end();
}

function stroke(pen, run, box, width_px, filled) {
  const trace = () => {
    for (const [x, y] of run) pen.lineTo(x, y);
  };
  if (filled) {
    pen.globalAlpha = 0.13;
    pen.beginPath();
    pen.moveTo(run[0][0], box.floor);
    trace();
    pen.lineTo(run.at(-1)[0], box.floor);
    pen.fill();
    pen.globalAlpha = 1;
  }
  pen.lineWidth = width_px;
  pen.lineJoin = "round";
  pen.beginPath();
  trace();
  pen.stroke();
}

// Columns hang on the axis of time, not on the window: nothing shimmers as it scrolls.
function drawColumns(pen, series, channel, box, scale, style, columns, level) {
  reserve(columns);
  const per_s = scale.px_per_s * scale.ratio;
  const origin = Math.floor(scale.start_s * per_s);
  let [before, low, high] = [-1, 0, 0];
  series.buckets(level, scale.start_s, scale.end_s, (chunk, bucket, joined) => {
    const now = Math.floor(chunk.time(level, bucket) * per_s) - origin;
    const [under, over] = [chunk.low(level, bucket, channel), chunk.high(level, bucket, channel)];
    if (Number.isNaN(over)) {
      before = Infinity;
      return;
    }
    if (joined) bridge(before, low, high, now, under, over, columns);
    widen(now, under, over, columns);
    [before, low, high] = [now, under, over];
  });
  fill(pen, box, scale, columns, style);
}

function reserve(columns) {
  if (columns > lows.length) [lows, highs] = [new Float64Array(2 * columns), new Float64Array(2 * columns)];
  lows.fill(Infinity, 0, columns);
  highs.fill(-Infinity, 0, columns);
}

function widen(column, low, high, columns) {
  if (column < 0 || column >= columns) return;
  if (low < lows[column]) lows[column] = low;
  if (high > highs[column]) highs[column] = high;
}

// The columns between two buckets lie on the straight line from one to the other.
function bridge(from, low, high, to, under, over, columns) {
  for (let column = Math.max(0, from + 1); column < Math.min(to, columns); column += 1) {
    const share = (column - from) / (to - from);
    widen(column, low + share * (under - low), high + share * (over - high), columns);
  }
}

// Each column reaches as far as those beside it: the line does not break, and is no thinner where
// it is steep.
function fill(pen, box, scale, columns, { width_px, filled }) {
  const wide = 1 / scale.ratio;
  const areas = [];
  for (let column = 0; column < columns; column += 1) {
    if (lows[column] > highs[column]) continue;
    const [left, right] = [Math.max(0, column - 1), Math.min(columns - 1, column + 1)];
    const x = scale.left + column * wide;
    const top = yOf(box, Math.max(highs[left], highs[column], highs[right])) - width_px / 2;
    const bottom = yOf(box, Math.min(lows[left], lows[column], lows[right])) + width_px / 2;
    pen.fillRect(x, top, wide, bottom - top);
    if (filled && bottom < box.floor) areas.push(x, bottom);
  }
  pen.globalAlpha = 0.13;
  for (let at = 0; at < areas.length; at += 2) pen.fillRect(areas[at], areas[at + 1], wide, box.floor - areas[at + 1]);
  pen.globalAlpha = 1;
}
