// The grid of scores and the axis of time.
import { KINDS } from "./scores.js";
import { laneTop, yOf } from "./frame.js";
import { clockText } from "./text.js";

const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

export function drawGrid(pen, frame, box, { colour, rem }) {
  pen.textBaseline = "middle";
  pen.textAlign = "right";
  pen.lineWidth = 1;
  const tall = box.floor - box.top > 3.5 * rem;
  for (const score of [0, 0.5, 1]) {
    pen.strokeStyle = colour.line;
    pen.setLineDash(score === 0.5 ? [4, 5] : []);
    across(pen, frame, yOf(box, score));
    pen.fillStyle = colour.soft;
    if (tall || score !== 0.5) pen.fillText(score === 0.5 ? "0.5" : String(score), frame.left - 0.6 * rem, yOf(box, score));
  }
  pen.setLineDash([]);
  for (const kind of KINDS) {
    const middle = laneTop(box, kind) + 0.225 * box.lane;
    pen.fillStyle = colour[kind];
    if (box.lane >= 0.95 * rem) pen.fillText(kind, frame.left - 0.6 * rem, middle);
    across(pen, frame, middle);
  }
}

function across(pen, frame, y) {
  pen.beginPath();
  pen.moveTo(frame.left, y);
  pen.lineTo(frame.right, y);
  pen.stroke();
}

// Stream time of each run that is in sight, and "now" where the window follows the stream.
export function drawTimes(pen, frame, scale, runs, source, look, end) {
  const y = frame.height - 0.35 * look.rem;
  pen.textBaseline = "alphabetic";
  pen.textAlign = "right";
  pen.fillStyle = look.colour.soft;
  const room = frame.right - (end ? pen.measureText(end).width + look.rem : 0);
  if (end) pen.fillText(end, frame.right, y);
  const step_s = STEPS_S.find((step) => step * scale.px_per_s >= 6 * look.rem) ?? STEPS_S.at(-1);
  runs.forEach((run, at) => {
    const from_s = Math.max(scale.start_s, run.start_s);
    const to_s = Math.min(scale.end_s, runs[at + 1]?.start_s ?? Infinity);
    if (from_s < to_s) ticks(pen, frame, scale, run, source, [from_s, to_s], step_s, room, y);
    if (run.start_s > scale.start_s && run.start_s < scale.end_s && at > 0) division(pen, frame, scale, run, look);
  });
}

function ticks(pen, frame, scale, run, source, [from_s, to_s], step_s, room, y) {
  pen.textAlign = "center";
  const first = Math.ceil(run.stream(from_s, source) / step_s - 1e-9);
  for (let n = Math.max(0, first); run.axis(n * step_s, source) <= to_s; n += 1) {
    const x = scale.left + (run.axis(n * step_s, source) - scale.start_s) * scale.px_per_s;
    const text = clockText(n * step_s, step_s < 1 ? 1 : 0);
    const half = pen.measureText(text).width / 2;
    if (x - half >= frame.left - 6 && x + half <= room) pen.fillText(text, x, y);
  }
}

// Where the service began anew: stream time starts again from 0.
function division(pen, frame, scale, run, { colour, rem }) {
  const x = Math.round(scale.left + (run.start_s - scale.start_s) * scale.px_per_s) + 0.5;
  pen.strokeStyle = colour.ink;
  pen.lineWidth = 1.5;
  pen.setLineDash([6, 4]);
  pen.beginPath();
  pen.moveTo(x, 0);
  pen.lineTo(x, frame.bottom);
  pen.stroke();
  pen.setLineDash([]);
  pen.textAlign = "left";
  pen.textBaseline = "top";
  const text = "new stream";
  pen.fillStyle = colour.paper;
  pen.fillRect(x + 3, 1, pen.measureText(text).width + 0.6 * rem, 1.2 * rem);
  pen.fillStyle = colour.ink;
  pen.fillText(text, x + 0.3 * rem + 3, 3);
  pen.textBaseline = "alphabetic";
  pen.fillStyle = colour.soft;
}
