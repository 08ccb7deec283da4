// Stripe's field for a card; what it has set up is told to the server, which asks Stripe whether that is so.
const form = document.querySelector("[data-card]");
const told = document.getElementById("card-error");
const stripe = Stripe(form.dataset.key);
const field = stripe.elements().create("card");
field.mount("#card");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  const { error } = await stripe.confirmCardSetup(form.dataset.secret, { payment_method: { card: field } });
  button.disabled = false;
  if (error) told.textContent = error.message;
  else form.submit();
});
