// Passkeys: the browser's part of a WebAuthn ceremony. A form[data-passkey="create" or "get"] holds the options; the
// answer goes into its hidden field, and the form goes out like any other.

const translate = {
  create: (options) => PublicKeyCredential.parseCreationOptionsFromJSON(options),
  get: (options) => PublicKeyCredential.parseRequestOptionsFromJSON(options),
};

/** Why it did not work, for people. */
function trouble(error) {
  if (error.name === "InvalidStateError") return "This device has a passkey for you already.";
  if (error.name === "NotAllowedError") return "It was cancelled, or took too long. Try again.";
  return "This browser or device could not do it. Try another.";
}

/** While nobody presses the button, passkeys stand among what the browser offers for the name (conditional mediation). */
let waiting;

async function offer(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  waiting = new AbortController();
  try {
    const publicKey = translate.get(JSON.parse(form.dataset.options));
    const credential = await navigator.credentials.get({ publicKey, mediation: "conditional", signal: waiting.signal });
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  } catch {
    // Nobody chose one; the button and the password are there.
  }
}

async function ceremony(form) {
  waiting?.abort();
  const kind = form.dataset.passkey;
  const says = form.querySelector("[data-trouble]");
  const button = form.querySelector("[type=submit]");
  says.hidden = true;
  button.disabled = true;
  try {
    const publicKey = translate[kind](JSON.parse(form.dataset.options));
    const credential = await navigator.credentials[kind]({ publicKey });
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  } catch (error) {
    button.disabled = false;
    says.textContent = trouble(error);
    says.hidden = false;
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    document.querySelectorAll("[data-passkey-unknown]").forEach((words) => (words.hidden = false));
    continue;
  }
  form.hidden = false;
  form.querySelector("[autofocus]")?.focus();
  if ("conditional" in form.dataset) offer(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.reportValidity()) ceremony(form);
  });
}
