// What is known of the video that is shown: when its frames are, and what the model says of them.
export class Tape {
  constructor(about, number) {
    this.about = about;
    this.number = number;
    this.times = [];
    this.whole = false;
    this.why = null;
    this.scores = { times: [], curves: {}, stage: "waiting", frames: 0, why: null };
  }

  takeTimes({ first, times, done, why }) {
    this.times.length = first;
    for (const time of times) this.times.push(time);
    this.whole = done;
    this.why = why;
  }

  takeScores({ first, times, curves, stage, frames, why }) {
    const held = this.scores;
    held.times.length = first;
    held.times.push(...times);
    for (const [name, values] of Object.entries(curves)) {
      held.curves[name] ??= [];
      held.curves[name].length = first;
      held.curves[name].push(...values);
    }
    Object.assign(held, { stage, frames, why });
  }

  get count() { return this.times.length; }

  // How many frames there will be: what is known, or what the file says of itself.
  get expected() { return this.whole ? this.count : Math.max(this.count, this.about.frames ?? 0); }

  get duration_s() {
    const last = this.times.at(-1) ?? 0;
    if (this.whole || !this.about.frames || !this.about.rate_hz) return Math.max(last, 0.1);
    return Math.max(last, this.about.frames / this.about.rate_hz);
  }

  // The last frame that is there at a time: the one that a player would show.
  frameAt(time_s) {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.times[middle] <= time_s) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  nearest(time_s) {
    const before = this.frameAt(time_s);
    const after = Math.min(before + 1, this.count - 1);
    return time_s - this.times[before] <= this.times[after] - time_s ? before : after;
  }
}
