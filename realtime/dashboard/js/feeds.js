// What the page knows of each source: how it is, its gaps, marks, figures and delays.
import { Recent } from "./recent.js";
import { intervals } from "./tracks.js";

const KEPT = 4000;

export class Feeds {
  constructor() { this.all = []; }

  // The sources of a new run take the places of those before.
  begin(run) {
    run.sources.forEach((described, number) => {
      const feed = this.need(number);
      Object.assign(feed, {
        name: described.name, synthetic: described.synthetic, state: "live", reason: null,
        ended: null, last: null, open: null,
      });
      feed.delays.clear();
      feed.stages.clear();
      feed.drops.clear();
    });
    this.all.length = run.sources.length;
  }

  need(number) {
    this.all[number] ??= {
      number, name: `source ${number}`, synthetic: false, state: "live", reason: null, ended: null,
      last: null, open: null, gaps: intervals(KEPT), marks: intervals(KEPT), states: intervals(KEPT),
      delays: new Recent(), stages: new Recent(), drops: new Recent(),
    };
    return this.all[number];
  }

  // A state that is not `live` is a stretch of the axis, open until the next one.
  state(number, { state, reason }, axis_s) {
    const feed = this.need(number);
    if (feed.open) this.close(feed, axis_s);
    feed.state = state;
    feed.reason = reason ?? null;
    if (state === "live") return;
    feed.open = { from: axis_s, to: axis_s, state };
    feed.states.add(feed.open);
  }

  close(feed, axis_s) {
    feed.open.to = Math.max(feed.open.from, axis_s);
    feed.states.longest_s = Math.max(feed.states.longest_s, feed.open.to - feed.open.from);
    feed.open = null;
  }
}
