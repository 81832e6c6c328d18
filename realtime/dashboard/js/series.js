// Curves of one face: points in typed arrays, with the extremes of every 4, 16, 64 ... of them, so
// that an hour costs no more to draw than ten seconds.
//
// A chunk holds points that follow each other without a break; the oldest chunks are let go.
export const FAN_BITS = 2;
const CHUNK = 1024;
const FIRST = 32;
export const LEVELS = 5;
const BREAK_S = 1;
const KEPT_POINTS = 1 << 16;
const KEPT_CHUNKS = 2048;

export class Chunk {
  constructor(channels, joined) {
    this.channels = channels;
    this.joined = joined;
    this.count = 0;
    this.size = 0;
    this.reserve(FIRST);
  }

  reserve(size) {
    this.size = size;
    this.times = grown(Float64Array, this.times, size);
    this.values = grown(Float32Array, this.values, size * this.channels);
    this.extremes = Array.from({ length: LEVELS + 1 }, (_, level) => level === 0 ? null
      : grown(Float32Array, this.extremes?.[level], 2 * this.channels * buckets(size, level)));
  }

  push(time_s, values) {
    if (this.count === this.size) this.reserve(Math.min(CHUNK, 2 * this.size));
    const at = this.count;
    this.times[at] = time_s;
    for (let channel = 0; channel < this.channels; channel += 1) {
      this.values[at * this.channels + channel] = values[channel] ?? NaN;
      for (let level = 1; level <= LEVELS; level += 1) this.widen(level, at, channel);
    }
    this.count += 1;
  }

  widen(level, at, channel) {
    const value = this.values[at * this.channels + channel];
    const held = this.extremes[level];
    const slot = 2 * ((at >> (FAN_BITS * level)) * this.channels + channel);
    const first = (at & ((1 << (FAN_BITS * level)) - 1)) === 0;
    if (first || Number.isNaN(held[slot]) || value < held[slot]) held[slot] = value;
    if (first || Number.isNaN(held[slot + 1]) || value > held[slot + 1]) held[slot + 1] = value;
  }

  get first_s() { return this.times[0]; }
  get last_s() { return this.times[this.count - 1]; }
  get full() { return this.count === CHUNK; }
  buckets(level) { return buckets(this.count, level); }

  low(level, bucket, channel) {
    const slot = bucket * this.channels + channel;
    return level === 0 ? this.values[slot] : this.extremes[level][2 * slot];
  }

  high(level, bucket, channel) {
    const slot = bucket * this.channels + channel;
    return level === 0 ? this.values[slot] : this.extremes[level][2 * slot + 1];
  }

  time(level, bucket) { return this.times[bucket << (FAN_BITS * level)]; }
}

export class Series {
  constructor(channels) {
    this.channels = channels;
    this.chunks = [];
    this.points = 0;
    this.broken = true;
  }

  get first_s() { return this.chunks[0]?.first_s ?? null; }
  get last_s() { return this.chunks.at(-1)?.last_s ?? null; }

  // What comes next does not go on from what was before.
  breakOff() { this.broken = true; }

  push(time_s, values) {
    const last = this.chunks.at(-1);
    if (last && time_s <= last.last_s) return;
    const joined = last !== undefined && !this.broken && time_s - last.last_s <= BREAK_S;
    if (!joined || last.full) this.chunks.push(new Chunk(this.channels, joined));
    this.chunks.at(-1).push(time_s, values);
    this.points += 1;
    this.broken = false;
    while (this.points > KEPT_POINTS || this.chunks.length > KEPT_CHUNKS) this.points -= this.chunks.shift().count;
  }

  // Number of the last chunk that begins at or before a time; 0 where none does.
  chunkAt(time_s) {
    return Math.max(0, firstWhere(this.chunks.length, (at) => this.chunks[at].first_s > time_s) - 1);
  }

  countIn(start_s, end_s) {
    let points = 0;
    for (let at = this.chunkAt(start_s); at < this.chunks.length && this.chunks[at].first_s <= end_s; at += 1) {
      points += countIn(this.chunks[at], start_s, end_s);
    }
    return points;
  }

  // Calls see(chunk, bucket, joined) for what lies in a window and one bucket on either side;
  // joined says that it goes on from the one before.
  buckets(level, start_s, end_s, see) {
    for (let at = this.chunkAt(start_s); at < this.chunks.length; at += 1) {
      const chunk = this.chunks[at];
      if (chunk.first_s > end_s && !chunk.joined) return;
      const count = chunk.buckets(level);
      const first = Math.max(0, firstWhere(count, (bucket) => chunk.time(level, bucket) >= start_s) - 1);
      for (let bucket = first; bucket < count; bucket += 1) {
        see(chunk, bucket, bucket > first || (chunk.joined && first === 0));
        if (chunk.time(level, bucket) > end_s) return;
      }
    }
  }

  // The values of the point nearest to a time, or null when none is within half a second.
  near(time_s) {
    const chunk = this.chunks[this.chunkAt(time_s)];
    if (!chunk) return null;
    const after = firstWhere(chunk.count, (at) => chunk.times[at] >= time_s);
    const away = (at) => (at >= 0 && at < chunk.count ? Math.abs(chunk.times[at] - time_s) : Infinity);
    const at = away(after - 1) < away(after) ? after - 1 : after;
    if (Math.abs(chunk.times[at] - time_s) > BREAK_S / 2) return null;
    return chunk.values.subarray(at * this.channels, (at + 1) * this.channels);
  }

  get latest() {
    const chunk = this.chunks.at(-1);
    return chunk ? chunk.values.subarray((chunk.count - 1) * this.channels, chunk.count * this.channels) : null;
  }
}

// Of 0..count, the first that is true; true must stay true from there on.
export function firstWhere(count, is) {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

const buckets = (count, level) => (count + (1 << (FAN_BITS * level)) - 1) >> (FAN_BITS * level);

function countIn(chunk, start_s, end_s) {
  if (chunk.first_s >= start_s && chunk.last_s <= end_s) return chunk.count;
  const from = firstWhere(chunk.count, (at) => chunk.times[at] >= start_s);
  return firstWhere(chunk.count, (at) => chunk.times[at] > end_s) - from;
}

function grown(Type, old, size) {
  const made = new Type(size);
  if (old) made.set(old);
  return made;
}
