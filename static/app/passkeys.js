/* Passkeys and security keys: asks the browser for one and posts what it answers.

   A form with data-passkey="get" or "create" is shown where the browser knows passkeys. Its options
   are in #passkey-options, or fetched from data-passkey-options at the moment they are needed. */

const form = document.querySelector("form[data-passkey]");
if (form && window.PublicKeyCredential) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const credential = await ask(form, await optionsFor(form));
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch (problem) {
      say(form, problem);
    }
  });
}

async function optionsFor(form) {
  const address = form.dataset.passkeyOptions;
  if (!address) return JSON.parse(document.getElementById("passkey-options").textContent);
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

async function ask(form, options) {
  if (form.dataset.passkey === "get") {
    const asked = options.request_options.publicKey;
    asked.challenge = bytes(asked.challenge);
    asked.allowCredentials = listed(asked.allowCredentials);
    return plain(await navigator.credentials.get({ publicKey: asked }));
  }
  const wanted = options.creation_options.publicKey;
  const alone = form.elements.passwordless?.checked ?? false;
  wanted.challenge = bytes(wanted.challenge);
  wanted.user.id = bytes(wanted.user.id);
  wanted.excludeCredentials = listed(wanted.excludeCredentials);
  Object.assign(wanted.authenticatorSelection, {
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: alone,
    ...(alone && { userVerification: "required" }),
  });
  return plain(await navigator.credentials.create({ publicKey: wanted }));
}

function say(form, problem) {
  const words = form.querySelector("[data-passkey-problem]");
  words.textContent =
    problem.name === "InvalidStateError"
      ? "This device has a passkey for your account already."
      : "That did not work, or it was stopped. Try again, or choose another way.";
  words.hidden = false;
}

/* What the server writes as base64url text, the browser wants as bytes, and the other way round. */

function listed(credentials) {
  return (credentials ?? []).map((credential) => ({ ...credential, id: bytes(credential.id) }));
}

function bytes(text) {
  const usual = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(usual), (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function plain(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    type: credential.type,
    id: credential.id,
    rawId: text(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}
