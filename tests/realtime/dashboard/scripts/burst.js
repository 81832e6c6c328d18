[document.documentElement.scrollWidth - innerWidth,
 ...[...document.querySelectorAll('button:not(.faces *), h1, h2, select, .now, .figures dd, .tools, .word')]
   .filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect())
   .map((box) => Math.max(box.right - innerWidth, -box.left))].filter((over) => over > 0.5)
