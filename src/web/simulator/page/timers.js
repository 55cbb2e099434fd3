// The network's patience: how long a caller may think, and how long a session lives. It runs while the page is open.

/** How much faster than the clock time runs: `?speed=30` in the address. */
export const SPEED = Math.min(Math.max(Number.parseInt(new URLSearchParams(location.search).get("speed"), 10) || 1, 1), 1000);

/** From here on a timer is red. */
const SHORT_MS = 10_000;

const still = document.getElementById("still");
still.checked = sessionStorage.getItem("still") === "true";
still.addEventListener("change", () => sessionStorage.setItem("still", still.checked));

export class Timers {
  #call = null;
  #hops = 0;
  #open = false;
  #thinking = { left: 0, of: 1 };
  #session = { left: 0, of: 1 };
  #warned = false;

  /** `over` is told which of the two ran out; `warned` hears once per screen that little time is left. */
  constructor(box, { over, warned }) {
    this.over = over;
    this.warned = warned;
    this.shows = ["thinking", "session"].map((name) => [
      box.querySelector(`progress.${name}`),
      box.querySelector(`.${name}-left`),
    ]);
  }

  /** Go by how the phone stands: each new screen gives time to think, each new call a session. */
  follow(view) {
    const started = view.call !== this.#call;
    if (started) this.#session = { left: view.session_ms - view.dialled_ms * SPEED, of: view.session_ms };
    if (started || view.hops !== this.#hops) {
      this.#thinking = { left: view.thinking_ms - view.answered_ms * SPEED, of: view.thinking_ms };
      this.#warned = false;
    }
    [this.#call, this.#hops, this.#open] = [view.call, view.hops, view.open];
    this.draw();
  }

  /** Let time pass; while an answer is on its way nobody has to think. */
  pass(ms, waiting) {
    if (!this.#open || still.checked) return;
    this.#session.left -= ms * SPEED;
    if (!waiting) this.#thinking.left -= ms * SPEED;
    this.draw();
    if (!this.#warned && this.#thinking.left < SHORT_MS) {
      this.#warned = true;
      this.warned("10 seconds left to answer.");
    }
    const ran_out = this.#session.left <= 0 ? "session" : this.#thinking.left <= 0 && !waiting ? "thinking" : null;
    if (ran_out) {
      this.#open = false;
      this.over(ran_out);
    }
  }

  draw() {
    [this.#thinking, this.#session].forEach((timer, at) => {
      const [bar, words] = this.shows[at];
      const left = this.#open ? Math.max(timer.left, 0) : 0;
      bar.value = left / timer.of;
      bar.classList.toggle("short", this.#open && left < SHORT_MS);
      const seconds = Math.ceil(left / 1000);
      words.value = this.#open ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : "–";
    });
  }
}
