// While a run is under way, ask every five seconds whether it has published; rest while hidden.
"use strict";
const chipNow = document.getElementById("freshness");
if (chipNow && chipNow.dataset.state === "running") {
  const shown = document.body.dataset.version;
  const timer = setInterval(async () => {
    if (document.hidden) return;
    try {
      // The browser asks with If-None-Match; an unchanged answer costs a few bytes.
      const answer = await fetch("/meta.json", { cache: "no-cache" });
      if (!answer.ok) return;
      const version = (await answer.json()).meta.data_version;
      if (version !== shown) { clearInterval(timer); location.reload(); }
    } catch { /* The server is away; the next try comes by itself. */ }
  }, 5000);
}
