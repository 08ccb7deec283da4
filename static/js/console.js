// Small helps; every page works without them.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  const before = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => { button.textContent = before; }, 2000);
});

// A banner's crops on page and phone, before it is uploaded.
document.addEventListener("change", (event) => {
  const input = event.target.closest("[data-banner]");
  const box = document.getElementById("banner-crops");
  if (!input || !box || !input.files.length) return;
  const reader = new FileReader();
  reader.addEventListener("load", () => {
    for (const image of box.querySelectorAll("img")) {
      image.removeAttribute("srcset");
      image.src = reader.result;
    }
    box.hidden = false;
  });
  reader.readAsDataURL(input.files[0]);
});

// The preview follows what is typed. Each goes into a frame of its own, so that *Back* does not leaf through them;
// a chosen file stays out of it.
const live = document.querySelector("[data-live]");
let soon, frames = 0;
function refresh() {
  const shown = [...document.querySelectorAll(".live-box iframe")];
  const old = shown.at(-1);
  const fresh = old.cloneNode();
  fresh.removeAttribute("src");
  fresh.name = live.formTarget = `live-${++frames}`;
  old.after(fresh);
  fresh.addEventListener("load", () => shown.forEach((frame) => frame.remove()), { once: true });
  const files = [...live.form.elements].filter((field) => field.type === "file" && !field.disabled);
  for (const field of files) field.disabled = true;
  live.form.requestSubmit(live);
  for (const field of files) field.disabled = false;
}
document.addEventListener("input", (event) => {
  if (!live || event.target.form !== live.form || event.target.type === "file") return;
  clearTimeout(soon);
  soon = setTimeout(refresh, 400);
});

// What was typed and not saved is not lost without a question.
const guarded = document.querySelector("[data-guard]");
let unsaved = false;
document.addEventListener("input", (event) => { if (guarded && event.target.form === guarded) unsaved = true; });
document.addEventListener("submit", (event) => { if (event.target === guarded && event.submitter !== live) unsaved = false; });
addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
