// One phone: its screen, its keys, its timers, and what its network does.

import { act, element, spoken } from "./api.js";
import { Inbox } from "./inbox.js";
import { Keypad } from "./keypad.js";
import { SPEED, Timers } from "./timers.js";

const OWN_ERROR = "Connection problem or invalid MMI code.";

export class Phone {
  /** How it stands by the last answer, and whether one is on its way. */
  view = null;
  waiting = false;
  #dismissed = -1;
  #redraw = "";

  constructor(number, start, holds, { removed, acted }) {
    this.number = number;
    this.start = start;
    this.acted = acted;
    this.root = document.getElementById("phone").content.cloneNode(true).firstElementChild;
    const find = (selector) => this.root.querySelector(selector);
    [this.screen, this.entry, this.told, this.newsBox] = [".screen", ".entry", ".told", ".news"].map(find);
    this.root.setAttribute("aria-label", `Phone ${spoken(number)}`);
    find("h2").textContent = spoken(number);
    find(".holds").textContent = holds;
    find(".away").setAttribute("aria-label", `Put the phone ${spoken(number)} away`);
    find(".away").addEventListener("click", () => removed(this));
    this.entry.setAttribute("aria-label", `What you type on ${spoken(number)}`);
    this.keypad = new Keypad(find(".keys"), this.entry, () => {});
    this.timers = new Timers(this.root, {
      over: (why) => this.do({ do: "drop", why }),
      warned: (words) => this.news(words),
    });
    this.inbox = new Inbox(this.root, number, start.short_code, (words) => this.news(words));
    this.#wire(find);
    this.#switches(find);
  }

  #wire(find) {
    find(".green").addEventListener("click", () => this.green());
    find(".red").addEventListener("click", () => this.red());
    find(".clear").addEventListener("click", () => this.keypad.clear());
    const letters = find(".letters");
    letters.addEventListener("click", () => {
      this.keypad.letters = !this.keypad.letters;
      letters.setAttribute("aria-pressed", this.keypad.letters);
      find(".mode").textContent = this.keypad.letters ? "abc" : "123";
    });
    this.root.querySelector(".handset").addEventListener("keydown", (event) => this.#key(event));
  }

  /** Digits type wherever the focus is on the handset; Enter is green unless a key has the focus; Escape is red. */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target === this.entry;
    if (event.key === "Escape") this.red();
    else if (event.key === "Enter" && event.target.tagName !== "BUTTON") this.green();
    else if (!typing && /^[0-9*#]$/.test(event.key)) {
      this.entry.value += event.key;
      this.entry.focus();
    } else return;
    event.preventDefault();
  }

  #switches(find) {
    const box = find(".switches");
    for (const [code, name] of this.start.networks) {
      box.querySelector("[name=network]").append(element("option", { value: code }, name));
    }
    find(".drop").addEventListener("click", () => this.do({ do: "drop", why: "network" }));
    find(".repeat").addEventListener("click", () => this.do({ do: "repeat" }));
    find("button.twice").addEventListener("click", () => this.do({ do: "twice" }));
    const field = (name) => box.querySelector(`[name=${name}]`);
    field("network").addEventListener("change", () => this.do({ do: "roam", network: field("network").value }));
    for (const name of ["twice", "late_s", "sms", "reports"]) {
      field(name).addEventListener("change", () => {
        const switches = {
          twice: field("twice").checked,
          late_s: Number(field("late_s").value),
          sms: field("sms").value,
          reports: field("reports").value,
          speed: SPEED,
        };
        this.do({ do: "switch", switches });
      });
    }
  }

  /** The green key: dial what is typed or the service code, or send the answer, which may be blank. */
  green() {
    if (this.waiting) return;
    const typed = this.entry.value;
    this.entry.value = "";
    this.keypad.letters = this.keypad.letters;
    if (this.view?.open) this.do({ do: "type", input: typed });
    else this.do({ do: "dial", code: typed.trim() || this.start.service_code });
  }

  /** The red key: hang up, or put a screen away that is over. */
  red() {
    this.entry.value = "";
    if (this.waiting || this.view?.open) this.do({ do: "drop", why: "red_key" });
    else {
      this.#dismissed = this.view?.turn ?? -1;
      this.told.textContent = "";
      this.draw(this.view);
    }
  }

  async do(wish) {
    const shows = ["dial", "type", "repeat", "twice", "drop"].includes(wish.do);
    if (shows) {
      this.waiting = true;
      this.root.classList.add("waiting");
      this.told.textContent = "";
    }
    this.latest = (this.latest ?? 0) + 1;
    const mine = this.latest;
    try {
      const view = await act(this.number, wish);
      if (mine === this.latest) this.follow(view);
    } catch (refusal) {
      this.told.textContent = refusal.message;
    } finally {
      if (mine === this.latest) {
        this.waiting = false;
        this.root.classList.remove("waiting");
      }
      this.acted(this);
    }
  }

  /** Take in how it stands. */
  follow(view) {
    const fresh = view.turn !== this.view?.turn;
    this.view = view;
    this.timers.follow(view);
    if (fresh) this.told.textContent = view.told ?? "";
    this.draw(view);
  }

  draw(view) {
    const text = this.#text(view);
    const over = view.screen !== null && !view.open;
    const redraw = JSON.stringify([text, view, this.#dismissed]);
    if (redraw === this.#redraw) return;
    this.#redraw = redraw;
    const find = (selector) => this.root.querySelector(selector);
    if (this.screen.textContent !== text) {
      this.screen.textContent = text;
      this.screen.scrollTop = 0;
    }
    this.root.classList.toggle("open", view.open);
    this.root.classList.toggle("over", over);
    this.entry.placeholder = view.open ? "Answer" : this.start.service_code;
    find(".septets").textContent = view.screen === null ? "–" : `${view.septets} of ${this.start.screen_septets}`;
    find(".septets").classList.toggle("bad", view.septets > this.start.screen_septets);
    find(".hops").textContent = view.hops || "–";
    find(".presses").textContent = view.hops ? view.presses : "–";
    const networks = Object.fromEntries(this.start.networks);
    find(".bar .network").textContent = networks[view.network] ?? view.network;
    this.#stand(view);
  }

  #text(view) {
    if (view.turn === this.#dismissed || view.turn === 0) return `Press the green key to dial ${this.start.service_code}`;
    if (view.failed) return OWN_ERROR;
    if (view.open || view.ended) return view.screen ?? "";
    return "Call ended";
  }

  /** The switches as the server has them. */
  #stand(view) {
    const field = (name) => this.root.querySelector(`.switches [name=${name}]`);
    field("network").value = view.network;
    field("twice").checked = view.switches.twice;
    for (const name of ["late_s", "sms", "reports"]) field(name).value = view.switches[name];
    const usual = !view.switches.twice && view.switches.late_s === 0 && view.switches.sms === "arrive" && view.switches.reports === "on_time";
    this.root.querySelector(".switches").classList.toggle("unusual", !usual);
  }

  news(words) {
    this.newsBox.textContent = words;
  }
}
