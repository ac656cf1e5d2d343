// Measures the page that it is put into and leaves the result in the page, as JSON.
"use strict";
(function () {
  const found = { violations: [] };
  document.addEventListener("securitypolicyviolation", function (event) {
    found.violations.push(event.violatedDirective + " " + event.blockedURI);
  });
  function background() { return getComputedStyle(document.body).backgroundColor; }
  function shown(node) {
    const box = node.getBoundingClientRect();
    return box.width > 0 && box.height > 0;
  }
  function smallest() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let least = Infinity;
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim() || ["SCRIPT", "STYLE", "title"].includes(parent.tagName) || !shown(parent)) { continue; }
      least = Math.min(least, parseFloat(getComputedStyle(parent).fontSize));
    }
    return least;
  }
  window.addEventListener("load", function () {
    found.width = window.innerWidth;
    found.scroll = document.documentElement.scrollWidth;
    found.smallest = smallest();
    found.pictures = Array.from(document.querySelectorAll("figure svg, .share, .bar")).map(function (svg) {
      const box = svg.getBoundingClientRect();
      return [box.width, box.height];
    });
    found.clipped = Array.from(document.querySelectorAll("body *")).filter(function (node) {
      const box = node.getBoundingClientRect();
      return box.right > window.innerWidth + 1 && !node.closest(".scroll, .chart, pre, nav, svg");
    }).map(function (node) { return node.outerHTML.slice(0, 80); });
    const table = document.querySelector(".verdicts");
    if (table) {
      const box = table.getBoundingClientRect();
      found.table = [box.width, box.height];
      found.rows = table.querySelectorAll("tbody.item").length;
      const more = table.querySelector("tr.more");
      found.closed = getComputedStyle(more).display;
      table.querySelector("details").open = true;
      found.open = getComputedStyle(more).display;
      found.because = more.textContent.trim().slice(0, 20);
      const gap = table.querySelectorAll("thead button")[4];
      const first = function () { return table.querySelector("tbody.item summary").textContent; };
      found.order = [first()];
      for (let turn = 0; turn < 3; turn += 1) { gap.click(); found.order.push(first()); }
    }
    found.wide = document.documentElement.scrollWidth;
    found.before = background();
    document.querySelector(".theme").click();
    found.after = background();
    document.querySelector(".theme").click();
    found.again = background();
    document.documentElement.dataset.measured = JSON.stringify(found);
    // A browser's window has a least width; for a phone the page stands in a frame.
    if (window.parent !== window) { window.parent.postMessage(JSON.stringify(found), "*"); }
  });
})();
