// Wheel, drag, pinch and click on the timeline.
const CLICK_PX = 5;
const WHEEL_STEP = 0.0016;
const LINE_PX = 24;

export class Gestures {
  // hands: { zoom(factor, share), scroll(share), click(x, y), hover(x, y) }, shares of the window.
  constructor(canvas, chart, hands) {
    Object.assign(this, { canvas, chart, hands });
    this.fingers = new Map();
    this.moved_px = 0;
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => this.up(event));
    canvas.addEventListener("pointerleave", () => hands.hover(null));
  }

  place({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  }

  // Up and down zooms; sideways, or with Shift, scrolls. A pinch on a touch pad is a wheel with Ctrl.
  wheel(event) {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PX;
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const turned_px = unit * (sideways ? event.deltaX || event.deltaY : event.deltaY);
    if (sideways) this.hands.scroll(turned_px / this.chart.pxPerShare);
    else this.hands.zoom(Math.exp(turned_px * WHEEL_STEP * (event.ctrlKey ? 6 : 1)), this.share(this.place(event).x));
  }

  share(x) { return Math.min(1, Math.max(0, this.chart.at(x, 0).share)); }

  down(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, this.place(event));
    if (this.fingers.size === 1) this.moved_px = 0;
  }

  move(event) {
    const before = this.fingers.get(event.pointerId);
    const now = this.place(event);
    if (!before) {
      this.hands.hover(now);
      return;
    }
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.fingers.set(event.pointerId, now);
    this.moved_px += Math.hypot(now.x - before.x, now.y - before.y);
    if (this.moved_px <= CLICK_PX) return;
    if (other) this.pinch(other, before, now);
    else this.hands.scroll((before.x - now.x) / this.chart.pxPerShare);
  }

  // What lay under the two fingers stays under them.
  pinch(other, before, now) {
    const apart = (at) => Math.max(20, Math.abs(at.x - other.x));
    this.hands.zoom(apart(before) / apart(now), this.share((now.x + other.x) / 2));
    this.hands.scroll((before.x - now.x) / 2 / this.chart.pxPerShare);
  }

  up(event) {
    if (!this.fingers.delete(event.pointerId)) return;
    const { x, y } = this.place(event);
    if (event.type === "pointerup" && this.moved_px <= CLICK_PX && !this.fingers.size) this.hands.click(x, y);
  }
}
