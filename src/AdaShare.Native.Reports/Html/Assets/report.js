"use strict";
// The policy over time: the slider shows what stood in the log at a step; without a script the last one stays.
for (const scrub of document.querySelectorAll(".scrub")) {
  const frames = JSON.parse(document.getElementById(scrub.dataset.frames).textContent);
  const table = document.getElementById(scrub.dataset.table);
  const slider = scrub.querySelector("input"), label = scrub.querySelector("output"), button = scrub.querySelector("button");
  const show = i => {
    label.textContent = frames[i].label;
    slider.setAttribute("aria-valuetext", frames[i].label);
    [...table.tBodies[0].rows].forEach((row, t) => [...row.querySelectorAll("td")].forEach((cell, b) => {
      const p = frames[i].p[t][b];
      cell.style.setProperty("--p", p);
      cell.textContent = Math.round(100 * p);
      cell.classList.toggle("dark", p > 0.55);
    }));
  };
  slider.addEventListener("input", () => show(slider.valueAsNumber));
  let timer = 0;
  const stop = () => { clearInterval(timer); timer = 0; button.textContent = "play"; };
  button.addEventListener("click", () => {
    if (timer) { stop(); return; }
    if (slider.valueAsNumber === frames.length - 1) { slider.value = 0; show(0); }
    button.textContent = "stop";
    timer = setInterval(() => {
      if (slider.valueAsNumber === frames.length - 1) { stop(); return; }
      slider.value = slider.valueAsNumber + 1;
      show(slider.valueAsNumber);
    }, Math.max(40, 4000 / frames.length));
  });
  scrub.hidden = false;
}
// Folded parts are printed too.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(d => { d.open = true; }));
