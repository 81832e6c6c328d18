// A drawn face with the ten patches: where they are, and how they moved. No image is involved.
export const MAGNIFIED = 6;
const NAMES = "http://www.w3.org/2000/svg";
const CLEAR_PX = 0.4;

// px of the canonical face: outer eye corners at (-48, 0) and (48, 0).
const OVAL = "M0-104C44-104 74-72 75-22C76 24 58 70 30 96C12 111-12 111-30 96C-58 70-76 24-75-22C-74-72-44-104 0-104Z";
const TRAITS = [
  "M-48 0C-41-9-25-9-17 2C-25 8-40 8-48 0Z", "M48 0C41-9 25-9 17 2C25 8 40 8 48 0Z",
  "M-4-8C-5 8-8 22-13 32C-8 38 8 38 13 32", "M-12 90C-4 93 4 93 12 90",
];
const REST = [
  [-52, -27], [-40, -33], [-27, -31], [27, -31], [40, -33], [52, -27],
  [-25, 61], [0, 53], [25, 61], [0, 73],
];

export class FaceDrawing {
  constructor(svg) {
    this.group = add(svg, "g");
    this.oval = add(this.group, "path", "skin");
    for (const trait of TRAITS) add(this.group, "path", "trait").setAttribute("d", trait);
    this.brows = [add(this.group, "path", "joined"), add(this.group, "path", "joined")];
    this.mouth = add(this.group, "path", "joined");
    this.patches = REST.map(() => add(this.group, "circle", "patch"));
    this.arrows = REST.map(() => add(this.group, "line", "arrow"));
    this.tips = REST.map(() => add(this.group, "path", "tip"));
    this.none = add(svg, "text", "none");
    this.none.setAttribute("y", 26);
    this.draw(null);
  }

  draw(look, why = "") {
    const there = look !== null && look.patches.length === REST.length;
    const patches = there ? look.patches : REST;
    const shifts = there ? look.shifts : REST.map(() => [0, 0]);
    this.group.setAttribute("class", there ? "" : "away");
    this.none.textContent = there ? "" : why;
    this.oval.setAttribute("d", look?.outline?.length > 2 ? closed(look.outline) : OVAL);
    this.brows[0].setAttribute("d", path(patches.slice(0, 3)));
    this.brows[1].setAttribute("d", path(patches.slice(3, 6)));
    this.mouth.setAttribute("d", lips(patches.slice(6)));
    patches.forEach((patch, at) => this.patch(at, patch, shifts[at]));
  }

  patch(at, [x, y], [dx, dy]) {
    set(this.patches[at], { cx: x, cy: y, r: 4.2 });
    const length = Math.hypot(dx, dy);
    const shown = length > CLEAR_PX;
    const [toX, toY] = [x + MAGNIFIED * dx, y + MAGNIFIED * dy];
    set(this.arrows[at], { x1: x, y1: y, x2: shown ? toX : x, y2: shown ? toY : y });
    this.arrows[at].style.visibility = this.tips[at].style.visibility = shown ? "visible" : "hidden";
    if (!shown) return;
    const angle = (Math.atan2(dy, dx) * 180) / Math.PI;
    set(this.tips[at], { d: "M5 0L-2 3.4L-2-3.4Z", transform: `translate(${toX} ${toY}) rotate(${angle})` });
  }
}

function add(parent, name, style) {
  const made = document.createElementNS(NAMES, name);
  if (style) made.setAttribute("class", style);
  return parent.appendChild(made);
}

function set(element, values) {
  for (const [name, value] of Object.entries(values)) element.setAttribute(name, value);
}

const path = (points) => `M${points.map(([x, y]) => `${x} ${y}`).join("L")}`;
const closed = (points) => `${path(points)}Z`;

// Mouth corner, top, corner, bottom: two arcs through top and bottom.
function lips([left, top, right, bottom]) {
  const arc = (from, through, to) => {
    const bend = through.map((value, axis) => 2 * value - (from[axis] + to[axis]) / 2);
    return `Q${bend.join(" ")} ${to.join(" ")}`;
  };
  return `M${left.join(" ")}${arc(left, top, right)}${arc(right, bottom, left)}Z`;
}
