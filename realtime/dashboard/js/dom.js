// Finding and changing elements, without touching the page where nothing changed.
export const get = (id) => document.getElementById(id);

export function element(name, text, style) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (style) made.className = style;
  return made;
}

export function setText(id, text) {
  const target = get(id);
  if (target.textContent !== text) target.textContent = text;
}

// Calls build(...parts) for new children only when the key that describes them has changed.
export function fill(id, key, build) {
  const target = get(id);
  if (target.dataset.key === key) return;
  target.dataset.key = key;
  target.replaceChildren(...build());
}

// Settings of this page alone; a browser that forbids storage only forgets them.
export function recall(name) {
  try { return localStorage.getItem(`fes-${name}`); } catch { return null; }
}

export function remember(name, value) {
  try { localStorage.setItem(`fes-${name}`, value); } catch { /* it lasts for this page only */ }
}
