// Shows one frame after the other. What counts is the frame that is on the canvas, `shown`.
export class Player {
  // show(frame, picture) draws; changed() is called when play or pause begins.
  constructor(film, show, changed) {
    this.film = film;
    this.show = show;
    this.changed = changed;
    this.speed = 1;
    this.open(null);
  }

  open(tape) {
    this.tape = tape;
    this.due = 0;
    this.shown = null;
    this.playing = false;
  }

  toggle() {
    if (!this.tape?.count) return;
    this.playing = !this.playing;
    if (this.playing && this.due >= this.tape.count - 1) this.due = 0;
    this.anchor();
    this.changed();
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.due = this.shown ?? this.due;
    this.changed();
  }

  setSpeed(speed) {
    this.speed = speed;
    this.anchor();
  }

  // Going somewhere stops the play: a label needs a frame that stands still.
  go(frame) {
    this.pause();
    this.due = Math.min(Math.max(0, frame), Math.max(0, (this.tape?.count ?? 1) - 1));
  }

  // From here on the play counts its time.
  anchor() {
    this.from_ms = performance.now();
    this.from_s = this.tape?.times[this.shown ?? this.due] ?? 0;
  }

  tick(now_ms) {
    if (!this.tape?.count) return;
    if (this.playing) this.advance(now_ms);
    this.film.want(this.due, this.tape.count, this.playing);
    if (this.due === this.shown) return;
    const picture = this.film.get(this.due);
    if (!picture) return;
    this.shown = this.due;
    this.show(this.shown, picture);
  }

  advance(now_ms) {
    if (this.shown !== this.due) {
      // the picture is late: the play waits for it instead of running on unseen
      this.anchorAtDue(now_ms);
      return;
    }
    const time_s = this.from_s + ((now_ms - this.from_ms) / 1000) * this.speed;
    const next = this.tape.frameAt(time_s);
    if (next > this.due) this.due = next;
    if (this.due >= this.tape.count - 1 && this.tape.whole && this.shown === this.tape.count - 1) {
      this.pause();
    }
  }

  anchorAtDue(now_ms) {
    this.from_ms = now_ms;
    this.from_s = this.tape.times[this.due];
  }
}
