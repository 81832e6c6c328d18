let after = null;
return hellos.map((hello, number) => {
  const run = new m.Run(number, String(number), hello, after, 1e6);
  const found = [run.start_s > (after ?? -1), run.stream(run.axis(7.5)), run.utc(run.axis(7.5))];
  after = run.axis(100);
  return found;
});
