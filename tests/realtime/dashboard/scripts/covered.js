(() => {
  const boxes = [...document.querySelectorAll('main section')].filter((one) => one.checkVisibility())
    .map((one) => [one.id || one.className, one.getBoundingClientRect()]);
  const found = [];
  boxes.forEach(([a, one], at) => boxes.slice(at + 1).forEach(([b, two]) => {
    const wide = Math.min(one.right, two.right) - Math.max(one.left, two.left);
    const high = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
    if (wide > 1 && high > 1) found.push([a, b, wide, high]);
  }));
  return found;
})()
