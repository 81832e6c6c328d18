// Every expression that the page knows: open ones by id, and all of them in order of their apex.
import { Sorted } from "./sorted.js";

const KEPT = 24000;

export class Ledger {
  constructor(tracks) {
    this.tracks = tracks;
    this.byId = new Map();
    this.all = new Sorted((one) => one.apex, (one) => one.to, KEPT);
    this.counts = { macro: 0, micro: 0 };
    this.version = 0;
  }

  // Returns what is now known of the expression, or null where nothing changed.
  take(data, phase, run) {
    const key = `${run.number}:${data.id}`;
    const known = this.byId.get(key);
    if (known?.phase === "end") return null;
    if (known) this.remove(known);
    this.version += 1;
    if (phase === "retracted") return null;
    const made = entry(data, phase, run, key);
    this.insert(made);
    if (phase === "end") this.counts[data.kind] += 1;
    return made;
  }

  insert(one) {
    this.byId.set(one.key, one);
    one.track = this.tracks.need(one.source, one.face, one.from);
    one.track.intervals.add(one);
    for (const old of this.all.add(one)) {
      this.byId.delete(old.key);
      old.track.intervals.remove(old);
    }
  }

  remove(one) {
    this.byId.delete(one.key);
    this.all.remove(one);
    one.track.intervals.remove(one);
  }

  // What the service no longer has open, and never ended as far as this page heard, is dropped.
  keepOpen(ids) {
    for (const one of this.open) if (!ids.has(one.id)) this.remove(one);
    this.version += 1;
  }

  forgetOpen() { this.keepOpen(new Set()); }

  get open() {
    // an open one is younger than most: the search from the end is short
    return this.all.items.slice(-500).filter((one) => one.phase !== "end");
  }

  get newest() { return this.all.items.at(-1) ?? null; }
}

function entry(data, phase, run, key) {
  const { source = 0 } = data;
  const apex = run.axis(data.apex_s, source);
  return {
    ...data, source, phase, key, run, apex,
    from: data.onset_s === null ? apex : run.axis(data.onset_s, source),
    to: data.offset_s === null ? apex : run.axis(data.offset_s, source),
    seen_ms: performance.now(),
  };
}
