// Sends the lead form as JSON and shows the answer without leaving the page.
// The page works without this file; the server alone decides what is valid.

const form = document.getElementById("form");
const button = document.getElementById("submit");
const status = document.getElementById("status");
const summary = document.getElementById("summary");
const list = document.getElementById("summary-list");
const says = form.dataset;
const title = document.title.startsWith(says.prefix) ? document.title.slice(says.prefix.length) : document.title;

let key = newKey();
let sending = false;

copyCampaign();
form.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
list.addEventListener("click", (event) => {
  const field = event.target.closest("a") && document.getElementById(event.target.hash.slice(1));
  if (field) {
    event.preventDefault();
    field.focus();
  }
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) { // back from the receipt: what is sent now is another request
    key = newKey();
    idle();
  }
});

// One key per page view: a repeat after a lost answer is the same request.
// Browsers give randomUUID to secure origins only; elsewhere the server
// recognises a repeat by its content.
function newKey() {
  return crypto.randomUUID?.();
}

// The campaign of the address, cut to what the API takes: nobody could mend a
// hidden field.
function copyCampaign() {
  for (const [name, value] of new URLSearchParams(location.search)) {
    const field = name.startsWith("utm_") && form.elements.namedItem(name.replace("_", "."));
    if (field) field.value = value.slice(0, 200);
  }
}

async function send() {
  if (sending) return;
  sending = true;
  button.setAttribute("aria-disabled", "true");
  clear();
  status.textContent = says.sending;
  let answer;
  let body;
  try {
    answer = await fetch(form.action, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(key && { "Idempotency-Key": key }) },
      body: JSON.stringify(read()),
      signal: AbortSignal.timeout(30_000),
    });
    body = await answer.json().catch(() => ({}));
  } catch {
    idle();
    show([{ message: says.offline }]);
    return;
  }
  if (answer.status === 201 && body.reference) {
    location.assign(`${says.receipt}?ref=${encodeURIComponent(body.reference)}`);
    return; // still sending: a click while the next page loads is ignored too
  }
  idle();
  show(errorsOf(answer, body));
}

// The body has the names of the fields with dots for nesting. Empty answers are
// left out; a box that is not ticked is false.
function read() {
  const body = {};
  for (const field of form.elements) {
    const value = field.type === "checkbox" ? field.checked : field.value;
    if (!field.name || value === "") continue;
    const path = field.name.split(".");
    const last = path.pop();
    let object = body;
    for (const step of path) object = object[step] ??= {};
    object[last] = value;
  }
  return body;
}

function errorsOf(answer, body) {
  if (Array.isArray(body.errors) && body.errors.length > 0) {
    return body.errors.map(({ pointer, message }) => ({ field: fieldAt(pointer), message }));
  }
  switch (answer.status) {
    case 429:
      return [{ message: limited(answer.headers.get("Retry-After")) }];
    case 409:
      return [{ message: says.running }];
    case 422: // the key was used for other answers: these are another request
      key = newKey();
      return [{ message: says.changed }];
    default:
      return [{ message: answer.status >= 500 ? says.unavailable : says.unreadable }];
  }
}

function limited(retryAfter) {
  const minutes = Math.ceil(Number(retryAfter) / 60);
  if (!(minutes > 0)) return says.limited;
  return minutes === 1 ? says.limitedOne : says.limitedMany.replace("{n}", minutes);
}

// "/consent/accepted" names the field consent.accepted. Hidden fields and
// fields of no name here have no place of their own on the page.
function fieldAt(pointer) {
  const field = form.elements.namedItem(String(pointer).slice(1).replaceAll("/", "."));
  return field instanceof HTMLElement && field.type !== "hidden" ? field : undefined;
}

function show(errors) {
  const seen = new Set();
  const order = [...form.elements];
  errors.sort((a, b) => place(order, a) - place(order, b));
  for (const { field, message } of errors) {
    if (field && seen.has(field)) continue;
    seen.add(field);
    const line = document.createElement("li");
    if (field) {
      mark(field, message);
      const link = document.createElement("a");
      link.href = `#${field.id}`;
      link.textContent = message;
      line.append(link);
    } else {
      line.textContent = message;
    }
    list.append(line);
  }
  document.title = says.prefix + title;
  summary.hidden = false;
  summary.focus();
}

function place(order, { field }) {
  return field ? order.indexOf(field) : order.length;
}

function mark(field, message) {
  const text = document.createElement("p");
  text.className = "error";
  text.id = `${field.id}-error`;
  text.textContent = message;
  (field.closest(".check") ?? field).before(text);
  field.setAttribute("aria-invalid", "true");
  describe(field, [...described(field), text.id]);
}

function clear() {
  for (const text of form.querySelectorAll(".error")) text.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    describe(field, described(field).filter((id) => id !== `${field.id}-error`));
  }
  list.replaceChildren();
  summary.hidden = true;
  document.title = title;
}

function described(field) {
  return (field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
}

function describe(field, ids) {
  if (ids.length > 0) field.setAttribute("aria-describedby", ids.join(" "));
  else field.removeAttribute("aria-describedby");
}

function idle() {
  sending = false;
  button.removeAttribute("aria-disabled");
  status.textContent = "";
}
