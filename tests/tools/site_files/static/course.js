"use strict";
const BREAKS = /^mjx-c(3D|2248|2264|2265|221D|223C|2B|2212|2261|2192|21D2)$/;  // = ≈ ≤ ≥ ∝ ∼ + − ≡ → ⇒

// Lines of a formula that is wider than its box: each begins at a relation, a sign or a gap, as late as its width allows.
function breakLines(formula) {
  const parts = [...formula.querySelector("mjx-math")?.children ?? []];
  let start = null, last = null;
  for (let part; (part = parts.shift());) {
    const { left, right } = part.getBoundingClientRect();
    start ??= left;
    if (part.matches("mjx-mstyle, mjx-texatom, mjx-mrow") && right - left > 0.6 * formula.clientWidth) {
      parts.unshift(...part.children);
      continue;
    }
    if (right - start > formula.clientWidth && last) {
      last.before(document.createElement("br"));
      start = last.getBoundingClientRect().left;
      last = null;
    }
    const isGap = right - left > 8 && part.matches(":has(> mjx-mspace)");
    if (left > start && (isGap || BREAKS.test(part.firstElementChild?.className))) last = part;
  }
}

// A formula too wide for the page is broken into lines, then set smaller, to 60% at least;
// what still scrolls sideways takes the keyboard.
function fit() {
  const formulas = [...document.querySelectorAll("div.math")], isWide = (box) => box.scrollWidth > box.clientWidth;
  formulas.forEach((formula) => (formula.style.fontSize = ""));
  document.querySelectorAll("mjx-math br").forEach((line) => line.remove());
  formulas.filter(isWide).forEach(breakLines);
  const tooWide = formulas.filter(isWide), shares = tooWide.map((formula) => formula.clientWidth / formula.scrollWidth);
  tooWide.forEach((formula, i) => (formula.style.fontSize = `${Math.max(98 * shares[i], 60)}%`));
  const boxes = [...document.querySelectorAll("pre, .table-wrapper, div.math")];
  boxes.forEach((box) => box.removeAttribute("tabindex"));
  boxes.filter(isWide).forEach((box) => (box.tabIndex = 0));
}
addEventListener("load", () => (window.MathJax?.startup?.promise ?? Promise.resolve()).then(() => {
  fit();
  addEventListener("resize", fit);
  document.documentElement.dataset.ready = "yes";
}));
document.addEventListener("toggle", fit, true);  // code that is unfolded
