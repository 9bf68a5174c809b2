"use strict";
// A formula wider than the page is set smaller, to two thirds at least; what still scrolls sideways takes the keyboard.
function fit() {
  for (const formula of document.querySelectorAll("div.math")) {
    formula.style.fontSize = "";
    const share = formula.clientWidth / formula.scrollWidth;
    if (share < 1) formula.style.fontSize = `${Math.max(98 * share, 66)}%`;
  }
  for (const box of document.querySelectorAll("pre, .table-wrapper, div.math")) {
    if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
addEventListener("load", () => (window.MathJax?.startup?.promise ?? Promise.resolve()).then(() => {
  fit();
  addEventListener("resize", fit);
  document.documentElement.dataset.ready = "yes";
}));
document.addEventListener("toggle", fit, true);  // code that is unfolded
