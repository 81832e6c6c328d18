// Runs before the first paint, so that a dark room never sees a white flash.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try { return localStorage.getItem("fes-theme"); } catch { return null; }
  };
  const apply = () => { root.dataset.theme = stored() ?? (system.matches ? "dark" : "light"); };
  system.addEventListener("change", apply);
  apply();
  addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme").addEventListener("click", () => {
      const next = root.dataset.theme === "dark" ? "light" : "dark";
      try { localStorage.setItem("fes-theme", next); } catch { /* it lasts for this page only */ }
      root.dataset.theme = next;
    });
  });
})();
