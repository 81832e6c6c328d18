// Score curves over the whole video, the points under them, and where the picture is.
const LANES = ["macro", "micro"];
const INTENSITY = "intensity";

export class Timeline {
  // seek(time_s) is called when the user points at a moment.
  constructor(canvas, seek) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.seek = seek;
    this.range = null;
    this.measure();
    new ResizeObserver(() => this.measure()).observe(canvas);
    new MutationObserver(() => this.measure()).observe(document.documentElement, {
      attributeFilter: ["data-theme"],
    });
    this.listen();
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
    this.colour[INTENSITY] = this.colour.ink;
    this.font = `${0.8 * rem}px ${getComputedStyle(document.body).fontFamily}`;
    const lane = 1.5 * rem;
    const bottom = height - 1.5 * rem;
    this.box = {
      left: 3.4 * rem, right: width - 0.6 * rem, top: 0.7 * rem, bottom, lane,
      lanes: bottom - 2 * lane, floor: bottom - 2 * lane - 0.6 * rem, width, height, rem,
    };
    this.dirty = true;
  }

  listen() {
    const at = (event) => this.timeAt(event.clientX - this.canvas.getBoundingClientRect().left);
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      this.seek(at(event));
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (event.buttons & 1) this.seek(at(event));
    });
    this.canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        this.shift((event.deltaX || event.deltaY) / 600);
      } else this.zoom(1.0015 ** event.deltaY, at(event));
    }, { passive: false });
  }

  // The part that is shown, s; all of it until somebody zooms.
  get view() { return this.range ?? [0, this.duration_s ?? 1]; }

  zoom(factor, about_s) {
    const [from, to] = this.view;
    const shortest = Math.min(0.5, this.duration_s);
    const span = Math.min(this.duration_s, Math.max(shortest, (to - from) * factor));
    const share = (about_s - from) / (to - from);
    this.place(about_s - share * span, span);
  }

  shift(share) {
    const [from, to] = this.view;
    this.place(from + share * (to - from), to - from);
  }

  all() {
    this.range = null;
    this.dirty = true;
  }

  place(from, span) {
    const start = Math.min(Math.max(0, from), this.duration_s - span);
    this.range = span >= this.duration_s ? null : [start, start + span];
    this.dirty = true;
  }

  // Keeps the picture's moment in view when the view is zoomed.
  follow(time_s) {
    const [from, to] = this.view;
    if (time_s < from || time_s > to) this.place(time_s - 0.15 * (to - from), to - from);
  }

  x(time_s) {
    const [from, to] = this.view;
    return this.box.left + ((time_s - from) / (to - from)) * (this.box.right - this.box.left);
  }

  timeAt(x) {
    const [from, to] = this.view;
    const share = (x - this.box.left) / (this.box.right - this.box.left);
    return from + Math.min(1, Math.max(0, share)) * (to - from);
  }

  draw(tape, points, shown) {
    const { pen, box } = this;
    this.duration_s = tape.duration_s;
    pen.clearRect(0, 0, box.width, box.height);
    pen.font = this.font;
    this.axes();
    this.seconds();
    pen.save();
    pen.beginPath();
    pen.rect(box.left - 6, 0, box.right - box.left + 12, box.height);
    pen.clip();
    this.unread(tape);
    const { curves, times } = tape.scores;
    // beside an intensity, the curves of the kinds only say which kind it is
    for (const name of Object.keys(curves)) {
      this.curve(name, times, curves[name], INTENSITY in curves && name !== INTENSITY);
    }
    if (shown !== null) this.head(tape.times[shown]);
    for (const point of points) this.point(point, tape.times[point.frame], point.frame === shown);
    pen.restore();
    this.dirty = false;
  }

  axes() {
    const { pen, box, colour } = this;
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    pen.lineWidth = 1;
    for (const score of [0, 0.5, 1]) {
      const y = this.y(score);
      pen.strokeStyle = colour.line;
      pen.setLineDash(score === 0.5 ? [4, 5] : []);
      this.line([[box.left, y], [box.right, y]]);
      pen.fillStyle = colour.soft;
      pen.fillText(String(score), box.left - 0.7 * box.rem, y);
    }
    pen.setLineDash([]);
    LANES.forEach((kind, row) => {
      pen.strokeStyle = colour.line;
      this.line([[box.left, this.laneY(row)], [box.right, this.laneY(row)]]);
      pen.fillStyle = colour[kind];
      pen.fillText(kind, box.left - 0.7 * box.rem, this.laneY(row));
    });
  }

  seconds() {
    const { pen, box, colour } = this;
    const [from, to] = this.view;
    const rough = (to - from) / 8;
    const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find((s) => s >= rough) ?? 1800;
    pen.textAlign = "center";
    pen.textBaseline = "alphabetic";
    pen.fillStyle = colour.soft;
    for (let n = Math.ceil(from / step - 1e-6); n * step <= to; n += 1) {
      pen.fillText(timeText(n * step, step), this.x(n * step), box.height - 0.25 * box.rem);
    }
  }

  // What was not read yet has neither frames nor scores.
  unread(tape) {
    if (tape.whole) return;
    const from = this.x(tape.times.at(-1) ?? 0);
    this.pen.globalAlpha = 0.5;
    this.pen.fillStyle = this.colour.line;
    this.pen.fillRect(from, this.box.top, this.x(this.duration_s) - from, this.box.bottom - this.box.top);
    this.pen.globalAlpha = 1;
  }

  curve(name, times, values, thin) {
    const { pen, box } = this;
    pen.strokeStyle = this.colour[name] ?? this.colour.soft;
    pen.lineWidth = (thin ? 0.08 : 0.13) * box.rem;
    pen.lineJoin = "round";
    pen.beginPath();
    let before = -Infinity;
    times.forEach((time, at) => {
      const to = [this.x(time), this.y(values[at])];
      // scores are joined only where no tick is missing
      if (time - before > 0.05) pen.moveTo(...to);
      else pen.lineTo(...to);
      before = time;
    });
    pen.stroke();
  }

  head(time_s) {
    const { pen, box, colour } = this;
    const x = this.x(time_s);
    pen.strokeStyle = pen.fillStyle = colour.ink;
    pen.lineWidth = 2;
    this.line([[x, box.top - 2], [x, box.bottom]]);
    pen.beginPath();
    pen.moveTo(x - 6, box.top - 9);
    pen.lineTo(x + 6, box.top - 9);
    pen.lineTo(x, box.top);
    pen.fill();
  }

  // A diamond for micro and a square for macro: the shape says it too.
  point({ kind }, time_s, here) {
    if (time_s === undefined) return;
    const { pen, box, colour } = this;
    const [x, y] = [this.x(time_s), this.laneY(LANES.indexOf(kind))];
    pen.strokeStyle = pen.fillStyle = colour[kind];
    pen.lineWidth = 1;
    pen.globalAlpha = 0.6;
    this.line([[x, box.floor], [x, y]]);
    pen.globalAlpha = 1;
    pen.save();
    pen.translate(x, y);
    if (kind === "micro") pen.rotate(Math.PI / 4);
    const size = (here ? 0.62 : 0.5) * box.rem;
    pen.fillRect(-size / 2, -size / 2, size, size);
    pen.lineWidth = 2;
    pen.strokeStyle = here ? colour.ink : colour.paper;
    pen.strokeRect(-size / 2, -size / 2, size, size);
    pen.restore();
  }

  line(points) {
    this.pen.beginPath();
    points.forEach(([x, y], at) => (at ? this.pen.lineTo(x, y) : this.pen.moveTo(x, y)));
    this.pen.stroke();
  }

  y(score) { return this.box.floor - score * (this.box.floor - this.box.top); }

  laneY(row) { return this.box.lanes + (row + 0.5) * this.box.lane; }
}

export function timeText(time_s, step_s = 0.001) {
  const digits = step_s >= 1 ? 0 : step_s >= 0.1 ? 1 : 3;
  const minutes = Math.floor(time_s / 60 + 1e-9);
  const seconds = Math.max(0, time_s - 60 * minutes).toFixed(digits);
  return `${minutes}:${seconds.padStart(digits ? digits + 3 : 2, "0")}`;
}
