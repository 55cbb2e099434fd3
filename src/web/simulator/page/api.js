// What the page asks of its server. Every answer is JSON; a refusal is a problem (RFC 9457) with a sentence.

const BASE = "/simulator/api";

async function answered(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.detail ?? `The simulator answered with ${response.status}.`);
  return body;
}

async function asked(path, options) {
  let response;
  try {
    response = await fetch(BASE + path, options);
  } catch {
    throw new Error("The gateway does not answer. Is it still running?");
  }
  return answered(response);
}

export const get = (path) => asked(path);

/** Do something on a phone; gives how it stands then. */
export const act = (number, wish) =>
  asked(`/phones/${encodeURIComponent(number)}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(wish),
  });

/** `+254700000010` as people write it: `0700 000 010`. */
export function spoken(number) {
  const home = number.replace(/^\+254/, "0");
  return home.replace(/^(\d{4})(\d{3})(\d{3})$/, "$1 $2 $3");
}

/** An element with properties and children; no markup is ever read from a string. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
