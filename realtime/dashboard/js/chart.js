// The timeline: a row for each face that is shown, all on one axis of time.
import { drawGrid, drawTimes } from "./axis.js";
import { drawCurve } from "./curves.js";
import { frameOf, rowsThatFit } from "./frame.js";
import { drawGaps, drawIntervals, drawMarks, drawPicked } from "./lanes.js";
import { CHANNELS, INTENSITY, KINDS } from "./scores.js";
import { number } from "./text.js";

const LEAST_MOVE_PX = 0.2;
// From this width on (layout.css) the readout lies over the right of the canvas.
const beside = matchMedia("(min-width: 62rem)");

export class Chart {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.drawn = "";
    this.drawnFrom_s = NaN;
    this.measure();
    new ResizeObserver(() => this.measure()).observe(canvas);
    new MutationObserver(() => this.measure()).observe(document.documentElement, {
      attributeFilter: ["data-theme"],
    });
  }

  measure() {
    const ratio = devicePixelRatio || 1;
    const { clientWidth, clientHeight } = this.canvas;
    [this.width, this.height, this.ratio] = [clientWidth, clientHeight, ratio];
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const style = getComputedStyle(document.documentElement);
    this.rem = parseFloat(style.fontSize);
    this.colour = Object.fromEntries(["ink", "soft", "line", "paper", "macro", "micro"].map((name) => [
      name, style.getPropertyValue(`--${name}`).trim(),
    ]));
    this.font = `${0.82 * this.rem}px ${getComputedStyle(document.body).fontFamily}`;
    this.hatch = hatching(this.pen, this.colour.soft);
    this.drawn = "";
  }

  get fits() { return rowsThatFit(this.height, this.rem); }

  // The share of the window, and the face, at a place on the canvas.
  at(x, y) {
    const { left, right, boxes } = this.frame;
    const row = boxes.findIndex((box) => y >= box.from && y < box.bottom);
    return { share: (x - left) / (right - left), track: this.tracks[row] ?? null };
  }

  get pxPerShare() { return this.frame.right - this.frame.left; }

  // Returns whether there was anything new to draw.
  draw(state, view, tracks, picked) {
    const key = `${state.version}|${view.span_s}|${view.live}|${tracks.map((one) => one.key)}|${picked?.key}`;
    const moved_px = (Math.abs(view.end_s - this.drawnFrom_s) * (this.width / view.span_s)) * this.ratio;
    if (key === this.drawn && moved_px < LEAST_MOVE_PX) return false;
    this.drawn = key;
    this.drawnFrom_s = view.end_s;
    this.tracks = tracks;
    this.frame = frameOf(this.width, this.height, this.rem, Math.max(1, tracks.length), beside.matches);
    this.paint(state, view, picked);
    return true;
  }

  paint(state, view, picked) {
    const { pen, frame } = this;
    pen.clearRect(0, 0, frame.width, frame.height);
    pen.font = this.font;
    const { start_s, end_s } = view;
    const scale = {
      start_s, end_s, left: frame.left, px_per_s: (frame.right - frame.left) / view.span_s, ratio: this.ratio,
    };
    for (const box of frame.boxes) drawGrid(pen, frame, box, this);
    if (view.now_s === null) return;
    frame.boxes.forEach((box, row) => this.row(state, view, this.tracks[row], box, scale, picked));
    const end = view.live ? (state.ended ? "end" : "now") : "";
    drawTimes(pen, frame, scale, state.runs.all, this.tracks[0]?.source ?? 0, this, end);
  }

  row(state, view, track, box, scale, picked) {
    const { pen, frame } = this;
    const feed = state.feeds.all[track?.source ?? 0];
    pen.save();
    pen.beginPath();
    pen.rect(frame.left, 0, frame.right - frame.left, frame.bottom);
    pen.clip();
    if (track) this.curves(track, box, scale, state.intense);
    if (feed) drawGaps(pen, feed, box, scale, this, view.now_s);
    if (track) drawIntervals(pen, track.intervals, box, scale, this.colour, view.now_s);
    if (picked && picked.track.key === track?.key) drawPicked(pen, picked, box, scale, this.colour, view.now_s);
    if (feed) drawMarks(pen, feed.marks, box, scale, this);
    pen.restore();
    if (track && this.tracks.length > 1) this.title(state, track, box);
  }

  // Beside an intensity the scores are thin: they say of what kind it is, and are no measure.
  curves(track, box, scale, intense) {
    for (const kind of KINDS) {
      const style = { colour: this.colour[kind], width_px: (intense ? 0.09 : 0.16) * this.rem, filled: !intense };
      drawCurve(this.pen, track.series, CHANNELS.indexOf(kind), box, scale, style);
    }
    const style = { colour: this.colour.ink, width_px: 0.16 * this.rem, filled: true };
    if (intense) drawCurve(this.pen, track.series, CHANNELS.indexOf(INTENSITY), box, scale, style);
  }

  title(state, track, box) {
    const { pen, frame, rem } = this;
    const name = state.feeds.all.length > 1 ? `, ${state.feeds.all[track.source]?.name ?? ""}` : "";
    pen.textBaseline = "top";
    pen.textAlign = "left";
    pen.fillStyle = this.colour.ink;
    pen.fillText(`Face ${track.face}${name}${track.present ? "" : ", not in view"}`, frame.left, box.from + 0.15 * rem);
    if (!track.present || !track.series.latest) return;
    pen.textAlign = "right";
    let x = frame.roomy ? frame.width : frame.right;
    for (const kind of [...KINDS].reverse()) {
      const text = `${kind} ${number(track.series.latest[CHANNELS.indexOf(kind)], 2)}`;
      pen.fillStyle = this.colour[kind];
      pen.fillText(text, x, box.from + 0.15 * rem);
      x -= pen.measureText(text).width + 0.8 * rem;
    }
  }
}

function hatching(onto, colour) {
  const tile = new OffscreenCanvas(10, 10);
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.globalAlpha = 0.6;
  pen.lineWidth = 1.2;
  pen.beginPath();
  for (const shift of [-10, 0, 10]) {
    pen.moveTo(shift, 10);
    pen.lineTo(shift + 10, 0);
  }
  pen.stroke();
  return onto.createPattern(tile, "repeat");
}
