// Opens the reference in jsdom, types words into its search, and prints the operations that it then shows.
const path = require("node:path");
const { readFileSync } = require("node:fs");
const { JSDOM } = require(path.join(process.env.PATH.split(":").find((one) => one.includes("_npx")), "..", "jsdom"));
const [folder, ...words] = process.argv.slice(2);
const file = (name) => readFileSync(path.join(folder, name), "utf8");
const { window } = new JSDOM('<div id="page"></div>', {
  pretendToBeVisual: true, // has requestAnimationFrame, which Swagger UI needs
  runScripts: "outside-only",
  url: "http://localhost/v1/docs",
});
window.scrollTo = () => {};
window.fetch = async () => new Response(file("openapi.json"), { headers: { "Content-Type": "application/json" } });
Object.assign(window, { Request, Response, Headers, structuredClone, TextEncoder, TextDecoder });
window.eval(file("swagger-ui-bundle.js"));
window.eval(file("start.js"));
const shown = () => [...window.document.querySelectorAll(".opblock")].map((one) => one.id.split("-").pop());
const patience = Date.now() + 300_000; // a page that cannot be rendered never gets there
async function until(condition) {
  while (!condition()) {
    if (Date.now() > patience) throw new Error(window.document.body.innerHTML.slice(0, 500));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
(async () => {
  await until(() => shown().length > 0);
  const input = window.document.querySelector(".operation-filter-input");
  Object.getOwnPropertyDescriptor(window.HTMLInputElement.prototype, "value").set.call(input, words.join(" "));
  const all = shown().length;
  input.dispatchEvent(new window.Event("input", { bubbles: true }));
  await until(() => shown().length > 0 && shown().length < all);
  console.log(JSON.stringify({ all, shown: shown() }));
  process.exit(0);
})();
