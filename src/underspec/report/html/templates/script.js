"use strict";
(function () {
  const root = document.documentElement;
  root.dataset.script = "on";

  const theme = document.querySelector(".theme");
  function isDark() {
    const system = window.matchMedia("(prefers-color-scheme: dark)").matches;
    return root.dataset.theme ? root.dataset.theme === "dark" : system;
  }
  function name() { theme.textContent = isDark() ? "Light" : "Dark"; }
  theme.addEventListener("click", function () {
    root.dataset.theme = isDark() ? "light" : "dark";
    name();
  });
  name();

  // Sorting: largest first, then smallest first, then back to families.
  const table = document.querySelector(".verdicts");
  if (table) {
    const rows = Array.from(table.querySelectorAll("tbody.item"));
    const families = Array.from(table.querySelectorAll("tbody.family"));
    const order = Array.from(table.querySelectorAll("tbody"));
    const heads = Array.from(table.querySelectorAll("thead th"));
    const next = { none: "descending", descending: "ascending", ascending: "none" };
    heads.forEach(function (head, at) {
      head.querySelector("button").addEventListener("click", function () {
        const turn = next[head.getAttribute("aria-sort") || "none"];
        heads.forEach(function (one) { one.setAttribute("aria-sort", "none"); });
        head.setAttribute("aria-sort", turn);
        const sign = turn === "descending" ? -1 : 1;
        const key = function (row) { return Number(row.dataset.keys.split(" ")[at]); };
        const sorted = turn === "none" ? order
          : rows.slice().sort(function (a, b) { return sign * (key(a) - key(b)); });
        families.forEach(function (one) { one.classList.toggle("hidden", turn !== "none"); });
        sorted.forEach(function (one) { table.appendChild(one); });
      });
    });
    const all = document.querySelector(".all");
    all.addEventListener("click", function () {
      const open = all.getAttribute("aria-pressed") !== "true";
      table.querySelectorAll("details").forEach(function (one) { one.open = open; });
      all.setAttribute("aria-pressed", String(open));
      all.textContent = open ? "Close all rows" : "Open all rows";
    });
    // A link from the map opens the row that it leads to.
    const opened = function () {
      const row = document.getElementById(window.location.hash.slice(1));
      const details = row && row.querySelector("details");
      if (details) { details.open = true; }
    };
    window.addEventListener("hashchange", opened);
    opened();
  }

  // Only a picture that is wider than its place is said to be.
  document.querySelectorAll(".chart.fixed").forEach(function (chart) {
    const fits = chart.scrollWidth <= chart.clientWidth;
    chart.previousElementSibling.classList.toggle("needless", fits);
  });

  // Lines: the one under the pointer is named; a click holds it.
  const said = document.querySelector(".key output");
  document.querySelectorAll(".v").forEach(function (line) {
    line.addEventListener("pointerenter", function () { said.textContent = line.dataset.said; });
    line.addEventListener("click", function () {
      const on = line.classList.contains("on");
      document.querySelectorAll(".v.on").forEach(function (one) { one.classList.remove("on"); });
      line.classList.toggle("on", !on);
      line.parentNode.appendChild(line);
    });
  });
})();
