// The timeline with everything that moves it: buttons, gestures, the strip, the picked expression.
import { Chart } from "./chart.js";
import { Cursor } from "./cursor.js";
import { get, setText } from "./dom.js";
import { Gestures } from "./gestures.js";
import { Overview } from "./overview.js";
import { listedFaces } from "./sources.js";
import { USUAL_S, View } from "./view.js";

const ZOOM = 1.6;
const CLEAR_PX = 8;
const NEAR_PX = 8;

export class Timeline {
  // picked(one) is called with the expression that is clicked on.
  constructor(state, picked) {
    Object.assign(this, { state, picked, view: new View(), all: false, pick: null, tracks: [], touched: true });
    this.chart = new Chart(get("curves"));
    this.cursor = new Cursor(this.chart);
    this.overview = new Overview((end_s) => this.move(() => this.view.moveTo(end_s)));
    this.gestures = new Gestures(get("curves"), this.chart, {
      zoom: (factor, share) => this.move(() => this.view.zoom(factor, share)),
      scroll: (share) => this.scroll(share),
      click: (x, y) => this.click(x, y),
      hover: (place) => this.cursor.move(place),
    });
    const acts = {
      follow: () => this.toggle(), earlier: () => this.scroll(-0.5), later: () => this.scroll(0.5),
      wider: () => this.zoom(1), closer: () => this.zoom(-1), everything: () => this.everything(),
    };
    for (const [id, act] of Object.entries(acts)) get(id).addEventListener("click", act);
  }

  move(act) {
    act();
    this.touched = true;
  }

  scroll(share) { this.move(() => this.view.scroll(share * this.view.span_s)); }
  zoom(steps) { this.move(() => this.view.zoom(ZOOM ** steps, this.view.live ? 1 : 0.5)); }
  everything() { this.move(() => this.view.all()); }
  first() { this.move(() => this.view.first()); }
  pause() { this.move(() => this.view.pause()); }

  // A face that was only looked back at gives way to those in view.
  follow() {
    this.move(() => this.view.follow());
    if (this.state.chosen && !this.state.shown?.present) this.state.chosen = null;
  }

  toggle() {
    if (this.view.live) this.pause();
    else this.follow();
  }

  // Brings an expression into the middle, close enough to be seen.
  show(one) {
    this.pick = one;
    const { tracks } = this.state;
    if (!tracks.get(one.track.key)) tracks.all.set(one.track.key, one.track);
    if (!this.all) this.state.chosen = one.track.key;
    this.move(() => {
      const px = ((one.to - one.from) / this.view.span_s) * this.chart.width;
      if (px < CLEAR_PX && this.view.span_s > USUAL_S) this.view.span_s = USUAL_S;
      this.view.show(one.apex);
    });
  }

  click(x, y) {
    const { share, track } = this.chart.at(x, y);
    if (!track || this.view.now_s === null) return;
    const time_s = this.view.start_s + share * this.view.span_s;
    const slack_s = (NEAR_PX / this.chart.pxPerShare) * this.view.span_s;
    let [best, distance] = [null, Infinity];
    track.intervals.within(time_s - slack_s, time_s + slack_s, (one) => {
      const away = Math.abs(one.apex - time_s);
      if (away < distance) [best, distance] = [one, away];
    });
    if (best) this.picked(best);
  }

  draw(shown_s) {
    this.view.bound(this.oldest_s ?? shown_s, shown_s);
    this.touched = false;
    if (this.chart.draw(this.state, this.view, this.tracks, this.pick)) this.cursor.show(this.view, this.chart);
  }

  // What changes less often than the picture.
  update(now_ms, shown_s) {
    this.oldest_s = this.oldest();
    this.view.bound(this.oldest_s ?? shown_s, shown_s);
    this.tracks = this.choose();
    setText("follow-text", this.view.live ? "Pause" : "Live");
    get("follow").dataset.live = String(this.view.live);
    get("chart").dataset.rows = this.tracks.length > 1 ? "many" : "one";
    this.overview.show(this.state, this.view, now_ms, this.tracks[0]?.source ?? 0);
  }

  choose() {
    this.faces = listedFaces(this.state, this.view);
    if (this.faces.length < 2) this.all = false;
    if (!this.all) return this.state.shown ? [this.state.shown] : [];
    const picked = (one) => one.key === this.pick?.track.key;
    const wanted = [...this.faces].sort((a, b) => picked(b) - picked(a) || b.present - a.present);
    const kept = new Set(wanted.slice(0, this.chart.fits));
    return this.faces.filter((one) => kept.has(one));
  }

  oldest() {
    const known = this.state.tracks.list.map((one) => one.series.first_s).filter((time_s) => time_s !== null);
    const first = this.state.ledger.all.first;
    if (first) known.push(first.from);
    return known.length ? Math.min(...known) : null;
  }
}
