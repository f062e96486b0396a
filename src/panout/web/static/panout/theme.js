/* Sets the theme before the first paint: the reader's choice, else the system's. */
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  if (!root.dataset.bsTheme) {
    root.dataset.bsTheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
})();
