// Names for what the admin's own scripts draw: without them a screen reader says "combobox", and not of what.
function nameControls() {
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    const name = select.getAttribute("aria-label") || label?.textContent.trim().replace(/:$/, "");
    const box = select.nextElementSibling?.querySelector(".select2-selection");
    const shown = box?.querySelector(".select2-selection__rendered");
    if (!name || !shown) continue;
    shown.setAttribute("aria-label", `${name}: ${shown.textContent.trim()}`);
    box.removeAttribute("aria-labelledby");
    box.setAttribute("aria-label", name);
  }
  for (const table of document.querySelectorAll(".inline-group .tabular")) {
    if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;  // so that the arrow keys scroll it
  }
  for (const help of document.querySelectorAll("span.help-tooltip[aria-label]")) help.setAttribute("role", "img");
}

// They are drawn some time after this script runs, and drawn again with every choice and every added row.
nameControls();
new MutationObserver(nameControls).observe(document.body, { childList: true, subtree: true });
