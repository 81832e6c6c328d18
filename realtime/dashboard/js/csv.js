// The listed expressions as a table for spreadsheets, made here in the page.
const COLUMNS = [
  "stream", "id", "source", "source_name", "face", "kind", "final", "onset_s", "apex_s", "offset_s",
  "duration_s", "onset_utc", "apex_utc", "offset_utc", "score", "compute_delay_ms",
  "algorithmic_delay_s",
];

// RFC 4180, with the mark that makes Excel read it as UTF-8.
export function csvText(expressions) {
  const rows = [COLUMNS, ...expressions.map((one) => COLUMNS.map((name) => valueOf(one, name)))];
  return `\ufeff${rows.map((row) => row.map(quoted).join(",")).join("\r\n")}\r\n`;
}

function valueOf(one, name) {
  if (name === "stream") return one.run.id;
  if (name === "source_name") return one.run.source(one.source).name;
  if (name === "final") return one.phase === "end";
  if (name === "duration_s") {
    return one.onset_s === null || one.offset_s === null ? null : Number((one.offset_s - one.onset_s).toFixed(6));
  }
  return one[name];
}

function quoted(value) {
  if (value === null || value === undefined) return "";
  const text = String(value);
  // a spreadsheet must not take the name of a camera for a formula
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function download(expressions) {
  const address = URL.createObjectURL(new Blob([csvText(expressions)], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `expressions-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
