// Lets people see the password they type. Without scripts there is no such button.
"use strict";
(() => {
  const EYE = "M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12z"
    + "M9 12a3 3 0 1 0 6 0a3 3 0 1 0-6 0z";
  const drawn = (name, marks) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [mark, value] of Object.entries(marks)) made.setAttribute(mark, value);
    return made;
  };
  for (const field of document.querySelectorAll("[data-reveal]")) {
    const input = field.querySelector("input");
    const label = field.querySelector("label");
    const button = document.createElement("button");
    const icon = drawn("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" });
    const word = document.createElement("span");
    const show = (is) => {
      input.type = is ? "text" : "password";
      button.setAttribute("aria-pressed", String(is));
    };
    icon.append(drawn("path", { d: EYE }));
    word.className = "unseen";
    word.textContent = field.dataset.reveal;
    label.id ||= `${input.id}_label`;
    button.type = "button";
    button.className = "secondary";
    button.title = field.dataset.reveal;
    button.setAttribute("aria-controls", input.id);
    button.setAttribute("aria-describedby", label.id);
    button.append(icon, word);
    button.addEventListener("click", () => show(input.type === "password"));
    // No browser is to keep it as an ordinary text, and nobody who comes back is to find it.
    input.form.addEventListener("submit", () => show(false));
    window.addEventListener("pagehide", () => show(false));
    input.spellcheck = false; // which some browsers ask others about
    input.autocapitalize = "none";
    show(false);
    field.classList.add("reveals");
    input.after(button);
  }
})();
