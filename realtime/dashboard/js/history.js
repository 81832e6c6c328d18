// The runs of the service that the page has seen, oldest first.
import { Run } from "./runs.js";

const KEPT = 200;

export class Runs {
  constructor() {
    this.all = [];
    this.count = 0;
  }

  get current() { return this.all.at(-1) ?? null; }

  begin(id, hello, after_s) {
    this.all.push(new Run(this.count, id, hello, after_s, Date.now() / 1000));
    this.count += 1;
    if (this.all.length > KEPT) this.all.shift();
  }

  // The run that a moment of the axis belongs to.
  at(axis_s) {
    return this.all.findLast((run) => run.start_s <= axis_s) ?? this.all[0] ?? null;
  }
}
