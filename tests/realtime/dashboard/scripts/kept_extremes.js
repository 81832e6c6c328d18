const series = new m.Series(2), points = [];
for (let n = 0; n < 5000; n += 1) {
  const value = chance() < 0.05 ? null : Math.fround(chance());
  points.push([value, Math.fround(n)]);
  series.push(n / 10, [value, n]);
}
const wrong = [];
for (let level = 1; level <= m.LEVELS; level += 1) {
  let first = 0;
  for (const chunk of series.chunks) {
    for (let bucket = 0; bucket < chunk.buckets(level); bucket += 1) {
      const from = first + bucket * 4 ** level;
      const to = Math.min(from + 4 ** level, first + chunk.count);
      for (const channel of [0, 1]) {
        const known = points.slice(from, to).map((one) => one[channel]).filter((v) => v !== null);
        const [low, high] = [chunk.low(level, bucket, channel), chunk.high(level, bucket, channel)];
        const right = known.length ? low === Math.min(...known) && high === Math.max(...known) : Number.isNaN(low);
        if (!right) wrong.push([level, bucket, channel, low, high]);
      }
    }
    first += chunk.count;
  }
}
return wrong;
