"use strict";
const BREAKS = /^mjx-c(3D|2248|2264|2265|221D|223C|2B|2212|2261|2192|21D2)$/;  // = ≈ ≤ ≥ ∝ ∼ + − ≡ → ⇒

// Lines of a formula that is wider than its box: each begins at a gap, or else at a relation or a sign, as late as its width allows.
function breakLines(formula) {
  const parts = [...formula.querySelector("mjx-math")?.children ?? []];
  let start = null, last = null, gap = null;
  for (let part; (part = parts.shift());) {
    const { left, right } = part.getBoundingClientRect();
    start ??= left;
    if (part.matches("mjx-mstyle, mjx-texatom, mjx-mrow") && right - left > 0.6 * formula.clientWidth) {
      parts.unshift(...part.children);
      continue;
    }
    if (right - start > formula.clientWidth && (last = gap ?? last)) {
      const line = Object.assign(document.createElement("span"), { className: "new-line" });  // a block, so that what follows starts below it
      last.before(line);
      start = last.getBoundingClientRect().left;
      last = gap = null;
    }
    if (left > start && right - left > 8 && part.matches(":has(> mjx-mspace)")) gap = part;
    if (left > start && BREAKS.test(part.firstElementChild?.className)) last = part;
  }
}

// A formula too wide for the page is broken into lines, then set smaller, to 60% at least;
// a table, to 70%; what still scrolls sideways takes the keyboard.
function fit() {
  const formulas = [...document.querySelectorAll("div.math")], isWide = (box) => box.scrollWidth > box.clientWidth;
  formulas.forEach((formula) => (formula.style.fontSize = ""));
  document.querySelectorAll("mjx-math .new-line").forEach((line) => line.remove());
  formulas.filter(isWide).forEach(breakLines);
  const tooWide = formulas.filter(isWide), shares = tooWide.map((formula) => formula.clientWidth / formula.scrollWidth);
  tooWide.forEach((formula, i) => (formula.style.fontSize = `${Math.max(98 * shares[i], 60)}%`));
  const tables = [...document.querySelectorAll(".table-wrapper")];
  tables.forEach((box) => (box.style.fontSize = ""));
  tables.filter(isWide).forEach((box) => (box.style.fontSize = `${Math.max(90 * box.clientWidth / box.scrollWidth, 70)}%`));
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

// A name in a narrow table breaks after an underscore or a dot, and nowhere else.
for (const name of document.querySelectorAll("table code .pre"))
  name.innerHTML = name.innerHTML.replace(/[_.](?=[A-Za-z])/g, "$&<wbr>");

// What a term means opens under it: for the mouse, for the keyboard's focus, and at a finger's first tap (the second follows).
const said = document.createElement("span");
said.id = "said";
said.role = "tooltip";
let open = null, wasOpen = null;
function close() {
  open?.removeAttribute("aria-describedby");
  said.remove();
  open = null;
}
function say(term) {
  if (term === open) return;
  close();
  open = term;
  said.textContent = term.dataset.said;
  term.setAttribute("aria-describedby", said.id);
  document.body.append(said);
  const { left, bottom } = term.getBoundingClientRect();
  said.style.left = `${Math.max(8, Math.min(left, document.documentElement.clientWidth - said.offsetWidth - 8)) + scrollX}px`;
  said.style.top = `${bottom + scrollY}px`;
}
const termOf = (event) => event.target.closest?.("a.term");
document.addEventListener("focusin", (event) => (termOf(event) ? say(termOf(event)) : close()));
document.addEventListener("focusout", close);
document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse" || event.target === said) return;
  if (termOf(event)) say(termOf(event));
  else if (document.activeElement !== open) close();
});
document.addEventListener("keydown", (event) => event.key === "Escape" && close());
document.addEventListener("pointerdown", (event) => {
  wasOpen = open;
  if (!termOf(event) && event.target !== said) close();
});
document.addEventListener("click", (event) => {
  if (event.pointerType !== "touch" || !termOf(event) || termOf(event) === wasOpen) return;
  event.preventDefault();
  say(termOf(event));
});
