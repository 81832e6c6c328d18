// The line under the mouse, with the time and the scores there.
import { get, setText } from "./dom.js";
import { CHANNELS } from "./scores.js";
import { clockText, localText, number } from "./text.js";

export class Cursor {
  constructor(chart) {
    this.chart = chart;
    this.place = null;
    this.line = get("cursor");
  }

  move(place) {
    this.place = place;
    this.show(this.view, this.chart);
  }

  show(view, chart) {
    this.view = view;
    const at = this.place && chart.frame ? chart.at(this.place.x, this.place.y) : null;
    const inside = at !== null && at.share >= 0 && at.share <= 1 && view?.now_s != null && at.track;
    this.line.hidden = !inside;
    if (!inside) return;
    this.line.style.transform = `translateX(${this.place.x}px)`;
    this.line.dataset.side = at.share > 0.6 ? "left" : "right";
    setText("cursor-text", describe(view.start_s + at.share * view.span_s, at.track, this.runs));
  }
}

function describe(axis_s, track, runs) {
  const run = runs.at(axis_s);
  if (!run) return "";
  const values = track.series.near(axis_s);
  const scores = values === null ? ["no scores"]
    : CHANNELS.flatMap((name, at) => (Number.isNaN(values[at]) ? [] : [`${name} ${number(values[at], 2)}`]));
  const local = localText(run.utc(axis_s, track.source));
  return [clockText(run.stream(axis_s, track.source), 2), ...(local ? [local] : []), ...scores].join("  ");
}
