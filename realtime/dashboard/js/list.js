// The list of expressions: only the rows in sight exist, so that its length costs nothing.
import { element } from "./dom.js";
import { clockText, durationText, localText, number } from "./text.js";

const ROW_REM = 2.3;
const SPARE = 3;

export class List {
  // hands: { pick(one) }; `box` scrolls, `sheet` is as high as all rows together.
  constructor(box, sheet, hands) {
    Object.assign(this, { box, sheet, hands });
    this.rows = [];
    this.active = null;
    this.pool = [];
    box.addEventListener("scroll", () => this.render(), { passive: true });
    box.addEventListener("keydown", (event) => this.key(event));
    sheet.addEventListener("click", (event) => this.click(event));
    new ResizeObserver(() => this.resize()).observe(box);
    this.resize();
  }

  resize() {
    this.row_px = Math.round(ROW_REM * parseFloat(getComputedStyle(document.documentElement).fontSize));
    const wanted = Math.ceil(this.box.clientHeight / this.row_px) + SPARE;
    while (this.pool.length < wanted) this.pool.push(this.sheet.appendChild(blank(this.pool.length)));
    for (const gone of this.pool.splice(Math.max(wanted, 4))) gone.remove();
    for (const row of this.pool) row.at = -1;
    this.refit();
  }

  // Rows come in the order of time and are shown newest first. What is in sight stays in sight
  // when newer ones come, unless the newest are.
  set(rows) {
    const kept = this.box.scrollTop > 0.5 * this.row_px ? this.rowAt(Math.floor(this.box.scrollTop / this.row_px)) : null;
    const before = kept ? this.indexOf(kept) : -1;
    this.rows = rows;
    this.refit();
    const after = kept ? this.indexOf(kept) : -1;
    if (before >= 0 && after >= 0 && after !== before) this.box.scrollTop += (after - before) * this.row_px;
    this.render();
  }

  refit() {
    this.sheet.style.height = `${this.rows.length * this.row_px}px`;
    this.box.setAttribute("aria-rowcount", String(this.rows.length + 1));
    this.render();
  }

  rowAt(index) { return this.rows[this.rows.length - 1 - index] ?? null; }

  indexOf(one) {
    const at = one ? this.rows.findLastIndex((row) => row.key === one.key) : -1;
    return at < 0 ? -1 : this.rows.length - 1 - at;
  }

  render() {
    const first = Math.max(0, Math.floor(this.box.scrollTop / this.row_px) - 1);
    const count = this.pool.length;
    for (let index = first; index < first + count; index += 1) {
      // a row keeps its element while it stays in sight
      this.write(this.pool[index % count], index);
    }
    const active = this.pool.find((row) => row.one && row.one.key === this.active?.key);
    if (active) this.box.setAttribute("aria-activedescendant", active.id);
    else this.box.removeAttribute("aria-activedescendant");
  }

  write(row, index) {
    const one = this.rowAt(index);
    row.hidden = one === null;
    const picked = one !== null && one.key === this.active?.key;
    if (row.one === one && row.at === index && row.picked === picked) return;
    if (row.at !== index) {
      row.style.transform = `translateY(${index * this.row_px}px)`;
      row.setAttribute("aria-rowindex", String(index + 2));
    }
    if (row.picked !== picked) row.setAttribute("aria-selected", String(picked));
    if (one && row.one !== one) inscribe(row, one);
    Object.assign(row, { one, at: index, picked });
  }

  // Picks a row, and brings it into sight.
  activate(one, told = true) {
    this.active = one;
    const index = this.indexOf(one);
    if (index >= 0) this.reveal(index);
    this.render();
    if (told && one) this.hands.pick(one);
  }

  reveal(index) {
    const head_px = this.sheet.offsetTop;
    const top = index * this.row_px;
    const room = this.box.clientHeight - head_px;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    else if (top + this.row_px > this.box.scrollTop + room) this.box.scrollTop = top + this.row_px - room;
  }

  step(by) {
    if (!this.rows.length) return;
    const last = this.rows.length - 1;
    const now = this.indexOf(this.active);
    // without an active one a step enters at the end that it comes from
    const next = now < 0 && Number.isFinite(by) ? (by > 0 ? 0 : last) : now + by;
    this.activate(this.rowAt(Math.min(last, Math.max(0, next))), false);
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.box.clientHeight / this.row_px) - 2);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in steps) this.step(steps[event.key]);
    else if (event.key === "Enter" && this.active) this.hands.pick(this.active);
    else return;
    event.preventDefault();
  }

  click(event) {
    const row = event.target.closest(".row");
    if (row?.one) this.activate(row.one);
  }
}

const COLUMNS = ["kind", "onset", "long", "rise", "score", "who", "clock"];

function blank(number) {
  const row = element("div", "", "row");
  row.id = `row-${number}`;
  row.setAttribute("role", "row");
  for (const name of COLUMNS) {
    const cell = row.appendChild(element("span", "", name));
    cell.setAttribute("role", "gridcell");
  }
  return Object.assign(row, { one: null, at: -1, picked: null });
}

function inscribe(row, one) {
  row.className = `row ${one.kind}${one.phase === "end" ? "" : " open"}`;
  const several = one.run.sources.length > 1 ? `${one.source} / ` : "";
  const texts = [
    one.phase === "end" ? one.kind : `${one.kind}, provisional`,
    one.onset_s === null ? "–" : clockText(one.onset_s), durationText(one),
    one.onset_s === null ? "–" : `${(one.apex_s - one.onset_s).toFixed(2)} s`,
    number(one.score, 2), `${several}${one.face}`, localText(one.run.utc(one.apex, one.source)) || "–",
  ];
  texts.forEach((text, at) => { row.children[at].textContent = text; });
}
