"use strict";
// Search: the glossary's own entry comes first, and no excerpt shows TeX.
(() => {
  if (typeof Search === "undefined") return;  // not the search page
  const entry = `glossary > ${(new URLSearchParams(location.search).get("q") ?? "").trim().toLowerCase()}`;
  Scorer.score = ([, title, , , score]) => (title.toLowerCase() === entry ? 1000 + score : score);

  const SIGNS = { theta: "θ", lambda: "λ", alpha: "α", beta: "β", phi: "φ", mu: "μ", sigma: "σ", tau: "τ", pi: "π", psi: "ψ",
    Gamma: "Γ", mid: "|", sum: "Σ", prod: "Π", int: "∫", cdot: "·", times: "×", sim: "∼", approx: "≈", le: "≤", ge: "≥",
    leq: "≤", geq: "≥", propto: "∝", infty: "∞", to: "→", sqrt: "√", ln: "ln ", log: "log ", exp: "exp", max: "max ", min: "min ",
    varepsilon: "ε", epsilon: "ε", rho: "ρ", nu: "ν", eta: "η", delta: "δ", Delta: "Δ", gamma: "γ", kappa: "κ", ldots: "…",
    dots: "…", in: "∈", pm: "±", ne: "≠", quad: " ", qquad: " ", ",": " ", ";": " ", " ": " " };
  const words = (tex) => tex.replace(/\\([A-Za-z]+|.)/g, (_, name) => SIGNS[name] ?? "").replace(/[{}$]/g, "");
  const toText = Search.htmlToText;
  Search.htmlToText = (page, anchor) => toText(page, anchor)
    .replace(/\\\[.*?\\\]/gs, " … ").replace(/\\\((.*?)\\\)/gs, (_, tex) => words(tex));
})();
