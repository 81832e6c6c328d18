const sorted = new m.Sorted((one) => one.from, (one) => one.to);
let all = [];
for (let n = 0; n < 600; n += 1) {
  const from = Math.round(1000 * chance()) / 10;
  const one = { from, to: from + (n % 50 ? chance() : 30 * chance()), n };
  all.push(one);
  sorted.add(one);
  if (n % 7 === 0) { const gone = all[Math.floor(chance() * all.length)]; all = all.filter((x) => x !== gone); sorted.remove(gone); }
}
const wrong = [];
for (let n = 0; n < 200; n += 1) {
  const start = 110 * chance() - 5, end = start + 10 * chance(), seen = [];
  sorted.within(start, end, (one) => seen.push(one.n));
  const right = all.filter((one) => one.from <= end && one.to >= start).map((one) => one.n);
  if (String(seen.sort((a, b) => a - b)) !== String(right.sort((a, b) => a - b))) wrong.push([start, end]);
}
return [wrong, sorted.length === all.length, sorted.remove({ from: 5, to: 6 })];
