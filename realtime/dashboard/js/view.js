// The window of time that the timeline shows: it follows the stream, or stands still.
const SHORTEST_S = 1;
const LONGEST_S = 2 * 3600;
export const USUAL_S = 30;

export class View {
  constructor() {
    this.span_s = USUAL_S;
    // the right end, or null while it follows the stream
    this.held_s = null;
    this.now_s = null;
    this.oldest_s = null;
  }

  get live() { return this.held_s === null; }
  get end_s() { return this.held_s ?? this.now_s ?? 0; }
  get start_s() { return this.end_s - this.span_s; }

  // Says what there is to see.
  bound(oldest_s, now_s) {
    this.oldest_s = oldest_s;
    this.now_s = now_s;
  }

  pause() { this.held_s ??= this.now_s; }
  follow() { this.held_s = null; }

  // The right end goes to a time; at the end of the stream the window follows it again.
  moveTo(end_s) {
    if (this.now_s === null) return;
    const earliest_s = Math.min(this.now_s, (this.oldest_s ?? this.now_s) + 0.8 * this.span_s);
    this.held_s = end_s >= this.now_s ? null : Math.max(earliest_s, end_s);
  }

  scroll(by_s) {
    if (by_s !== 0) this.moveTo(this.end_s + by_s);
  }

  // The time at a share of the window stays where it is; while it follows, the right end does.
  zoom(factor, share = 1) {
    const fixed_s = this.start_s + share * this.span_s;
    this.span_s = Math.min(LONGEST_S, Math.max(SHORTEST_S, this.span_s * factor));
    if (!this.live) this.moveTo(fixed_s + (1 - share) * this.span_s);
  }

  // Everything that there is, from the oldest on.
  all() {
    if (this.now_s === null || this.oldest_s === null) return;
    this.span_s = Math.min(LONGEST_S, Math.max(USUAL_S, 1.02 * (this.now_s - this.oldest_s)));
    this.follow();
  }

  first() { if (this.oldest_s !== null) this.moveTo(this.oldest_s); }

  // A moment is brought to the middle; the window stands still there.
  show(time_s) {
    if (this.now_s === null) return;
    this.moveTo(time_s + this.span_s / 2);
    if (this.live) this.pause();
  }
}
