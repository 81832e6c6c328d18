[...document.querySelectorAll('*')].flatMap((one) =>
  ['aria-labelledby', 'aria-activedescendant', 'aria-controls', 'for']
    .flatMap((name) => (one.getAttribute(name) ?? '').split(' ').filter(Boolean))
    .filter((id) => !document.getElementById(id)))
