// WebAuthn: asks the browser for a passkey and posts its answer with an ordinary form.
"use strict";
(() => {
  const isAble = window.isSecureContext && "PublicKeyCredential" in window;
  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const toText = (buffer) =>
    btoa(Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join(""))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const withIds = (list) => list.map((one) => {
    const { transports, ...rest } = one;
    return { ...rest, id: toBytes(one.id), ...(transports.length ? { transports } : {}) };
  });
  const supports = async (name) => {
    try {
      return Boolean(await PublicKeyCredential[name]());
    } catch {
      return false;
    }
  };

  const created = async (options) => {
    const made = await navigator.credentials.create({ publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: withIds(options.excludeCredentials),
    } });
    return { id: made.id, response: {
      clientDataJSON: toText(made.response.clientDataJSON),
      attestationObject: toText(made.response.attestationObject),
      transports: made.response.getTransports ? made.response.getTransports() : [],
    } };
  };

  const shown = async (options, more) => {
    const found = await navigator.credentials.get({ ...more, publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: withIds(options.allowCredentials),
    } });
    const handle = found.response.userHandle;
    return { id: found.id, response: {
      clientDataJSON: toText(found.response.clientDataJSON),
      authenticatorData: toText(found.response.authenticatorData),
      signature: toText(found.response.signature),
      userHandle: handle ? toText(handle) : null,
    } };
  };

  const WORDS = {
    AbortError: "",
    NotAllowedError: "cancelled",
    InvalidStateError: "taken",
    SecurityError: "elsewhere",
    ConstraintError: "unable",
    NotSupportedError: "unable",
  };

  const begin = (form) => {
    const options = JSON.parse(form.dataset.options);
    const says = form.querySelector("[role=status]");
    const button = form.querySelector("button");
    let waiting = null;
    const say = (word) => {
      says.textContent = word ? form.dataset[word] : "";
      says.className = word ? "small notice" : "small";
    };
    const wordOf = (error) => (error.name in WORDS ? WORDS[error.name] : "failed");
    const send = (answer) => {
      form.elements.credential.value = JSON.stringify(answer);
      form.submit();
    };
    const offer = async () => {
      // The browser offers passkeys where the address is typed, until a button is pressed.
      if (form.dataset.passkey !== "sign_in") return;
      if (!(await supports("isConditionalMediationAvailable"))) return;
      waiting = new AbortController();
      try {
        send(await shown(options, { mediation: "conditional", signal: waiting.signal }));
      } catch (error) {
        if (error.name !== "NotAllowedError") say(wordOf(error));
      }
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (waiting) waiting.abort();
      say("");
      button.disabled = true;
      try {
        send(await (form.dataset.passkey === "create" ? created(options) : shown(options, {})));
      } catch (error) {
        say(wordOf(error));
        offer();
      } finally {
        button.disabled = false;
      }
    });
    form.hidden = false;
    offer();
  };

  if (!isAble) return;
  for (const one of document.querySelectorAll("[data-passkey-none]")) one.hidden = true;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (form.hidden) begin(form);
  }
  const fields = document.querySelectorAll("input[name=passkey_ready]");
  if (fields.length) {
    supports("isUserVerifyingPlatformAuthenticatorAvailable").then((is) => {
      for (const field of fields) field.value = is ? "1" : "";
    });
  }
  const told = document.querySelector("[data-passkeys-told]");
  if (told) {
    for (const [name, what] of Object.entries(JSON.parse(told.dataset.passkeysTold))) {
      PublicKeyCredential[name]?.(what).catch(() => {});
    }
  }
})();
