/* The quiet timer of a block: minutes that go by, without a sound. The page tells them without it, too. */
(() => {
  const line = document.querySelector("progress[data-began]");
  const left = document.querySelector("[data-left]");
  if (!line || !left) return;
  const began = Date.parse(line.dataset.began);
  // The server's clock may be another one than this machine's: go on from what the page said.
  const skew = Date.now() - began - line.value * 60000;
  function tell() {
    const gone = Math.min(90, (Date.now() - began - (Math.abs(skew) > 120000 ? skew : 0)) / 60000);
    line.value = gone;
    left.textContent = gone >= 90 ? "over" : `${Math.ceil(90 - gone)} min`;
  }
  tell();
  setInterval(tell, 10000);
})();
