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
