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
