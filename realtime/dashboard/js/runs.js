// One axis of time for all that the page has seen.
//
// Every run of the service counts stream time from its own start, and so does each of its sources.
// On the axis they lie where they were on the clock of the wall, s since 1970; a run without such
// a clock, or from before the run that the page saw last (a replay), follows on that one.
const APART_S = 2;

export class Run {
  // id is the `source` of its events; after_s the end of what the axis holds already, or null.
  constructor(number, id, hello, after_s, now_s) {
    this.number = number;
    this.id = id;
    this.hello = hello;
    this.sequence = 0;
    const described = hello.sources ?? [hello];
    const named = described.length ? described : [hello];
    this.sources = named.map((one) => ({
      name: one.name ?? one.source ?? hello.source,
      synthetic: one.synthetic === true,
      utc_s: seconds(one.started_utc),
    }));
    const known = this.sources.map((one) => one.utc_s).filter((utc_s) => utc_s !== null);
    this.start_s = known.length ? Math.min(...known) : now_s;
    const shift_s = after_s === null ? 0 : Math.max(0, after_s + APART_S - this.start_s);
    for (const one of this.sources) one.base_s = (one.utc_s ?? this.start_s) + shift_s;
    this.start_s += shift_s;
  }

  // Notes the number of an event; true when it was heard before.
  repeats(sequence) {
    if (sequence === undefined) return false;
    if (sequence <= this.sequence) return true;
    this.sequence = sequence;
    return false;
  }

  source(number) { return this.sources[number] ?? this.sources[0]; }

  // Stream time of a source to the axis, and back.
  axis(time_s, source = 0) { return this.source(source).base_s + time_s; }
  stream(axis_s, source = 0) { return axis_s - this.source(source).base_s; }

  // What a clock on the wall showed, s since 1970, or null where that is not known.
  utc(axis_s, source = 0) {
    const { utc_s, base_s } = this.source(source);
    return utc_s === null ? null : axis_s - base_s + utc_s;
  }
}

function seconds(text) {
  const time_ms = Date.parse(text ?? "");
  return Number.isNaN(time_ms) ? null : time_ms / 1000;
}
