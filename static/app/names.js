/* Offers names while an @ is typed in a box with data-names. Without it, names are chosen from the
   list below the box, or typed in full. */

const form = document.querySelector("[data-names-form]");
const box = form?.querySelector("[data-names]");
const query = form?.querySelector("[data-names-query]");
const list = document.getElementById("names");

// The beginning of a name between an @ and the cursor: up to three words.
function begun() {
  const before = box.value.slice(0, box.selectionStart);
  return /(?:^|[\s(])@((?:[^\s@]+ ){0,2}[^\s@]*)$/.exec(before)?.[1] ?? "";
}

let asked = "";
let timer;
function offer() {
  const typed = begun().trim();
  clearTimeout(timer);
  if (!typed) {
    close();
    return;
  }
  if (typed === asked) return;
  timer = setTimeout(() => {
    asked = typed;
    query.disabled = false;
    query.value = typed;
    htmx.trigger(query, "names");
    query.disabled = true;
  }, 200);
}

// What was still to be asked or answered does not take the place of what somebody has chosen.
function hold() {
  clearTimeout(timer);
  htmx.trigger(query, "htmx:abort");
}

function close() {
  hold();
  asked = "";
  list.replaceChildren();
}

function insert(name) {
  const end = box.selectionStart;
  const start = end - begun().length;
  box.setRangeText(`${name} `, start, end, "end");
  close();
  box.focus();
}

if (box && list) {
  box.addEventListener("input", offer);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    const first = list.querySelector("button");
    if (event.key !== "ArrowDown" || !first || !begun()) return;
    event.preventDefault();
    hold();
    first.focus();
  });
  list.addEventListener("click", (event) => {
    const one = event.target.closest("[data-name]");
    if (one) insert(one.dataset.name);
  });
  list.addEventListener("keydown", (event) => {
    const move = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (event.key === "Escape") {
      close();
      box.focus();
    }
    if (!move) return;
    event.preventDefault();
    (document.activeElement[move] ?? box).focus();
  });
}
