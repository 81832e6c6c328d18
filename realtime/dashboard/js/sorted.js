// Items in order of a time, found by bisection. Most arrive at the end, which costs nothing.
import { firstWhere } from "./series.js";

export class Sorted {
  // at(item) is the time that orders it; to(item) the time at which it is over.
  constructor(at, to, limit = Infinity) {
    this.at = at;
    this.to = to;
    this.limit = limit;
    this.items = [];
    this.longest_s = 0;
  }

  get length() { return this.items.length; }
  get first() { return this.items[0] ?? null; }

  // Number of the first item at or after a time.
  lower(time_s) { return firstWhere(this.items.length, (n) => this.at(this.items[n]) >= time_s); }
  upper(time_s) { return firstWhere(this.items.length, (n) => this.at(this.items[n]) > time_s); }

  // Returns what it let go to stay within its limit.
  add(item) {
    const time_s = this.at(item);
    this.longest_s = Math.max(this.longest_s, this.to(item) - time_s);
    const last = this.items.at(-1);
    if (!last || this.at(last) <= time_s) this.items.push(item);
    else this.items.splice(this.upper(time_s), 0, item);
    // many at once: to drop the first of a long array costs as much as to drop a tenth of it
    return this.items.length > this.limit ? this.items.splice(0, Math.ceil(this.limit / 10)) : [];
  }

  indexOf(item) {
    for (let n = this.lower(this.at(item)); n < this.items.length && this.at(this.items[n]) === this.at(item); n += 1) {
      if (this.items[n] === item) return n;
    }
    return -1;
  }

  remove(item) {
    const n = this.indexOf(item);
    if (n >= 0) this.items.splice(n, 1);
    return n >= 0;
  }

  // Calls see(item) for everything that touches a window, in order.
  within(start_s, end_s, see) {
    const { items } = this;
    for (let n = this.lower(start_s - this.longest_s); n < items.length && this.at(items[n]) <= end_s; n += 1) {
      if (this.to(items[n]) >= start_s) see(items[n]);
    }
  }
}
