/**
 * Copy buttons, made by the script itself: without scripts there are none that do nothing.
 * What is copied is the attribute, or the text where it is empty.
 */
export const SCRIPT = `
"use strict";
const said = document.getElementById("said");
for (const code of document.querySelectorAll("[data-copy]")) {
  const text = code.dataset.copy || code.textContent;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy " + text);
  button.addEventListener("click", async () => {
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.textContent = done ? "Copied" : "Select it";
    said.textContent = done ? "Copied " + text : "It could not be copied; select it by hand.";
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  });
  code.after(button);
}
`;
