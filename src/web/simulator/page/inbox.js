// The messages of a phone: what it has, and what the gateway knows that the person does not see.

import { act, element } from "./api.js";

const FATES = {
  queued: () => "waits for a route",
  sent: (by) => `sent${by}, no report yet`,
  delivered: (by) => `delivered${by}`,
  refused: () => "refused",
  expired: () => "too old to be sent",
};

const REASONS = {
  line_blocks: "the line blocks our SMS (406 UserInBlacklist)",
  bad_number: "no such number",
  phone_away: "the phone is off or out of reach",
  phone_full: "the phone is full",
  line_inactive: "the line is suspended",
  our_side: "the fault is on our side",
  no_route: "no way to this network",
  unknown: "no reason given",
};

/** What became of a message, in words, and how it is marked. */
function fate(entry) {
  if (entry.kind === "written") return entry.arrived ? ["taken by the gateway", "good"] : ["not taken by the gateway", "bad"];
  if (entry.fate === null) return ["arrived; the gateway does not know it yet", "open"];
  if (entry.fate === "refused") return [`did not arrive: ${REASONS[entry.reason] ?? "refused"}`, "bad"];
  const by = entry.by ? ` by ${entry.by}` : "";
  if (entry.silent) return [`sent${by}: no report came in time, so it went again another way`, "open"];
  if (entry.arrived) return [FATES[entry.fate](by), entry.fate === "delivered" ? "good" : "open"];
  return [`has not arrived; the gateway says: ${FATES[entry.fate](by)}`, entry.fate === "queued" ? "open" : "bad"];
}

function length(entry) {
  if (entry.kind === "call") return "a call: what the voice says";
  const unit = entry.gsm7 ? "septets" : "UCS-2 units";
  return `${entry.parts} ${entry.parts === 1 ? "segment" : "segments"}, ${entry.units} ${unit}`;
}

function drawn(entry) {
  const [words, mark] = fate(entry);
  const item = element("li", { className: `message ${entry.kind} ${entry.arrived ? "" : "unseen"}` });
  item.append(
    element("p", { className: "head" }, element("time", {}, entry.at), element("span", {}, entry.words === null ? "" : length(entry))),
    element("p", { className: "words" }, entry.words ?? "(its words are not kept)"),
    element("p", { className: `fate ${mark}` }, words),
  );
  if (entry.trace.length > 0) {
    const steps = entry.trace.map((step) => element("li", {}, step));
    item.append(element("details", {}, element("summary", {}, "What happened to it"), element("ol", {}, ...steps)));
  }
  return item;
}

export class Inbox {
  #drawn = new Map();
  #known = null;

  constructor(phone, number, short_code, news) {
    this.list = phone.querySelector(".inbox ol");
    this.none = phone.querySelector(".inbox .none");
    this.news = news;
    const form = phone.querySelector(".write");
    const label = form.querySelector("label");
    const words = form.elements.words;
    words.id = `words-${number.slice(1)}`;
    label.htmlFor = words.id;
    label.textContent = `Write an SMS to ${short_code}`;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        await act(number, { do: "write", words: words.value });
        words.value = "";
      } catch (refusal) {
        news(refusal.message);
      }
    });
  }

  /** Draw what has changed and leave the rest alone: it may be open, selected or being read out. */
  draw(entries) {
    this.none.hidden = entries.length > 0;
    const items = entries.map((entry) => {
      const key = JSON.stringify(entry);
      const before = this.#drawn.get(entry.id);
      if (before?.key === key) return [entry.id, before];
      const item = drawn(entry);
      const details = item.querySelector("details");
      if (details) details.open = before?.item.querySelector("details")?.open ?? false;
      return [entry.id, { key, item }];
    });
    this.#drawn = new Map(items);
    const wanted = items.map(([, { item }]) => item);
    if (wanted.length !== this.list.children.length || wanted.some((item, at) => this.list.children[at] !== item)) {
      this.list.replaceChildren(...wanted);
    }
    this.#tell(entries);
  }

  #tell(entries) {
    const arrived = entries.filter((entry) => entry.kind !== "written" && entry.arrived);
    const fresh = arrived.filter((entry) => this.#known && !this.#known.has(entry.id));
    this.#known = new Set(arrived.map((entry) => entry.id));
    for (const entry of fresh) this.news(`${entry.kind === "call" ? "A call" : "New SMS"}: ${entry.words}`);
  }
}
