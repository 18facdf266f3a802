/* Makes pages better where there is JavaScript. Every page works without it. */

const scriptAddress = document.getElementById("nhsuk-frontend").href;
document.body.classList.add("js-enabled", "nhsuk-frontend-supported");

const { initAll } = await import(scriptAddress);
initAll();

// Parts of a page that htmx brought in need their components started too.
document.body.addEventListener("htmx:afterSettle", (event) => {
  initAll({ scope: event.target });
});

// Menus close as people expect: with Escape, or by going elsewhere.
function closeMenus(except) {
  document.querySelectorAll("details.app-menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.app-menu")));
document.addEventListener("keydown", (event) => {
  const menu = document.activeElement?.closest("details.app-menu[open]");
  if (event.key !== "Escape" || !menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A button that prints is no use without JavaScript, so it is hidden until here.
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

// An htmx request that was sent elsewhere (signed out meanwhile, say) is a whole page: go there.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  const arrived = new URL(xhr.responseURL || location.href);
  if (arrived.pathname === new URL(requestConfig.path, location.href).pathname) return;
  event.detail.shouldSwap = false;
  location.assign(arrived);
});

// One that failed must not look as if nothing had been asked.
function sayItFailed() {
  const message = document.createElement("div");
  message.className = "app-message app-message--error";
  message.setAttribute("role", "alert");
  message.textContent = "This part of the page could not be brought up to date. Load the page again.";
  document.getElementById("messages").replaceChildren(message);
}
document.body.addEventListener("htmx:responseError", sayItFailed);
document.body.addEventListener("htmx:sendError", sayItFailed);
