// What the page knows: the fold of every event, over every run of the service that it has seen.
import { Feeds } from "./feeds.js";
import { Runs } from "./history.js";
import { isIntense } from "./scores.js";
import { Ledger } from "./ledger.js";
import { Tracks, faceKey } from "./tracks.js";

export class State {
  constructor() {
    this.runs = new Runs();
    this.tracks = new Tracks();
    this.feeds = new Feeds();
    this.ledger = new Ledger(this.tracks);
    this.chosen = null;
    this.intense = false;
    this.ended = null;
    this.latest_s = null;
    this.missed = 0;
    // grows with everything that may change a drawing
    this.version = 0;
  }

  get run() { return this.runs.current; }
  get hello() { return this.run?.hello ?? null; }

  // Returns the expression that just became final, if any.
  apply({ type, data, source, sequence }) {
    const [, topic, word] = type.split(".");
    this.version += 1;
    if (topic === "hello") return this.begin(source, data);
    if (!this.run || this.run.repeats(sequence)) return null;
    if (topic === "expression") return this.expression(data, word);
    if (topic === "snapshot") this.snapshot(data);
    else if (topic === "telemetry") this.look(data);
    else if (topic === "face") this.face(data, word);
    else if (topic === "mark") this.mark(data);
    else if (topic === "stream") this.stream(data, word);
    return null;
  }

  begin(id, hello) {
    if (this.run?.id === id) {
      this.run.hello = hello;
      return null;
    }
    this.closeStates();
    this.tracks.leave();
    this.ledger.forgetOpen();
    this.ended = null;
    this.intense = false;
    this.runs.begin(id, hello, this.latest_s);
    this.feeds.begin(this.run);
    return null;
  }

  closeStates() {
    for (const feed of this.feeds.all) {
      if (feed.open) this.feeds.close(feed, this.latest_s ?? feed.open.from);
    }
  }

  // Newer than the events that are replayed after it: only what they cannot tell is taken.
  snapshot({ faces, open_expressions: open, states = [], ends = [], ended }) {
    for (const one of faces) this.face(one, "found");
    for (const one of states) {
      if (this.feeds.need(one.source).state !== one.state) this.stream(one, "state");
    }
    for (const one of ends) this.end(one);
    this.ended = ended;
    this.ledger.keepOpen(new Set(open.map((one) => one.id)));
    for (const one of open) this.expression(one, "update");
  }

  face({ face, source = 0, time_s }, word) {
    const axis_s = this.reach(time_s, source);
    if (word === "found") this.tracks.found(source, face, axis_s);
    else this.tracks.lost(source, face);
  }

  expression(data, phase) {
    const { source = 0 } = data;
    const held = this.ledger.take(data, phase, this.run);
    if (held && phase === "end") {
      this.feeds.need(source).delays.add(held.to, data.compute_delay_ms);
    }
    return held && phase === "end" ? held : null;
  }

  look(data) {
    const { source = 0, face, time_s } = data;
    const axis_s = this.reach(time_s, source);
    const feed = this.feeds.need(source);
    feed.last = data;
    feed.stages.add(axis_s, data.latency_ms);
    feed.drops.add(axis_s, data.drops);
    this.intense ||= isIntense(data.scores);
    if (face !== null) this.tracks.look(data, axis_s);
  }

  mark(data) {
    const { source = 0 } = data;
    const axis_s = this.run.axis(data.time_s, source);
    this.feeds.need(source).marks.add({ ...data, from: axis_s, to: axis_s });
  }

  stream(data, word) {
    const { source = 0 } = data;
    const feed = this.feeds.need(source);
    if (word === "gap") {
      feed.gaps.add({ from: this.run.axis(data.first_s, source), to: this.run.axis(data.last_s, source) });
    } else if (word === "state") this.feeds.state(source, data, this.reach(data.time_s, source));
    else if (word === "end") this.end(data);
  }

  end(data) {
    const { source = 0 } = data;
    this.feeds.need(source).ended = data;
    this.tracks.leave(source);
    if (this.feeds.all.every((feed) => feed.ended)) this.ended = data;
  }

  reach(time_s, source) {
    const axis_s = this.run.axis(time_s, source);
    this.latest_s = Math.max(this.latest_s ?? axis_s, axis_s);
    return axis_s;
  }

  // The face that is shown: the chosen one while anything is known of it, else the first in view.
  get shown() {
    if (this.chosen && this.tracks.get(this.chosen)) return this.tracks.get(this.chosen);
    const { list } = this.tracks;
    return list.find((one) => one.present) ?? list.sort((a, b) => b.seen_s - a.seen_s)[0] ?? null;
  }

  choose(source, face) { this.chosen = faceKey(source, face); }
}
