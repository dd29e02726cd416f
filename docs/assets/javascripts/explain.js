// The box of "From LinkedIn's documentation to Python": it explains a pasted request in the reader's own browser.
//
// Nothing is loaded before the button is pressed. Then Pyodide, CPython for browsers, comes from a public server, and
// restli_core from this site, as a zip that Python imports from. What is pasted goes nowhere.
"use strict";

(() => {
  const PYODIDE = "https://cdn.jsdelivr.net/npm/pyodide@314.0.7/"; // CPython 3.14
  const SCRIPT = document.currentScript.src;

  // What runs in Pyodide: a function from text to JSON, {"lines"} or {"error"}.
  const PROGRAM = `
import json
import sys

sys.path.insert(0, "/restli_core.zip")

from restli_core import RestliError
from restli_core.explaining import explain


def explained(text):
    try:
        return json.dumps({"lines": explain(text).lines})
    except RestliError as error:
        return json.dumps({"error": str(error)})


explained
`;

  const load = async (box) => {
    const from = new URL(box.dataset.pyodide || PYODIDE, document.baseURI).href;
    const [{ loadPyodide }, core] = await Promise.all([
      import(`${from}pyodide.mjs`),
      fetch(new URL("../restli_core.zip", SCRIPT)).then((answer) => {
        if (!answer.ok) throw new Error(`restli_core.zip: ${answer.status}`);
        return answer.arrayBuffer();
      }),
    ]);
    const pyodide = await loadPyodide({ indexURL: from });
    pyodide.FS.writeFile("/restli_core.zip", new Uint8Array(core));
    return pyodide.runPython(PROGRAM);
  };

  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const show = (output, told) => {
    const lines = told.lines || [[["error", told.error]]];
    // Text alone, never HTML: it is what somebody pasted.
    output.replaceChildren(
      ...lines.flatMap((line) => [...line.map(([role, text]) => element("span", { className: role }, text)), "\n"]),
    );
    output.hidden = false;
  };

  const setUp = (box) => {
    const field = element("textarea", { rows: 5, spellcheck: false, placeholder: box.dataset.example });
    const label = element("label", {}, "A curl command, a URL, or a raw HTTP request, as it stands in the documentation:", field);
    const button = element("button", { type: "button", className: "md-button" }, "Explain it");
    const note = element("small", {}, "Loads Python for the browser once: at most 13 MB, from cdn.jsdelivr.net. What you paste stays here.");
    const output = element("pre", { hidden: true });
    output.setAttribute("aria-live", "polite");
    let explained = null;

    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        if (explained === null) {
          note.textContent = "Loading Python ...";
          explained = await load(box);
          note.textContent = "What you paste stays here.";
        }
        show(output, JSON.parse(explained(field.value || field.placeholder)));
      } catch (error) {
        note.textContent = `That did not work: ${error.message}. On your own machine: python -m restli_core explain`;
      } finally {
        button.disabled = false;
      }
    });
    box.append(label, button, " ", note, output);
  };

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".explain-box").forEach(setUp));
})();
