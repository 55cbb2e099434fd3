// Twelve keys under an entry line: digits one press each, or letters by multi-tap, as src/phones/keypad.rs counts them.

import { element } from "./api.js";

const KEYS = [
  ["1", ".,'?!\"1-()@/:_", ""], ["2", "abc2", "abc"], ["3", "def3", "def"],
  ["4", "ghi4", "ghi"], ["5", "jkl5", "jkl"], ["6", "mno6", "mno"],
  ["7", "pqrs7", "pqrs"], ["8", "tuv8", "tuv"], ["9", "wxyz9", "wxyz"],
  ["*", "*", ""], ["0", " 0", "space"], ["#", "#", ""],
];

/** Two presses of one key within this time go to its next letter. */
const NEXT_LETTER_MS = 1000;

export class Keypad {
  #letters = false;
  #last = { key: "", at: 0, place: 0 };

  /** Put the keys after the ones that are there; `typed` hears of every change of the entry line. */
  constructor(box, entry, typed) {
    this.entry = entry;
    this.typed = typed;
    for (const [key, , letters] of KEYS) {
      const button = element("button", { type: "button", className: "key" }, key, element("small", {}, letters));
      button.dataset.key = key;
      button.setAttribute("aria-label", letters ? `${key}, ${letters}` : key.replace("*", "star").replace("#", "hash"));
      button.addEventListener("click", () => this.press(key));
      box.append(button);
    }
  }

  get letters() {
    return this.#letters;
  }

  set letters(on) {
    this.#letters = on;
    this.#last = { key: "", at: 0, place: 0 };
  }

  press(key) {
    const now = performance.now();
    const row = this.#letters ? KEYS.find(([name]) => name === key)[1] : key;
    const again = this.#letters && row.length > 1 && this.#last.key === key && now - this.#last.at < NEXT_LETTER_MS;
    const place = again ? (this.#last.place + 1) % row.length : 0;
    const before = again ? this.entry.value.slice(0, -1) : this.entry.value;
    if (before.length < this.entry.maxLength) this.entry.value = before + row[place];
    this.#last = { key, at: now, place };
    this.typed();
  }

  clear() {
    this.entry.value = this.entry.value.slice(0, -1);
    this.#last.key = "";
    this.typed();
  }
}
