// Without this, links still lead to what they name; some browsers do not open what is closed around it.
"use strict";
(() => {
  const reveal = () => {
    let id;
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = id && document.getElementById(id);
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.localName === "details") at.open = true;
    const own = target.querySelector(":scope > details");
    if (own) own.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Paper shows all that is told.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("#findings details:not([open])")];
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of closed) details.open = false; });

  // Filters for the list of all entries.
  const entries = document.getElementById("entries");
  const rows = [...entries.querySelectorAll("li[data-verdict]")];
  const verdicts = [...new Set(rows.map((row) => row.dataset.verdict))];
  if (verdicts.length < 2) return;
  const bar = document.createElement("p");
  bar.className = "filter";
  for (const verdict of ["all", ...verdicts]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = verdict.replace("-", " ");
    button.setAttribute("aria-pressed", String(verdict === "all"));
    button.addEventListener("click", () => {
      for (const row of rows) row.hidden = verdict !== "all" && row.dataset.verdict !== verdict;
      for (const other of bar.children) other.setAttribute("aria-pressed", String(other === button));
      if (verdict !== "all") for (const group of entries.querySelectorAll("details.group")) group.open = true;
    });
    bar.append(button);
  }
  entries.querySelector("h2").after(bar);
})();
