(function () {
  "use strict";
  // The figures' own colours (plots/theme.py) and their twins on dark paper.
  var DARK = {
    "#1b1f24": "#e6e9ec", "#5c6670": "#a3adb8", "#e3e7eb": "#333a42", "#707b86": "#8d98a3",
    "#0072b2": "#56b4e9", "rgba(0,114,178,0.16)": "rgba(86,180,233,0.2)", "#fffffe": "#14171a",
    "#56b4e9": "#f4f6f8"
  };
  // What fits between the margins of A4 and of Letter; wider drawings would be cut.
  var PAPER_WIDTH = 640;
  var query = window.matchMedia("(prefers-color-scheme: dark)");
  var printing = false;

  function painted(value, key) {
    if (typeof value === "string") {
      var colour = /color$/.test(key) && Object.prototype.hasOwnProperty.call(DARK, value);
      return colour ? DARK[value] : value.replace("color:#5c6670", "color:#a3adb8");
    }
    if (Array.isArray(value)) {
      return value.map(function (each) { return painted(each, key); });
    }
    if (value && typeof value === "object") {
      var copy = {};
      Object.keys(value).forEach(function (name) { copy[name] = painted(value[name], name); });
      return copy;
    }
    return value;
  }

  function draw(place) {
    var drawing = JSON.parse(document.getElementById(place.dataset.drawing).textContent);
    var shown = query.matches && !printing ? painted(drawing, "") : drawing;
    if (printing) { shown.layout.width = PAPER_WIDTH; }
    // plotly lets its place shrink when the window is narrowed, and text would run into the chart.
    place.style.height = shown.layout.height + "px";
    window.Plotly.react(place, shown.data, shown.layout, shown.config);
  }

  function drawAll() { document.querySelectorAll(".chart").forEach(draw); }

  function openTables() {
    document.querySelectorAll("figure details").forEach(function (part) { part.open = true; });
  }

  function start() {
    // A page sent without the pack has no plotly beside it; its numbers still tell everything.
    if (!window.Plotly) { openTables(); return; }
    drawAll();
    query.addEventListener("change", drawAll);
    window.addEventListener("beforeprint", function () { printing = true; drawAll(); });
    window.addEventListener("afterprint", function () { printing = false; drawAll(); });
  }

  document.addEventListener("DOMContentLoaded", start);
})();
