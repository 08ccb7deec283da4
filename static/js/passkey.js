// Passkeys, where the browser knows them. What goes wrong is said beside the button.
for (const part of document.querySelectorAll("[data-passkey]")) part.hidden = !window.PublicKeyCredential;

document.addEventListener("allauth.error", (event) => {
  const word = document.querySelector("[data-passkey-error]");
  if (!word) return;
  event.preventDefault();
  word.hidden = false;
});
