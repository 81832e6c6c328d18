// Rates, delays and drops of one source, with how they were spread over the last minute.
import { element, fill, get, setText } from "./dom.js";
import { percentiles } from "./recent.js";
import { number } from "./text.js";

export function showFigures(hello, feed, now_s) {
  const last = feed?.last ?? null;
  figure("capture", number(last?.rates.capture_hz, 1));
  figure("ticks", number(last?.rates.tick_hz, 1));
  figure("repeated", last ? String(last.repeated) : "–");
  figure("drops", last ? String(last.drops) : "–");
  figure("algorithmic", number(last?.algorithmic_delay_s ?? hello?.algorithmic_delay_s, 2), "s");
  if (hello) setText("delay-why", why(hello.algorithmic_delay_s));
  setText("minute", minuteText(feed, now_s ?? 0));
}

// What the last minute says of delays and drops.
function minuteText(feed, now_s) {
  const delays = feed?.delays.upTo(now_s) ?? [];
  const [median, high, highest] = percentiles(delays).map((value) => number(value, 0));
  figure("compute", median, "ms");
  const drops = feed?.drops.upTo(now_s) ?? [];
  const dropped = drops.length ? `${drops.at(-1) - drops[0]} frames dropped` : "";
  const count = delays.length === 1 ? "1 expression" : `${delays.length} expressions`;
  const spread = delays.length
    ? `compute delay ${median} ms at the median, ${high} at the 95th percentile, ${highest} at the 99th (${count})`
    : "no expression became final";
  return `In the last minute: ${[dropped, spread].filter(Boolean).join("; ")}.`;
}

function why(delay_s) {
  return `The model looks ${delay_s.toFixed(2)} s past a moment before it can score it: that is the algorithmic delay. ` +
    "Compute delay, from capture to event, comes on top.";
}

export function showStages(feed, now_s) {
  const looks = feed?.stages.upTo(now_s ?? 0) ?? [];
  const names = Object.keys(looks.at(-1) ?? {});
  const times = names.map((name) => [name, ...percentiles(looks.map((look) => look[name] ?? 0), [0.5, 0.95])]);
  const longest = Math.max(1, ...times.map(([, , high]) => high));
  fill("stages", JSON.stringify(times), () => times.flatMap(([name, median, high]) => [
    element("dt", name), bar(median / longest, high / longest),
    element("dd", `${median.toFixed(1)} ms`), element("dd", `${high.toFixed(1)} ms`, "soft"),
  ]));
  get("stages-title").hidden = times.length === 0;
}

// The dark part reaches to the median, the pale one to the 95th percentile.
function bar(median, high) {
  const outer = element("dd", "", "bar");
  outer.ariaHidden = "true";
  outer.appendChild(element("i", "", "high")).style.width = `${100 * high}%`;
  outer.appendChild(element("i")).style.width = `${100 * median}%`;
  return outer;
}

function figure(id, text, unit = "") {
  fill(id, text + unit, () => (unit && text !== "–" ? [text, element("small", unit)] : [text]));
}
