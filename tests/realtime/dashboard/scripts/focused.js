(() => {
  const one = document.activeElement;
  const mark = one.id === 'place' ? one.parentElement : one;
  const style = getComputedStyle(mark);
  return [one.id || one.textContent.trim(), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, one === document.body];
})()
