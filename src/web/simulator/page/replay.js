// Sessions that were, step by step, and saved as transcripts.

import { element, get, spoken } from "./api.js";

const DID = { dial: "Dialled", type: "Typed", repeat: "The aggregator repeated the request", twice: "The aggregator repeated it twice at once", drop: "The call dropped" };
const STANDS = { ended: "ended", dropped: "dropped", open: "open", failed: "failed" };

const id = (name) => document.getElementById(name);
let chosen = null;
let step = 0;

/** Read the list anew. */
export async function refresh() {
  const sessions = await get("/sessions");
  id("no-sessions").hidden = sessions.length > 0;
  document.querySelector(".sessions").hidden = sessions.length === 0;
  const list = id("sessions");
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.number : null;
  list.replaceChildren(...sessions.map(listed));
  if (focused) list.querySelector(`[data-number="${focused}"]`)?.focus();
  const now = sessions.find((session) => session.number === chosen?.number);
  if (now && (now.steps !== chosen.steps || now.standing !== chosen.standing)) await choose(now.number, step);
}

function listed(session) {
  const words = `${session.steps} ${session.steps === 1 ? "step" : "steps"}, ${STANDS[session.standing]}`;
  const button = element("button", { type: "button" }, element("time", {}, session.at), ` ${spoken(session.phone)} `, element("small", {}, words));
  button.dataset.number = session.number;
  button.setAttribute("aria-pressed", session.number === chosen?.number);
  button.addEventListener("click", () => choose(session.number, 0));
  return element("li", {}, button);
}

async function choose(number, at) {
  const secrets = id("secrets").checked ? "?secrets=true" : "";
  try {
    chosen = await get(`/sessions/${number}${secrets}`);
  } catch {
    chosen = null;
    id("viewer").hidden = true;
    return;
  }
  step = Math.min(at, chosen.shown.length - 1);
  for (const button of id("sessions").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", Number(button.dataset.number) === number);
  }
  id("viewer").hidden = false;
  draw();
}

function draw() {
  const showing = chosen.shown[step];
  id("step-did").textContent = DID[showing.did] + (showing.twice ? ", sent twice at once" : "") + (showing.input === "" ? ": nothing" : showing.input ? ":" : "");
  id("step-input").textContent = showing.input ?? "";
  id("step-screen").textContent = showing.screen ?? showing.fault ?? "Call ended";
  const ends = showing.ends && showing.screen ? ", and the session ended" : "";
  const septets = showing.screen ? `, ${showing.septets} septets` : "";
  id("step-place").textContent = `${spoken(chosen.phone)}: step ${step + 1} of ${chosen.shown.length}${septets}${ends}`;
  id("first").disabled = id("previous").disabled = step === 0;
  id("next").disabled = id("last").disabled = step === chosen.shown.length - 1;
  const earlier = id("earlier").checked ? "?earlier=true" : "";
  id("save").href = `/simulator/api/sessions/${chosen.number}/transcript${earlier}`;
}

function go(to) {
  if (!chosen) return;
  step = Math.max(0, Math.min(to, chosen.shown.length - 1));
  draw();
}

id("first").addEventListener("click", () => go(0));
id("previous").addEventListener("click", () => go(step - 1));
id("next").addEventListener("click", () => go(step + 1));
id("last").addEventListener("click", () => go(Infinity));
id("earlier").addEventListener("change", () => chosen && draw());
id("secrets").addEventListener("change", () => chosen && choose(chosen.number, step));
id("viewer").addEventListener("keydown", (event) => {
  const to = { ArrowLeft: step - 1, ArrowRight: step + 1, Home: 0, End: Infinity }[event.key];
  if (to === undefined || event.target.type === "checkbox") return;
  event.preventDefault();
  go(to);
});
