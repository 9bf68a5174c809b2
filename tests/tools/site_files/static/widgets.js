"use strict";
// The big dial and the ELBO game without a kernel: the exact posterior of the Poisson-gamma model, in float64.
(() => {
  // ---- functions ----

  const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];

  function logGamma(x) {  // x above 0; Stirling's series from 12 on, its next term is below 1e-17
    let below = 1;
    for (; x < 12; x += 1) below *= x;
    let sum = 0, power = 1 / x;
    for (const term of STIRLING) {
      sum += term * power;
      power /= x * x;
    }
    return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + sum - Math.log(below);
  }

  function digamma(x) {  // the derivative of logGamma, term by term
    let below = 0;
    for (; x < 12; x += 1) below += 1 / x;
    let sum = 0, power = 1 / (x * x);
    STIRLING.forEach((term, i) => {
      sum += (2 * i + 1) * term * power;
      power /= x * x;
    });
    return Math.log(x) - 0.5 / x - sum - below;
  }

  function shareBelow(x, a) {  // of Gamma(a, rate 1): a series to the left of the mean, Lentz's fraction to its right
    const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
    if (x < a + 1) {
      let term = 1 / a, sum = term;
      for (let n = 1; term > 1e-17 * sum; n += 1) sum += term *= x / (a + n);
      return scale * sum;
    }
    let b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
    for (let n = 1, change = 0; Math.abs(change - 1) > 1e-15 && n < 10000; n += 1) {
      const step = -n * (n - a);
      b += 2;
      d = 1 / (step * d + b);
      c = b + step / c;
      change = d * c;
      h *= change;
    }
    return 1 - scale * h;
  }

  function quantile(share, a, rate) {  // bisection of ln x
    let low = -745, high = Math.log(a + 20 * Math.sqrt(a) + 40);
    for (let i = 0; i < 64; i += 1) {
      const middle = (low + high) / 2;
      if (shareBelow(Math.exp(middle), a) < share) low = middle;
      else high = middle;
    }
    return Math.exp((low + high) / 2) / rate;
  }

  const interval = ([a, rate]) => [quantile(0.05, a, rate), quantile(0.95, a, rate)];
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
  const logNormaliser = ([a, rate]) => logGamma(a) - a * Math.log(rate);

  function solveDial(data, strength, asked, digit) {
    const { template, images, pixels } = data.digits[digit];
    const seen = images.slice(0, asked).map((image) => [...image].map((letter) => parseInt(letter, 17)));
    const totals = template.map((_, j) => sum(seen.map((image) => image[j])));
    const prior = template.map((ink) => [strength * ink, strength]);
    const posterior = prior.map(([a, rate], j) => [a + totals[j], rate + seen.length]);
    const factorials = sum(seen.flat().map((count) => logGamma(count + 1)));
    const intervals = pixels.map((j) => interval(posterior[j]));
    const means = posterior.map(([a, rate]) => a / rate);
    const reach = pixels.map((j, i) => 1.1 * Math.max(intervals[i][1], means[j]));
    return {
      strength, digit, template, prior, posterior, means, pixels, intervals,
      numImages: seen.length,
      weight: strength / (strength + seen.length),
      seen: seen.length ? totals.map((total) => total / seen.length) : null,
      logEvidence: sum(posterior.map((each, j) => logNormaliser(each) - logNormaliser(prior[j]))) - factorials,
      ends: reach.map((least) => data.ends.find((end) => end >= least) ?? data.ends.at(-1)),
    };
  }

  function solveGame({ prior, counts }, mean, deviation) {
    const q = [(mean / deviation) ** 2, mean / deviation ** 2];
    const [a, b] = q, [c, d] = prior, total = sum(counts);
    const posterior = [c + total, d + counts.length];
    const factorials = sum(counts.map((count) => logGamma(count + 1)));
    const kl = (a - c) * digamma(a) - logGamma(a) + logGamma(c) + c * (Math.log(b) - Math.log(d)) + a * (d - b) / b;
    const elbo = total * (digamma(a) - Math.log(b)) - counts.length * mean - factorials - kl;
    const logEvidence = logNormaliser(posterior) - logNormaliser(prior) - factorials;
    return { mean, deviation, q, posterior, elbo, logEvidence, gap: Math.max(logEvidence - elbo, 0) };
  }

  // ---- numbers in words, as helpers/widgets/words.py writes them ----

  const short = (number, digits) => String(Number(number.toPrecision(digits)));
  const images = (number) => `${short(number, 4)} image${number === 1 ? "" : "s"}`;
  const whole = (x) => (x % 1 === 0.5 && Math.floor(x) % 2 === 0 ? Math.floor(x) : Math.round(x));
  const ink = (number) => (number < 0.005 ? "0.00" : short(number, 2));

  function percent(share) {
    if (share === 0 || share === 1 || (share >= 0.01 && share <= 0.99)) return `${whole(100 * share)}%`;
    return share < 0.5 ? "<1%" : ">99%";
  }

  function nats(number) {
    if (Math.abs(number) < 1e-3) return `${number.toExponential(0).replace(/e([+-])(\d)$/, "e$10$2")} nats`;
    if (Math.abs(number) < 100) return `${number.toFixed(2)} nats`;
    return `${Math.round(number).toLocaleString("en-US")} nats`;
  }

  // ---- pieces of a page ----

  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }
  const make = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
  const svg = (tag, attributes = {}, ...children) =>
    fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  class Number_ {  // a slider over chosen stops, and a box for any number between its ends
    constructor(label, stops, value, unit, isWhole, listen) {
      Object.assign(this, { label, stops, isWhole, value, note: "", unit });
      this.slider = make("input", { type: "range", min: 0, max: stops.length - 1, step: 1, "aria-label": label });
      this.box = make("input", { type: "number", min: stops[0], max: stops.at(-1), step: isWhole ? 1 : "any",
        "aria-label": `${label}, typed`, inputmode: "decimal" });
      this.element = make("div", { class: "number" }, make("span", { class: "name" }, label), this.slider,
        make("span", { class: "typed" }, this.box, unit ? ` ${unit}` : ""));
      this.slider.addEventListener("input", () => (this.set(stops[this.slider.value]), listen()));
      this.box.addEventListener("change", () => (this.set(this.box.value), listen()));
      this.set(value);
    }

    set(given) {
      const number = this.isWhole ? whole(Number(given)) : Number(given);
      const [least, most] = [this.stops[0], this.stops.at(-1)];
      const allowed = Math.min(Math.max(number, least), most);
      const isGood = String(given).trim() !== "" && allowed === Number(given);
      if (String(given).trim() !== "" && Number.isFinite(allowed)) this.value = allowed;
      const kind = this.isWhole ? "a whole number" : "a number";
      this.note = isGood ? "" : `${this.label} is ${kind} from ${least} to ${most}: it is now ${this.value}. `;
      const distances = this.stops.map((stop) => Math.abs(stop - this.value));
      this.slider.value = distances.indexOf(Math.min(...distances));
      this.slider.setAttribute("aria-valuetext", `${short(this.value, 4)} ${this.unit}`.trim());
      this.box.value = this.value;
    }
  }

  function density([a, rate], end) {  // points [x, y], y 1 at the peak; the same picture as helpers/widgets/curves.py
    const log = (x) => (a - 1) * Math.log(x) - rate * x;
    const peak = log(Math.max((a - 1) / rate, end / 400));
    const mean = a / rate, reach = 6 * Math.sqrt(a) / rate, least = end / 20000;
    const clip = (x, low) => Math.min(Math.max(x, low), end);
    const left = clip(mean - reach, least), right = clip(mean + reach, 2 * least);
    const between = (from, to, n) => Array.from({ length: n }, (_, i) => from + (to - from) * i / (n - 1));
    const x = [...between(least, left, 20), ...between(left, right, 140), ...between(right, end, 20)];
    return x.map((each) => [each, Math.exp(Math.min(log(each) - peak, 0.09))]);
  }

  const BOX = { width: 330, height: 200, left: 12, right: 318, top: 12, bottom: 158 };

  function plot(curves, end, area) {  // curves: {role: gamma}; area: [role, low, high]
    const at = ([x, y]) => [BOX.left + (BOX.right - BOX.left) * x / end, BOX.bottom - (BOX.bottom - BOX.top) * y / 1.1];
    const path = (points) => "M" + points.map((each) => at(each).map((c) => c.toFixed(2)).join(" ")).join("L");
    const shown = svg("svg", { viewBox: `0 0 ${BOX.width} ${BOX.height}` });
    if (area) {
      const [role, low, high] = area;
      const inside = density(curves[role], end).filter(([x]) => x >= low && x <= high);
      if (inside.length) {
        const corners = [[inside[0][0], 0], ...inside, [inside.at(-1)[0], 0]];
        shown.append(svg("path", { d: path(corners) + "Z", class: `area ${role}` }));
      }
    }
    for (const [role, gamma] of Object.entries(curves)) {
      shown.append(svg("path", { d: path(density(gamma, end)), class: `line ${role}` }));
    }
    shown.append(svg("path", { d: `M${BOX.left} ${BOX.bottom}H${BOX.right}`, class: "axis" }));
    for (const share of [0, 0.5, 1]) {
      const [x] = at([share * end, 0]);
      shown.append(svg("path", { d: `M${x} ${BOX.bottom}v5`, class: "axis" }));
      const anchor = ["start", "middle", "end"][2 * share];
      shown.append(svg("text", { x, y: BOX.bottom + 19, "text-anchor": anchor }, short(share * end, 3)));
    }
    shown.append(svg("text", { x: 165, y: BOX.bottom + 37, "text-anchor": "middle" }, "ink (counts)"));
    return shown;
  }

  const MARKS = ["#CC79A7", "#000000"];

  function pixelImage(title, values, result, colours) {
    const shown = svg("svg", { viewBox: "-0.05 -0.05 8.1 8.1", "shape-rendering": "crispEdges" });
    if (values) {
      values.forEach((value, j) => {
        const colour = colours[Math.min(Math.round(value / 16 * (colours.length - 1)), colours.length - 1)];
        shown.append(svg("rect", { x: j % 8, y: Math.floor(j / 8), width: 1.01, height: 1.01, fill: colour }));
      });
      result.pixels.forEach((j, i) => {
        for (const [stroke, width] of [["#FFFFFF", 0.3], [MARKS[i], 0.14]]) {
          shown.append(svg("rect", { x: j % 8 + 0.03, y: Math.floor(j / 8) + 0.03, width: 0.94, height: 0.94, fill: "none", stroke,
            "stroke-width": width }));
        }
      });
    } else {
      shown.append(svg("rect", { width: 8, height: 8, class: "nothing" }));
      shown.append(svg("text", { x: 4, y: 4.2, "text-anchor": "middle", style: "font-size: 0.9px" }, "nothing yet"));
    }
    return make("div", {}, make("div", { class: "title" }, title), shown);
  }

  const key = (...roles) => make("div", { class: "key" }, ...roles.map(([role, words]) => make("span", {},
    svg("svg", { viewBox: "0 0 30 8", class: "swatch" }, role === "area"
      ? svg("rect", { width: 30, height: 8, class: "area exact" })
      : svg("path", { d: "M0 4H30", class: `line ${role}` })), ` ${words}`)));

  // A widget: its controls above a picture, its words below. respond() gives {result, picture, alt, text}.
  function panel(box, controls, respond, note) {
    const picture = make("div", { class: "picture", role: "img" });
    const says = make("p", { class: "says", role: "status" });
    box.update = () => {
      const { result, parts, alt, text } = respond();
      picture.replaceChildren(...parts);
      picture.setAttribute("aria-label", alt);
      says.textContent = controls.map((control) => control.note ?? "").join("") + text;
      box.result = result;
    };
    const row = make("div", { class: "controls" }, ...controls.map((control) => control.element));
    box.replaceChildren(make("p", { class: "note" }, note), row, picture, says);
    box.update();
  }

  function dial(box, data) {
    const listen = () => box.update();
    const [strength, numImages, digit] = [
      new Number_("Prior strength", data.stops.strength, data.first[0], "images", false, listen),
      new Number_("Images seen", data.stops.images, data.first[1], "", true, listen),
      new Number_("Digit", data.stops.digit, data.first[2], "", true, listen),
    ];
    const names = ["inked in the typeface", "empty in the typeface"];
    const respond = () => {
      const result = solveDial(data, strength.value, numImages.value, digit.value);
      const { weight, pixels, intervals, means } = result;
      const shares = [percent(weight), percent(1 - weight)];
      const words = pixels.map((j, i) =>
        `the pixel ${names[i]}: ${ink(means[j])} counts (90% from ${ink(intervals[i][0])} to ${ink(intervals[i][1])})`);
      const all = result.numImages === data.digits[result.digit].images.length ? "all " : "";
      const text = `Digit ${result.digit}. Prior worth ${images(result.strength)}, ${all}${images(result.numImages)} seen: ` +
        `the posterior is ${shares[0]} knowledge, ${shares[1]} data. Average ink of ${words.join("; of ")}. ` +
        `ln p(X) = ${result.logEvidence.toFixed(2)} nats. ` +
        `The axes of the two pixels end at ${result.ends.join(" and ")} counts.`;
      const saw = result.seen ? `the mean of ${images(result.numImages)} seen` : "a blank, for no image was seen";
      const alt = `Three images of the digit ${result.digit}: the typeface's (${shares[0]} of the answer), ${saw} ` +
        `(${shares[1]}), and the posterior mean. Below, prior and exact posterior for two pixels: ` +
        `${words.join("; ")}.`;
      const parts = [
        make("div", { class: "three" }, ...[["what you believed", result.template], ["what you saw", result.seen],
          ["what you now think", means]].map(([title, values]) => pixelImage(title, values, result, data.colours))),
        make("div", { class: "shares" }, make("span", {}, `${shares[0]} knowledge`),
          make("div", { class: "bar" }, make("div", { style: `width: ${100 * weight}%` })), make("span", {}, `${shares[1]} data`)),
        key(["prior", "prior"], ["exact", "exact posterior"], ["area", "its central 90%"]),
        make("div", { class: "two" }, ...pixels.map((j, i) => make("div", {},
          make("div", { class: "title" }, make("span", { class: "mark", style: `background: ${MARKS[i]}` }), names[i]),
          plot({ prior: result.prior[j], exact: result.posterior[j] }, result.ends[i], ["exact", ...intervals[i]])))),
      ];
      return { result, parts, alt, text };
    };
    panel(box, [strength, numImages, digit], respond, "This page has no kernel: your browser computes the exact posterior. " +
      "In the notebook the same dial refits q by variational inference at every move, and shows how its ELBO climbs to ln p(X).");
  }

  function game(box, data) {
    const listen = () => box.update();
    const mean = new Number_("Mean of q", data.stops.mean, data.first[0], "counts", false, listen);
    const deviation = new Number_("Standard deviation", data.stops.deviation, data.first[1], "counts", false, listen);
    const peek = make("input", { type: "checkbox" });
    peek.addEventListener("change", listen);
    const peeking = { element: make("label", { class: "peek" }, peek, " show the posterior") };
    let best = Infinity;
    const respond = () => {
      const result = solveGame(data, mean.value, deviation.value);
      const { q, elbo, gap, logEvidence, posterior } = result;
      best = Math.min(best, gap);
      const [m, s] = [short(mean.value, 3), short(deviation.value, 3)];
      const text = `q: mean ${m}, standard deviation ${s} counts. ELBO ${elbo.toFixed(2)} nats, ${nats(gap)} below the ` +
        `evidence (${logEvidence.toFixed(2)}): that gap is the KL from q to the posterior. Your best so far: ${nats(best)}.` +
        (best < data.won ? ` You have won: it is below ${data.won} nats.` : "");
      const where = peek.checked ? ` The posterior is shown: mean ${short(posterior[0] / posterior[1], 3)} counts.` : "";
      const alt = `Left, the density of q over the pixel's rate, mean ${m} and standard deviation ${s} counts.${where} ` +
        `Right, a bar: its ELBO, ${nats(gap)} below the line of the evidence, ${logEvidence.toFixed(2)} nats.`;
      const height = 150 * Math.min(Math.max(data.depth - gap, 0), data.depth) / data.depth, top = 178 - height;
      const middle = Math.min(Math.max((28 + top) / 2, 50), 165);
      const hatch = svg("pattern", { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse" },
        svg("path", { d: "M-1 1L1 -1M-1 7L7 -1M5 7L7 5", class: "stroke" }));
      const bar = svg("svg", { viewBox: "0 0 210 200" }, svg("defs", {}, hatch),
        svg("rect", { x: 52, y: 28, width: 60, height: top - 28, class: "gap" }),
        svg("rect", { x: 52, y: top, width: 60, height, class: "elbo" }),
        svg("path", { d: "M40 28H124", class: "line exact" }),
        svg("text", { x: 82, y: 20, "text-anchor": "middle", class: "exact" }, "evidence"),
        ...[0, 0.5, 1].map((share) => svg("text", { x: 36, y: 32 + 150 * share, "text-anchor": "end" },
          (logEvidence - share * data.depth).toFixed(1).replace("-", "\u2212"))),
        svg("text", { x: 118, y: middle, class: "exact" }, "gap: KL"),
        svg("text", { x: 118, y: middle + 15, class: "exact" }, nats(gap)),
        ...(height > 40 ? [svg("text", { x: 82, y: top + height / 2 + 5, "text-anchor": "middle", class: "on" }, "ELBO")] : []));
      const curves = peek.checked ? { exact: posterior, q } : { q };
      const parts = [key(["q", "q"], ["exact", "posterior, if you peek"]),
        make("div", { class: "game" }, plot(curves, data.end), bar)];
      return { result, parts, alt, text };
    };
    panel(box, [mean, deviation, peeking], respond, "This page has no kernel: your browser computes the ELBO, the evidence and, " +
      "if you peek, the exact posterior, as the notebook does.");
  }

  for (const box of document.querySelectorAll(".live")) {
    const data = JSON.parse(box.querySelector("script").textContent);
    ({ dial, game })[box.dataset.widget](box, data);
  }
})();
