// Stripe's field for a card; what was set up or paid is told to the server, which asks Stripe whether that is so.
const form = document.querySelector("[data-card]");
const told = document.getElementById("card-error");
const stripe = Stripe(form.dataset.key);
const field = stripe.elements().create("card");
field.mount("#card");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  if (form.dataset.check) {
    // Tax, shipping or the item may have changed since the page was opened; then it is opened again.
    const answer = await fetch(form.dataset.check, { method: "POST", body: new FormData(form) }).catch(() => null);
    if (answer?.status !== 204) {
      location.reload();
      return;
    }
  }
  const { error } = await stripe[form.dataset.confirm](form.dataset.secret, { payment_method: { card: field } });
  button.disabled = false;
  // An answer that was lost before: it is done, whatever is said of doing it again.
  const isDone = (error?.payment_intent ?? error?.setup_intent)?.status === "succeeded";
  if (error && !isDone) told.textContent = error.message;
  else form.submit();
});
