/* The keyboard, and the few things that pages cannot do alone. Every page works without it. */
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
  const here = () => $("[data-row].here");
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

  function stand(row) {
    if (!row) return;
    here()?.classList.remove("here");
    row.classList.add("here");
    row.scrollIntoView({ block: "nearest" });
    ($("[data-open]", row) ?? row).focus({ preventScroll: true });
  }
  function step(by) {
    const all = rows();
    if (all.length) stand(all[Math.min(all.length - 1, Math.max(0, all.indexOf(here()) + by))]);
  }

  let leader = "";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") { $("dialog[open]")?.close(); if (typing(event.target)) event.target.blur(); return; }
    if (typing(event.target)) return;
    if (leader === "g") {
      leader = "";
      const place = $(`a[data-go="${CSS.escape(event.key)}"]`);
      if (place) { event.preventDefault(); place.click(); }
      return;
    }
    const acts = {
      "/": () => $("#search")?.focus(),
      "?": () => $("#keys")?.showModal(),
      j: () => step(1), k: () => step(-1),
      g: () => { leader = "g"; setTimeout(() => { leader = ""; }, 1200); },
      x: () => $("input[type=checkbox]", here() ?? document.createElement("i"))?.click(),
    };
    const act = acts[event.key];
    if (act) { event.preventDefault(); act(); return; }
    // Any control may carry data-key: the one on the current row wins over the page's.
    const name = `[data-key="${CSS.escape(event.key)}"]`;
    const control = (here() && $(name, here())) ?? $(name);
    if (control) { event.preventDefault(); typing(control) ? control.focus() : control.click(); }
  });

  document.addEventListener("click", (event) => {
    const shut = event.target.closest("[data-shut]");
    if (shut) shut.closest(".say, dialog")?.[shut.closest("dialog") ? "close" : "remove"]();
    const show = event.target.closest("[data-show]");
    if (show) document.getElementById(show.dataset.show)?.showModal();
    const row = event.target.closest("[data-row]");
    if (row) { here()?.classList.remove("here"); row.classList.add("here"); }
  });
  // A part of the menu that somebody opened or shut by hand stays so on the next page.
  const folded = "panout-menu";
  const folds = () => JSON.parse(localStorage.getItem(folded) ?? "{}");
  for (const part of document.querySelectorAll("details[data-group]")) {
    if (folds()[part.dataset.group] && !$("[aria-current]", part)) part.open = folds()[part.dataset.group] === "open";
    $("summary", part).addEventListener("click", () => {
      localStorage.setItem(folded, JSON.stringify({ ...folds(), [part.dataset.group]: part.open ? "shut" : "open" }));
    });
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
    if (event.target.matches("[data-all]")) {
      for (const box of document.querySelectorAll(event.target.dataset.all)) box.checked = event.target.checked;
    }
  });

  // The builder writes a part of a criterion in the language for who, so that one learns it by using it.
  const quoted = (text) => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-part=add]");
    if (!add) return;
    const box = add.closest("[data-builder]");
    const chosen = $("[data-part=field]", box), value = $("[data-part=value]", box).value.trim();
    const kind = chosen.selectedOptions[0].dataset.kind, op = $("[data-part=op]", box).value;
    const number = ["number", "integer"].includes(kind) || (kind === "custom" && ["least", "most"].includes(op));
    const field = { value: kind === "custom" ? `custom.${quoted(chosen.value)}` : chosen.value };
    const deed = `signal(${quoted(chosen.value)})` + (/^\d+$/.test(value) ? ` within ${value} days` : "");
    const said = number && value !== "" && !Number.isNaN(Number(value)) ? value : quoted(value);
    const part = kind === "signal" ? (op === "not" ? `not ${deed}` : deed) : {
      is: `${field.value} = ${said}`, not: `${field.value} != ${said}`, word: `${field.value} has word ${quoted(value)}`,
      least: `${field.value} >= ${said}`, most: `${field.value} <= ${said}`,
      any: `${field.value} any of (${value.split(",").map((word) => quoted(word.trim())).join(", ")})`, known: `${field.value} is known`, within: `${field.value} within ${value} days`,
    }[op];
    const target = document.getElementById(box.dataset.builder);
    target.value = target.value.trim() ? `${target.value.trim()}\nand ${part}` : part;
    target.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form:has(.bulk-count)");
    if (form) $(".bulk-count", form).textContent = `${form.querySelectorAll("tbody input:checked").length} selected`;
  });
  addEventListener("DOMContentLoaded", () => {
    const zone = $("[data-my-zone]"), mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone && [...zone.options].some((one) => one.value === mine)) zone.value = mine;
  });

  // A page that looks fresh by itself waits while somebody types, selects or has something open on it. It asks
  // for the whole page, as a browser does: what some pages give to htmx is a part.
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.target.matches("main[data-live]") || event.detail.elt !== event.target) return;
    const busy = typing(document.activeElement ?? document.body) || $("dialog[open]") || $("tbody input:checked, main details[open]", event.target);
    if (busy) event.preventDefault();
    delete event.detail.headers["HX-Request"];
  });

  // Charts: a <div class="chart" data-chart="id-of-json-script">; a table with the same figures stands beside it.
  function draw() {
    if (!window.echarts) return;
    const style = getComputedStyle(document.documentElement);
    const token = (name) => style.getPropertyValue(name).trim();
    for (const place of document.querySelectorAll("[data-chart]")) {
      const option = JSON.parse(document.getElementById(place.dataset.chart).textContent);
      const chart = echarts.getInstanceByDom(place) ?? echarts.init(place, null, { renderer: "svg" });
      for (const name of ["xAxis", "yAxis"]) {
        if (option[name]) option[name] = { axisLabel: { color: token("--ink-soft") }, axisLine: { lineStyle: { color: token("--line") } }, axisTick: { show: false }, splitLine: { lineStyle: { color: token("--line") } }, ...option[name] };
      }
      chart.setOption({
        color: [token("--river"), token("--gold-bright"), token("--intensity"), token("--team"), token("--quiet")],
        textStyle: { color: token("--ink-soft"), fontFamily: "Inter" }, animation: false, aria: { enabled: true }, ...option,
      });
      addEventListener("resize", () => chart.resize());
    }
  }
  addEventListener("DOMContentLoaded", draw);
  document.addEventListener("htmx:afterSettle", draw);
})();
