// Figures of the last minute, and how they are spread.
const KEPT_S = 60;
const KEPT = 2000;

export class Recent {
  constructor() { this.clear(); }

  clear() {
    this.times = [];
    this.values = [];
  }

  add(time_s, value) {
    if (value === null || value === undefined) return;
    this.times.push(time_s);
    this.values.push(value);
    if (this.times.length > KEPT) this.drop(KEPT / 10);
  }

  drop(count) {
    this.times.splice(0, count);
    this.values.splice(0, count);
  }

  // What was added in the minute up to a time.
  upTo(now_s) {
    const old = this.times.findIndex((time_s) => time_s > now_s - KEPT_S);
    this.drop(old < 0 ? this.times.length : old);
    return this.values;
  }
}

// The nearest-rank percentiles of some figures; null where there are none.
export function percentiles(values, shares = [0.5, 0.95, 0.99]) {
  const sorted = Float64Array.from(values).sort();
  return shares.map((share) => (sorted.length ? sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] : null));
}
