// Pays a new payee and reads events until the payout is confirmed:
//   npm ci && npm run generate && npm run build && node out/pay-and-listen.js http://127.0.0.1:5080 dev-key
import createClient from "openapi-fetch";
import type { paths } from "./payouts.js";

const [base = "http://127.0.0.1:5080", key = "dev-key"] = process.argv.slice(2);
const service = createClient<paths>({ baseUrl: base, headers: { Authorization: `Bearer ${key}` } });

// Your own keys make every call safe to repeat: the same key is the same payee, account and payout.
const own = `sample-${Date.now()}`;

function taken<T>(answer: { data?: T; error?: { code: string; detail: string } }): T {
  if (answer.data === undefined) throw new Error(`${answer.error?.code}: ${answer.error?.detail}`);
  return answer.data;
}

const payee = taken(await service.POST("/v1/payees", {
  body: {
    customerCode: own, firstName: "Ada", lastName: "Lovelace", email: `${own}@example.com`, dateOfBirth: "1990-12-10",
    phone: "+1 212 555 0100", countryCode: "US", state: "NY", city: "Hometown", street: "123 Main St", zip: "10006",
  },
}));
const account = taken(await service.POST("/v1/payees/{payeeId}/accounts", {
  params: { path: { payeeId: payee.id } },
  body: {
    accountTag: "main-bank", accountType: "BANK_ACCOUNT", country: "US", currency: "USD",
    details: { bankAccountId: "7861053298", branchId: "101089292", bankAccountPurpose: "CHECKING" },
  },
}));

// Begin to listen before paying, so that no event is missed.
let cursor = taken(await service.GET("/v1/events", { params: { query: { after: "latest" } } })).nextCursor;
const payout = taken(await service.POST("/v1/payouts", {
  body: { accountId: account.id, amount: "500.00", currency: "USD", invoiceId: own },
}));
console.log(`${payout.id} ${payout.status}, money moved: ${payout.moneyMoved}`);

for (let isOpen = true; isOpen;) {
  const page = taken(await service.GET("/v1/events", {
    params: { query: { after: cursor, payoutId: payout.id, wait: 30 } },
  }));
  for (const event of page.data) {
    console.log(`${event.timestamp} ${event.type}`);
    isOpen &&= event.type !== "payout.confirmed";
  }
  cursor = page.nextCursor;
}

const now = taken(await service.GET("/v1/payouts/{id}", { params: { path: { id: payout.id } } }));
console.log(`${now.invoiceId} ${now.status}, money moved: ${now.moneyMoved}`);
process.exit(now.moneyMoved === "yes" ? 0 : 1);
