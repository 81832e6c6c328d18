// The whole history in one strip: where expressions are, and which part the timeline shows.
import { get, setText } from "./dom.js";
import { clockText, localText, spanText } from "./text.js";

const EVERY_MS = 1000;

export class Overview {
  // moved(end_s) takes the right end that the user chose.
  constructor(moved) {
    this.strip = get("strip");
    this.pen = this.strip.getContext("2d");
    this.slider = get("place");
    this.drawn_ms = -Infinity;
    this.key = "";
    this.slider.addEventListener("input", () => {
      // the last of its steps is now, whatever was rounded
      const [value, most] = [Number(this.slider.value), Number(this.slider.max)];
      moved(value >= 0.999 * most ? Infinity : this.oldest_s + value);
    });
  }

  show(state, view, now_ms, source) {
    if (view.now_s === null || view.oldest_s === null) return;
    this.oldest_s = view.oldest_s;
    this.total_s = Math.max(1, view.now_s - view.oldest_s);
    this.slider.max = this.total_s.toFixed(2);
    this.slider.value = (view.end_s - view.oldest_s).toFixed(2);
    this.describe(state, view, source);
    const key = `${view.live} ${view.end_s} ${view.span_s} ${this.strip.clientWidth} ${document.documentElement.dataset.theme}`;
    if ((view.live || key === this.key) && now_ms - this.drawn_ms < EVERY_MS) return;
    this.key = key;
    this.drawn_ms = now_ms;
    this.paint(state.ledger.all.items, view);
  }

  describe(state, view, source) {
    const run = state.runs.at(view.end_s);
    const [from, to] = [run.stream(view.start_s, source), run.stream(view.end_s, source)];
    const local = localText(run.utc(view.end_s, source));
    const times = `${clockText(Math.max(0, from), 0)} – ${clockText(to, 0)}`;
    const text = view.live ? `${spanText(view.span_s)} up to now${local ? `, ${local}` : ""}`
      : `${times}${local ? `, up to ${local}` : ""}, ${spanText(view.span_s)}`;
    setText("range", text);
    this.slider.setAttribute("aria-valuetext", view.live ? "now" : times);
  }

  paint(items, view) {
    const { clientWidth: width, clientHeight: height } = this.strip;
    const ratio = devicePixelRatio || 1;
    this.strip.width = Math.round(width * ratio);
    this.strip.height = Math.round(height * ratio);
    const { pen } = this;
    pen.scale(ratio, ratio);
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const x = (time_s) => ((time_s - this.oldest_s) / this.total_s) * width;
    pen.fillStyle = colour("line");
    pen.fillRect(0, height / 2 - 0.5, width, 1);
    this.ticks(items, "macro", x, 1, height / 2 - 2, colour("macro"));
    this.ticks(items, "micro", x, height / 2 + 1, height / 2 - 2, colour("micro"));
    const from = Math.max(0, x(view.start_s));
    const to = Math.max(from + 4, x(view.end_s));
    pen.fillStyle = colour("ink");
    pen.globalAlpha = 0.1;
    pen.fillRect(from, 0, to - from, height);
    pen.globalAlpha = 1;
    pen.strokeStyle = colour("ink");
    pen.lineWidth = 1.5;
    pen.strokeRect(Math.min(from, width - 5) + 0.75, 0.75, Math.max(3, to - from - 1.5), height - 1.5);
  }

  // One tick for each px at most.
  ticks(items, kind, x, top, height, colour) {
    this.pen.fillStyle = colour;
    let last = -2;
    for (const one of items) {
      if (one.kind !== kind || one.phase !== "end") continue;
      const at = Math.floor(x(one.apex));
      if (at > last) this.pen.fillRect(at, top, 1.5, height);
      last = at;
    }
  }
}
