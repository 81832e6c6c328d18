// Draws intervals, gaps, states of the source and marks of a row.
import { KINDS } from "./scores.js";
import { laneTop } from "./frame.js";

const LEAST_PX = 4;
const CLOSE_PX_PER_S = 8;

const xOf = (scale, time_s) => scale.left + (time_s - scale.start_s) * scale.px_per_s;

// Bars that touch become one, so that ten thousand cost no more than fit side by side.
export function drawIntervals(pen, intervals, box, scale, colour, now_s) {
  for (const kind of KINDS) {
    const top = laneTop(box, kind);
    const [bars, open, apexes] = collect(intervals, kind, scale, now_s, 0.4 * box.lane);
    pen.fillStyle = pen.strokeStyle = colour[kind];
    pen.beginPath();
    const apart = scale.px_per_s >= CLOSE_PX_PER_S;
    for (const [from, to] of bars) bar(pen, from, top, Math.max(LEAST_PX, to - from), 0.45 * box.lane, apart);
    for (const x of apexes) apex(pen, x, top - 0.06 * box.lane, 0.26 * box.lane);
    pen.fill();
    for (const [from, to] of open) provisional(pen, from, top, Math.max(LEAST_PX, to - from), 0.45 * box.lane);
  }
}

// Rounded where they can be told apart: the corners of thousands cost more than all the rest.
function bar(pen, x, y, width, height, apart) {
  if (apart) pen.roundRect(x, y, width, height, Math.min(4, width / 2));
  else pen.fillRect(x, y, width, height);
}

function collect(intervals, kind, scale, now_s, apart_px) {
  const [bars, open, apexes] = [[], [], []];
  let last = null;
  intervals.within(scale.start_s - 1, scale.end_s + 1, (one) => {
    if (one.kind !== kind) return;
    const from = xOf(scale, one.from);
    const final = one.phase === "end";
    const to = xOf(scale, final || one.offset_s !== null ? one.to : Math.max(one.apex, now_s));
    if (!final) open.push([from, to]);
    else if (last && from <= Math.max(last[1], last[0] + LEAST_PX) + 1 && scale.px_per_s < CLOSE_PX_PER_S) {
      last[1] = Math.max(last[1], to);
    } else bars.push(last = [from, to]);
    const x = xOf(scale, one.apex);
    if (!apexes.length || x - apexes.at(-1) >= apart_px || scale.px_per_s >= CLOSE_PX_PER_S) apexes.push(x);
  });
  return [bars, open, apexes];
}

function provisional(pen, x, y, width, height) {
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.roundRect(x, y, width, height, Math.min(4, width / 2));
  pen.globalAlpha = 0.2;
  pen.fill();
  pen.globalAlpha = 1;
  pen.setLineDash([4, 3]);
  pen.stroke();
  pen.setLineDash([]);
}

// Above the bar, so that it neither hides a short one nor is hidden by it.
function apex(pen, x, y, size) {
  pen.moveTo(x, y);
  pen.lineTo(x + 0.75 * size, y - size);
  pen.lineTo(x - 0.75 * size, y - size);
  pen.closePath();
}

// What the list has picked: a frame through the whole row.
export function drawPicked(pen, one, box, scale, colour, now_s) {
  const from = xOf(scale, one.from) - 3;
  const to = xOf(scale, one.offset_s === null ? Math.max(one.apex, now_s) : one.to) + 3;
  pen.fillStyle = colour[one.kind];
  pen.globalAlpha = 0.12;
  pen.fillRect(from, box.top, to - from, box.bottom - box.top);
  pen.globalAlpha = 1;
  pen.strokeStyle = colour.ink;
  pen.lineWidth = 1.5;
  pen.strokeRect(from, box.top, to - from, box.bottom - box.top - 1);
}

// Over the curves: where no frames were, nothing is joined.
export function drawGaps(pen, feed, box, scale, look, now_s) {
  const band = (one, to_s) => {
    const x = xOf(scale, one.from);
    const width = Math.max(1, xOf(scale, to_s) - x);
    pen.fillStyle = look.colour.paper;
    pen.fillRect(x, box.top, width, box.bottom - box.top);
    pen.fillStyle = look.hatch;
    pen.fillRect(x, box.top, width, box.bottom - box.top);
    const [left, right] = [Math.max(x, scale.left), Math.min(x + width, xOf(scale, scale.end_s))];
    if (one.state && right - left > 7 * look.rem) word(pen, one.state, (left + right) / 2, box, look);
  };
  feed.gaps.within(scale.start_s, scale.end_s, (gap) => band(gap, gap.to));
  feed.states.within(scale.start_s, scale.end_s, (one) => { if (one !== feed.open) band(one, one.to); });
  if (feed.open && feed.open.from < scale.end_s) band(feed.open, Math.max(feed.open.from, now_s));
}

function word(pen, text, x, box, look) {
  const middle = (box.top + box.floor) / 2;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const half = pen.measureText(text).width / 2 + 0.4 * look.rem;
  pen.fillStyle = look.colour.paper;
  pen.fillRect(x - half, middle - 0.8 * look.rem, 2 * half, 1.6 * look.rem);
  pen.fillStyle = look.colour.ink;
  pen.fillText(text, x, middle);
}

// What a person marked: a line through everything, a diamond for micro and a square for macro.
export function drawMarks(pen, marks, box, scale, look) {
  marks.within(scale.start_s, scale.end_s, ({ kind, from }) => {
    const [x, y, size] = [xOf(scale, from), laneTop(box, kind) + 0.225 * box.lane, 0.35 * box.lane];
    pen.strokeStyle = pen.fillStyle = look.colour[kind];
    pen.lineWidth = 1.5;
    pen.setLineDash([2, 3]);
    pen.beginPath();
    pen.moveTo(x, box.top);
    pen.lineTo(x, y);
    pen.stroke();
    pen.setLineDash([]);
    pen.save();
    pen.translate(x, y);
    if (kind === "micro") pen.rotate(Math.PI / 4);
    pen.fillRect(-size / 2, -size / 2, size, size);
    pen.strokeStyle = look.colour.ink;
    pen.strokeRect(-size / 2, -size / 2, size, size);
    pen.restore();
  });
}
