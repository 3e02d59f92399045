// Copies ids, moves by keys, shows how far an upload is, and keeps a form from being sent twice. The pages are complete
// without it.
"use strict";
(() => {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  }

  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", () => {
      for (const button of form.querySelectorAll("button")) {
        button.disabled = true;
      }
    });
  }

  for (const form of document.querySelectorAll("form[data-upload]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const bar = form.querySelector("progress");
      const request = new XMLHttpRequest();
      bar.parentElement.hidden = false;
      request.upload.addEventListener("progress", (sent) => { bar.value = sent.loaded / sent.total; });
      request.upload.addEventListener("load", () => { bar.removeAttribute("value"); });
      request.addEventListener("load", () => {
        if (request.status < 400) {
          location.assign(request.responseURL);
        } else {
          const answer = new DOMParser().parseFromString(request.responseText, "text/html");
          document.querySelector("main").replaceWith(answer.querySelector("main"));
        }
      });
      // Without an answer the browser sends it once more and says what is wrong.
      request.addEventListener("error", () => { form.submit(); });
      request.open("POST", form.action);
      request.send(new FormData(form));
    });
  }

  const keys = document.querySelector(".keys");
  if (keys) {
    keys.hidden = false;
  }

  // The page stays as it is: only a number says how much has happened since.
  const live = document.querySelector("[data-live]");
  if (live && window.EventSource) {
    const [state, news, pause] = live.children;
    let source = null;
    let heard = 0;
    let isPaused = false;
    const say = (word, text = word) => {
      state.dataset.state = word;
      if (state.textContent !== text) {
        state.textContent = text;
      }
    };
    const end = () => {
      source?.close();
      source = null;
    };
    const begin = () => {
      end();
      heard = Date.now();
      source = new EventSource(`/ops/live${location.search.match(/[?&]merchant=[^&]*/)?.[0].replace("&", "?") ?? ""}`);
      source.onmessage = (event) => {
        heard = Date.now();
        say("live");
        const count = Number(event.data) - Number(live.dataset.live);
        if (count > 0) {
          news.hidden = false;
          news.textContent = `+${count} new`;
        }
      };
    };
    pause.addEventListener("click", () => {
      isPaused = !isPaused;
      pause.textContent = isPaused ? "Go on" : "Pause";
      if (isPaused) {
        end();
        say("paused");
      } else {
        begin();
      }
    });

    // A browser has few connections to a host: a page that nobody sees takes none.
    document.addEventListener("visibilitychange", () => {
      if (!isPaused) {
        (document.hidden ? end : begin)();
      }
    });
    setInterval(() => {
      if (source && Date.now() - heard > 25000) {
        say("stale", `stale since ${new Date(heard).toISOString().slice(11, 19)}`);
      }
    }, 1000);
    live.hidden = false;
    begin();
  }

  const rows = [...document.querySelectorAll("[data-row]")];
  let at = -1;
  let going = -Infinity;
  const move = (by) => {
    rows[at]?.classList.remove("here");
    at = Math.max(0, Math.min(rows.length - 1, at + by));
    rows[at]?.classList.add("here");
    rows[at]?.querySelector("a")?.focus();
    rows[at]?.scrollIntoView({ block: "nearest" });
  };

  // No key does more than look: none of them sends a form.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select");
    if (event.ctrlKey || event.metaKey || event.altKey || (typing && event.key !== "Escape")) {
      return;
    }

    if (event.key === "Escape" && typing) {
      typing.blur();
    } else if (event.timeStamp - going < 1500 && document.querySelector(`nav [data-key="${CSS.escape(event.key)}"]`)) {
      document.querySelector(`nav [data-key="${CSS.escape(event.key)}"]`).click();
    } else if (event.key === "g") {
      going = event.timeStamp;
    } else if (event.key === "/") {
      event.preventDefault();
      document.querySelector("input[type=search]")?.focus();
    } else if (event.key === "j") {
      move(1);
    } else if (event.key === "k") {
      move(-1);
    } else if (event.key === "r" || event.key === "p") {
      document.querySelector(`footer [data-key=${event.key}]`)?.click();
    }
  });
})();
