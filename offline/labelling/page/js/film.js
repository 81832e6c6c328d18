// Frames by their number: asked for a little ahead, decoded by the browser, kept within bounds.
const KEPT_BYTES = 256 * 2 ** 20;
const UNDER_WAY = 12;
const AHEAD = 30;
const AROUND = 12;

export class Film {
  // ask(video, frame) sends a request and returns whether it went out; ready(frame) is called.
  constructor(ask, ready) {
    this.ask = ask;
    this.ready = ready;
    this.open(0, 640, 480);
  }

  open(video, width, height) {
    for (const picture of this.pictures?.values() ?? []) picture.close();
    this.video = video;
    this.pictures = new Map();
    this.waiting = new Set();
    this.broken = new Set();
    this.most = Math.max(3 * AHEAD, Math.min(900, Math.floor(KEPT_BYTES / (4 * width * height))));
  }

  get(frame) {
    const found = this.pictures.get(frame);
    if (found) {
      this.pictures.delete(frame);
      this.pictures.set(frame, found);
    }
    return found;
  }

  // Asks for what is missing, the frame that is due first; `count` frames are known.
  want(frame, count, playing) {
    const near = [frame];
    for (let step = 1; step <= (playing ? AHEAD : AROUND); step += 1) {
      near.push(frame + step);
      if (!playing) near.push(frame - step);
    }
    for (const one of near) {
      if (this.waiting.size >= UNDER_WAY && one !== frame) return;
      const absent = one >= 0 && one < count && !this.pictures.has(one);
      if (!absent || this.waiting.has(one) || this.broken.has(one)) continue;
      if (this.ask(this.video, one)) this.waiting.add(one);
    }
  }

  async take(video, frame, bytes) {
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
    if (video !== this.video) return picture.close();
    this.waiting.delete(frame);
    this.pictures.get(frame)?.close();
    this.pictures.set(frame, picture);
    while (this.pictures.size > this.most) {
      const [oldest, old] = this.pictures.entries().next().value;
      this.pictures.delete(oldest);
      old.close();
    }
    this.ready(frame);
  }

  absent(video, frame) {
    if (video !== this.video) return;
    this.waiting.delete(frame);
    this.broken.add(frame);
    setTimeout(() => this.broken.delete(frame), 2000);
  }

  // After a lost connection nothing is on its way any more.
  forget() { this.waiting.clear(); }
}
