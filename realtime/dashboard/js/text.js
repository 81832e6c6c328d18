// How times and figures are written.
export const number = (value, digits) =>
  (value === null || value === undefined || Number.isNaN(value) ? "–" : value.toFixed(digits));

// Stream time: m:ss, or h:mm:ss from the first hour on.
export function clockText(time_s, digits = 1) {
  const unit = 10 ** digits;
  const ticks = Math.round(Math.abs(time_s) * unit);
  const seconds = (ticks % (60 * unit)) / unit;
  const minutes = Math.floor(ticks / (60 * unit));
  const tail = seconds.toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  const sign = time_s < 0 && ticks > 0 ? "-" : "";
  if (minutes < 60) return `${sign}${minutes}:${tail}`;
  return `${sign}${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${tail}`;
}

const local = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
export const localText = (utc_s) => (utc_s === null ? "" : local.format(new Date(1000 * utc_s)));

export const durationText = (one) =>
  one.onset_s === null || one.offset_s === null ? "–" : `${(one.offset_s - one.onset_s).toFixed(2)} s`;

// A span of the window: 4 s, 30 s, 5 min, 1 h.
export function spanText(span_s) {
  if (span_s < 100) return `${round(span_s)} s`;
  return span_s < 5970 ? `${round(span_s / 60)} min` : `${round(span_s / 3600)} h`;
}

const round = (value) => (value < 9.95 ? Number(value.toFixed(1)) : Math.round(value));
