// The faces that the page knows and what it keeps of each: curves, intervals, the newest look.
import { CHANNELS, channelsOf } from "./scores.js";
import { Series } from "./series.js";
import { Sorted } from "./sorted.js";

const KEPT_FACES = 48;
export const faceKey = (source, face) => `${source}/${face}`;
export const intervals = (limit) => new Sorted((one) => one.from, (one) => one.to, limit);

export class Tracks {
  constructor() { this.all = new Map(); }

  get(key) { return this.all.get(key) ?? null; }

  // Faces in the order in which they are listed: by source, then by number.
  get list() {
    return [...this.all.values()].sort((a, b) => a.source - b.source || a.face - b.face);
  }

  need(source, face, axis_s) {
    const key = faceKey(source, face);
    const known = this.all.get(key);
    if (known) return known;
    const made = {
      key, source, face, present: false, look: null, seen_s: axis_s,
      series: new Series(CHANNELS.length), intervals: intervals(),
    };
    this.all.set(key, made);
    while (this.all.size > KEPT_FACES) this.forgetOldest(made);
    return made;
  }

  forgetOldest(but) {
    const gone = [...this.all.values()].filter((one) => one !== but)
      .sort((a, b) => a.present - b.present || a.seen_s - b.seen_s)[0];
    this.all.delete(gone.key);
  }

  found(source, face, axis_s) {
    const track = this.need(source, face, axis_s);
    track.present = true;
    track.seen_s = Math.max(track.seen_s, axis_s);
  }

  lost(source, face) {
    const track = this.get(faceKey(source, face));
    if (!track) return;
    track.present = false;
    track.look = null;
    track.series.breakOff();
  }

  look(data, axis_s) {
    const track = this.need(data.source ?? 0, data.face, axis_s);
    track.look = data;
    track.seen_s = axis_s;
    track.series.push(axis_s, channelsOf(data.scores));
  }

  // Nobody is in view any more, of one source or of all; what was seen stays.
  leave(source = null) {
    for (const one of this.all.values()) {
      if (source === null || one.source === source) this.lost(one.source, one.face);
    }
  }
}
