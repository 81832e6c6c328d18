// Curves of scores and, under them on the same axis, a lane of intervals for each kind.
import { INTENSITY, SHOWN_S } from "./state.js";

const KINDS = ["macro", "micro"];
// From this width on (layout.css) the readout lies over the right of the canvas.
const beside = matchMedia("(min-width: 62rem)");

export class Chart {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.measure();
    new ResizeObserver(() => this.measure()).observe(canvas);
    new MutationObserver(() => this.measure()).observe(document.documentElement, {
      attributeFilter: ["data-theme"],
    });
  }

  measure() {
    const ratio = devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const style = getComputedStyle(document.documentElement);
    const rem = parseFloat(style.fontSize);
    this.colour = Object.fromEntries(
      ["ink", "soft", "line", "paper", "macro", "micro"].map((name) => [
        name, style.getPropertyValue(`--${name}`).trim(),
      ]),
    );
    this.font = `${0.82 * rem}px ${getComputedStyle(document.body).fontFamily}`;
    this.layout(width, height, rem);
    this.hatch = this.hatching();
  }

  layout(width, height, rem) {
    const roomy = beside.matches;
    const lane = 1.7 * rem;
    const left = 3.4 * rem;
    const bottom = height - 1.6 * rem;
    const lanes = bottom - 2 * lane;
    this.box = {
      left, right: width - (roomy ? 7.6 * rem : 0.4 * rem), top: 0.6 * rem,
      floor: lanes - 0.8 * rem, lanes, lane, bottom, height, rem,
    };
  }

  x(time_s) {
    const { left, right } = this.box;
    return right - ((this.now_s - time_s) / SHOWN_S) * (right - left);
  }

  y(score) { return this.box.floor - score * (this.box.floor - this.box.top); }

  draw(state, now_s) {
    const { pen, box } = this;
    this.now_s = now_s ?? 0;
    pen.clearRect(0, 0, this.canvas.width, box.height);
    pen.font = this.font;
    this.axes(state.ended !== null);
    if (now_s === null) return;
    pen.save();
    pen.beginPath();
    pen.rect(box.left, 0, box.right - box.left, box.bottom);
    pen.clip();
    for (const gap of state.gaps) this.gap(gap);
    const curve = state.curves.get(state.shownFace) ?? [];
    for (const kind of KINDS) this.curve(curve, kind, state.gaps, state.intense);
    if (state.intense) this.curve(curve, INTENSITY, state.gaps);
    for (const one of state.expressions.values()) {
      if (one.face === state.shownFace || state.shownFace === null) this.interval(one);
    }
    for (const mark of state.marks) this.mark(mark);
    pen.restore();
  }

  axes(ended) {
    const { pen, box, colour } = this;
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    for (const score of [0, 0.5, 1]) {
      pen.strokeStyle = colour.line;
      pen.lineWidth = 1;
      pen.setLineDash(score === 0.5 ? [4, 5] : []);
      this.stroke([[box.left, this.y(score)], [box.right, this.y(score)]]);
      pen.fillStyle = colour.soft;
      pen.fillText(score === 0.5 ? "0.5" : String(score), box.left - 0.6 * box.rem, this.y(score));
    }
    pen.setLineDash([]);
    KINDS.forEach((kind, row) => {
      const middle = box.lanes + (row + 0.575) * box.lane;
      pen.fillStyle = colour[kind];
      pen.fillText(kind, box.left - 0.6 * box.rem, middle);
      pen.strokeStyle = colour.line;
      this.stroke([[box.left, middle], [box.right, middle]]);
    });
    this.seconds(ended);
  }

  seconds(ended) {
    const { pen, box, colour } = this;
    pen.fillStyle = colour.soft;
    pen.textBaseline = "alphabetic";
    for (let ago = 0; ago <= SHOWN_S; ago += 10) {
      const x = this.x(this.now_s - ago);
      pen.textAlign = ago === SHOWN_S ? "left" : ago === 0 ? "right" : "center";
      const text = ago === 0 ? (ended ? "end" : "now") : `${ago} s ${ended ? "before" : "ago"}`;
      pen.fillText(text, x, box.height - 0.2 * box.rem);
    }
  }

  // A thin one says of what kind the intensity is; it is no measure of its own.
  curve(points, name, gaps, thin = false) {
    const colour = this.colour[name] ?? this.colour.ink;
    const known = points.filter((point) => point[name] !== null);
    for (const run of runs(known, gaps)) {
      const line = run.map((point) => [this.x(point.t), this.y(point[name])]);
      if (!thin) this.fill(line, colour);
      this.pen.strokeStyle = colour;
      this.pen.lineWidth = (thin ? 0.09 : 0.16) * this.box.rem;
      this.pen.lineJoin = "round";
      this.stroke(line);
    }
  }

  fill(line, colour) {
    const { pen, box } = this;
    pen.globalAlpha = 0.13;
    pen.fillStyle = colour;
    pen.beginPath();
    pen.moveTo(line[0][0], box.floor);
    for (const [x, y] of line) pen.lineTo(x, y);
    pen.lineTo(line.at(-1)[0], box.floor);
    pen.fill();
    pen.globalAlpha = 1;
  }

  stroke(line) {
    this.pen.beginPath();
    line.forEach(([x, y], at) => (at ? this.pen.lineTo(x, y) : this.pen.moveTo(x, y)));
    this.pen.stroke();
  }

  interval(one) {
    const { pen, box, colour } = this;
    const row = KINDS.indexOf(one.kind);
    const from = this.x(one.onset_s ?? one.apex_s);
    const width = Math.max(4, this.x(one.offset_s ?? Math.max(one.apex_s, this.now_s)) - from);
    const top = box.lanes + (row + 0.35) * box.lane;
    pen.strokeStyle = pen.fillStyle = colour[one.kind];
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.roundRect(from, top, width, 0.45 * box.lane, Math.min(4, width / 2));
    if (one.phase === "end") pen.fill();
    else this.provisional();
    this.apex(this.x(one.apex_s), top - 0.06 * box.lane);
  }

  provisional() {
    const { pen } = this;
    pen.globalAlpha = 0.2;
    pen.fill();
    pen.globalAlpha = 1;
    pen.setLineDash([4, 3]);
    pen.stroke();
    pen.setLineDash([]);
  }

  // Above the bar, so that it neither hides a short one nor is hidden by it.
  apex(x, y) {
    const { pen, box } = this;
    const size = 0.26 * box.lane;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x + 0.75 * size, y - size);
    pen.lineTo(x - 0.75 * size, y - size);
    pen.fill();
  }

  // What a person marked: a line through everything, a diamond for micro and a square for macro.
  mark({ kind, time_s }) {
    const { pen, box, colour } = this;
    const [x, y] = [this.x(time_s), box.lanes + (KINDS.indexOf(kind) + 0.575) * box.lane];
    const size = 0.6 * box.rem;
    pen.strokeStyle = pen.fillStyle = colour[kind];
    pen.lineWidth = 1.5;
    pen.setLineDash([2, 3]);
    this.stroke([[x, box.top], [x, y]]);
    pen.setLineDash([]);
    pen.save();
    pen.translate(x, y);
    if (kind === "micro") pen.rotate(Math.PI / 4);
    pen.fillRect(-size / 2, -size / 2, size, size);
    pen.strokeStyle = colour.ink;
    pen.strokeRect(-size / 2, -size / 2, size, size);
    pen.restore();
  }

  gap({ first_s, last_s }) {
    const { pen, box } = this;
    pen.fillStyle = this.hatch;
    pen.fillRect(this.x(first_s), box.top, this.x(last_s) - this.x(first_s), box.bottom - box.top);
  }

  hatching() {
    const tile = new OffscreenCanvas(10, 10);
    const pen = tile.getContext("2d");
    pen.strokeStyle = this.colour.soft;
    pen.globalAlpha = 0.6;
    pen.lineWidth = 1.2;
    pen.beginPath();
    for (const shift of [-10, 0, 10]) {
      pen.moveTo(shift, 10);
      pen.lineTo(shift + 10, 0);
    }
    pen.stroke();
    return this.pen.createPattern(tile, "repeat");
  }
}

// Scores are joined only where frames were: never across a gap or a long silence.
function runs(points, gaps) {
  const found = [];
  let run = [];
  points.forEach((point, at) => {
    const before = points[at - 1];
    const apart = before && (point.t - before.t > 1 ||
      gaps.some((gap) => gap.first_s < point.t && gap.last_s > before.t));
    if (apart) {
      found.push(run);
      run = [];
    }
    run.push(point);
  });
  return [...found, run].filter((one) => one.length > 1);
}
