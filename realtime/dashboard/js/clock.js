// Stream time as it passes between two looks, so that the curves glide instead of stepping.
const BEHIND_S = 0.15;
const LONGEST_GUESS_S = 0.5;

export class StreamClock {
  constructor() { this.reset(); }

  reset() {
    this.marks = [];
    this.shown_s = null;
    this.drawn_ms = 0;
  }

  mark(time_s, now_ms) {
    this.marks.push({ time_s, now_ms });
    while (this.marks.length > 20) this.marks.shift();
  }

  // A recording may run faster than real time: its own pace is measured.
  get pace() {
    const first = this.marks[0];
    const last = this.marks.at(-1);
    if (this.marks.length < 3 || last.now_ms <= first.now_ms) return 1;
    return Math.max(0, (1000 * (last.time_s - first.time_s)) / (last.now_ms - first.now_ms));
  }

  at(now_ms) {
    const last = this.marks.at(-1);
    if (!last) return null;
    const since_s = Math.min((now_ms - last.now_ms) / 1000, LONGEST_GUESS_S);
    const target_s = last.time_s + this.pace * (since_s - BEHIND_S);
    const step_s = Math.min((now_ms - this.drawn_ms) / 1000, 0.1);
    this.drawn_ms = now_ms;
    if (this.shown_s === null || Math.abs(target_s - this.shown_s) > 2 * Math.max(1, this.pace)) {
      this.shown_s = target_s;
    } else {
      const moved_s = this.shown_s + (since_s < LONGEST_GUESS_S ? this.pace * step_s : 0);
      this.shown_s = moved_s + (target_s - moved_s) * Math.min(1, 4 * step_s);
    }
    return this.shown_s;
  }
}
