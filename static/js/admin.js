// Names for what the admin's own scripts draw: without them a screen reader says "combobox", and not of what.
function nameComboboxes() {
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
  for (const help of document.querySelectorAll("span.help-tooltip[aria-label]")) help.setAttribute("role", "img");
}

// They are drawn some time after this script runs, and drawn again with every choice and every added row.
nameComboboxes();
new MutationObserver(nameComboboxes).observe(document.body, { childList: true, subtree: true });
