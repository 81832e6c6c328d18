const recent = new m.Recent();
for (let n = 1; n <= 200; n += 1) recent.add(n, n);
recent.add(201, null);
const last = recent.upTo(200).slice();
return [m.percentiles(last), m.percentiles([]), m.percentiles([5]), recent.upTo(1000).length];
