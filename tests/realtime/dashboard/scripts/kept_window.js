const series = new m.Series(1), times = [];
for (let n = 0, t = 0; n < 3000; n += 1) { t += 0.05 + 0.1 * chance(); times.push(t); series.push(t, [n]); }
const wrong = [];
for (let n = 0; n < 200; n += 1) {
  const start = chance() * 320 - 10, end = start + chance() * 50, seen = [];
  series.buckets(0, start, end, (chunk, at) => seen.push(chunk.times[at]));
  const inside = times.filter((t) => t >= start && t <= end);
  const got = seen.filter((t) => t >= start && t <= end);
  if (String(got) !== String(inside) || series.countIn(start, end) !== inside.length || seen.length > inside.length + 2) wrong.push([start, end]);
}
return wrong;
