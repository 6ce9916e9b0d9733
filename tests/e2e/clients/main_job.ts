// The main job with openapi-fetch and the types that openapi-typescript generates: `main_job.js API_URL KEY`.
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

const [url, key] = process.argv.slice(2);
const client = createClient<paths, "application/json" | "application/problem+json">({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });

function succeeded<T>(response: { data?: T; error?: unknown }): T {
  assert(response.data !== undefined, JSON.stringify(response.error));
  return response.data;
}

const customer = succeeded(
  await client.POST("/customers", {
    params: { header: { "Idempotency-Key": "typescript-customer" } },
    body: { name: "Werft & Söhne AG", address: { line1: "Kai 1", postal_code: "20457", city: "Hamburg", country: "DE" } },
  }),
);
const line: components["schemas"]["LineCreate"] = {
  name: "Consulting", quantity: "8", unit_price: "95.00", tax: { category: "S", rate: "19" },
};
const draft = succeeded(
  await client.POST("/invoices", {
    body: {
      customer_id: customer.id, currency: "EUR", lines: [line],
      service_period: { start: "2026-11-01", end: "2026-11-27" },
    },
  }),
);
const path = { invoice_id: draft.id };
const issued = succeeded(
  await client.POST("/invoices/{invoice_id}/finalize", { params: { path }, body: { due_date: "2030-12-31" } }),
);
assert.equal(issued.due, "904.40");
succeeded(await client.POST("/invoices/{invoice_id}/payments", { params: { path }, body: { amount: "904.40" } }));
const refused = await client.POST("/invoices/{invoice_id}/payments", { params: { path }, body: { amount: "1.00" } });
assert(refused.error !== undefined);
const code: components["schemas"]["Problem"]["code"] = refused.error.code;
assert.equal(code, "PAYMENT_EXCEEDS_DUE");
const comment = { comment: "Paid in full." };
succeeded(await client.POST("/invoices/{invoice_id}/comments", { params: { path }, body: comment }));

const note = succeeded(
  await client.POST("/invoices/{invoice_id}/notes", {
    params: { path },
    body: { note: "Signed." },
    bodySerializer: (fields) => {
      const form = new FormData();
      if (fields?.note) form.append("note", fields.note);
      form.append("file", new Blob(["Delivered on 27 November."], { type: "text/plain" }), "delivery.txt");
      return form;
    },
  }),
);
assert.equal(note.files[0]?.name, "delivery.txt");

async function pdfUrl(): Promise<string> {
  for (;;) {
    const { data, error, response } = await client.POST("/invoices/{invoice_id}/download-links", {
      params: { path }, body: { file: "pdf" },
    });
    if (data) {
      // The URL is null only where a repeated request gets its first response again.
      assert(data.url);
      return data.url;
    }
    assert.equal(error.code, "FILE_NOT_READY");
    await setTimeout(1000 * Number(response.headers.get("Retry-After")));
  }
}

const pdf = Buffer.from(await (await fetch(await pdfUrl())).arrayBuffer());
assert.equal(pdf.subarray(0, 4).toString(), "%PDF");
const page = succeeded(await client.GET("/invoices", { params: { query: { customer_id: customer.id, limit: 1 } } }));
assert.deepEqual(page.data.map((one) => one.status), ["paid"]);
