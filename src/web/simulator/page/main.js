// The page: which phones lie on the table, and how they are kept up to date.

import { get } from "./api.js";
import { Phone } from "./phone.js";
import { refresh } from "./replay.js";
import { SPEED } from "./timers.js";

const POLL_MS = 1000;
const TICK_MS = 200;
/** How many of the offered phones lie on a wide table at first. */
const MOST_AT_ONCE = 4;
const table = document.getElementById("phones");
const alertBox = document.getElementById("alert");
const phones = [];

function alarm(words) {
  alertBox.textContent = words;
  alertBox.hidden = words === "";
}

/** The numbers in the address: `#254700000010,254700000001`. */
const inAddress = () => location.hash.slice(1).split(",").filter(Boolean).map((number) => `+${number}`);

function keepAddress() {
  history.replaceState(null, "", `#${phones.map((phone) => phone.number.slice(1)).join(",")}`);
}

/** Put a phone on the table; the server says how its number is written. */
async function lay(number, start) {
  const [view] = await get(`/phones?of=${encodeURIComponent(number)}`);
  if (!view || phones.some((phone) => phone.number === view.number)) return null;
  const holds = start.phones.find((offered) => offered.number === view.number)?.holds ?? "";
  const phone = new Phone(view.number, start, holds, { removed: remove, acted: () => attempt(refresh) });
  phones.push(phone);
  table.append(phone.root);
  phone.follow(view);
  phone.inbox.draw(view.inbox);
  keepAddress();
  return phone;
}

function remove(phone) {
  phones.splice(phones.indexOf(phone), 1);
  phone.root.remove();
  keepAddress();
  document.getElementById("number").focus();
}

async function poll() {
  if (phones.length === 0) return;
  const begun = phones.map((phone) => phone.latest ?? 0);
  const asked = [...phones];
  const views = await get(`/phones?of=${asked.map((phone) => encodeURIComponent(phone.number)).join(",")}`);
  asked.forEach((phone, at) => {
    phone.inbox.draw(views[at].inbox);
    // What was done since the question is newer than its answer.
    if (!phone.waiting && (phone.latest ?? 0) === begun[at]) phone.follow(views[at]);
  });
}

async function attempt(work) {
  try {
    await work();
    alarm("");
  } catch (refusal) {
    alarm(refusal.message);
  }
}

async function begin() {
  const start = await get("/start");
  document.getElementById("code").textContent = start.service_code;
  for (const offered of start.phones) {
    document.getElementById("offered").append(new Option(offered.holds, offered.number));
  }
  const room = matchMedia("(min-width: 45rem)").matches ? MOST_AT_ONCE : 1;
  const numbers = inAddress().length > 0 ? inAddress() : start.phones.slice(0, room).map((offered) => offered.number);
  for (const number of numbers) await lay(number, start).catch((refusal) => alarm(refusal.message));
  const form = document.getElementById("add");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await attempt(async () => {
      const phone = await lay(form.elements.number.value, start);
      form.reset();
      phone?.entry.focus();
    });
  });
  if (SPEED > 1) document.title += ` (time runs ${SPEED} times as fast)`;
  await refresh();
  keepUp();
  let before = performance.now();
  setInterval(() => {
    const now = performance.now();
    for (const phone of phones) phone.timers.pass(now - before, phone.waiting);
    before = now;
  }, TICK_MS / Math.min(SPEED, 10));
}

/** One question after the other: a slow answer is waited for, never overtaken. */
async function keepUp() {
  await attempt(poll);
  setTimeout(keepUp, POLL_MS);
}

attempt(begin);
