import type { Import } from './imports.ts';

/**
 * What another context may read of a context; everything else of it is its own business. Names and addresses
 * (recipients, attendees, holder names, disclosure, erasure), codes and documents are apart from `reads.ts`, so that hot bundles do not carry them. `operations.ts`
 * `resizing.ts` and `house-seats.ts` hold what takes several transactions.
 */
const PUBLIC_FILES = [
  'contract.ts',
  'checkout-contract.ts',
  'attendees-contract.ts',
  'attendees.ts',
  'holder-names.ts',
  'carts-contract.ts',
  'cart-orders.ts',
  'take-over.ts',
  'profile-contract.ts',
  'api-keys-contract.ts',
  'templates-contract.ts',
  'session-contract.ts',
  'registration-contract.ts',
  'invitations-contract.ts',
  'holder-contract.ts',
  'print-contract.ts',
  'refund-contract.ts',
  'timeline-contract.ts',
  'receipt-contract.ts',
  'receipts.ts',
  'transfer-contract.ts',
  'wallet-contract.ts',
  'pass-news.ts',
  'offers.ts',
  'invited.ts',
  'addresses.ts',
  'person-fields.ts',
  'views.ts',
  'events.ts',
  'writes.ts',
  'sale-writes.ts',
  'reads.ts',
  'seating.ts',
  'operations.ts',
  'resizing.ts',
  'house-seats.ts',
  'refund-writes.ts',
  'review-writes.ts',
  'cancellation-runs.ts',
  'availability.ts',
  'contents.ts',
  'gateway.ts',
  'recipients.ts',
  'farewell.ts',
  'disclosure.ts',
  'erasure.ts',
  'privacy-events.ts',
  'account-events.ts',
  'session-events.ts',
  'session-rights.ts',
  'tokens.ts',
  'unsubscribing.ts',
  'codes.ts',
  'documents.ts',
  'kept-documents.ts',
  'ticket-calendar.ts',
  'web-tickets.ts',
  'qr-image.ts',
  'owned.ts',
  'listings.ts',
];
/** What code outside `functions/` may read of a context: types, routes, schemas. */
const CONTRACT_FILES = [
  'contract.ts',
  'templates-contract.ts',
  'checkout-contract.ts',
  'attendees-contract.ts',
  'carts-contract.ts',
  'profile-contract.ts',
  'session-contract.ts',
  'registration-contract.ts',
  'holder-contract.ts',
  'print-contract.ts',
  'refund-contract.ts',
  'timeline-contract.ts',
  'receipt-contract.ts',
  'transfer-contract.ts',
  'wallet-contract.ts',
  'invitations-contract.ts',
  'organizer-routes.ts',
  'series-routes.ts',
  'feed-routes.ts',
  'image-routes.ts',
  'stock-routes.ts',
  'all-routes.ts',
];

/** Which rule an import breaks, or undefined. Dependencies point inwards: handlers → app → domain → kernel. */
export function violationOf({ from, to }: Import): string | undefined {
  return RULES.find(({ breaks }) => breaks(from, to))?.says;
}

const RULES: readonly { readonly says: string; readonly breaks: (from: string, to: string) => boolean }[] = [
  {
    says: 'local/ never imports functions/ or lib/',
    breaks: (from, to) => isIn(from, 'local') && (isIn(to, 'functions') || isIn(to, 'lib')),
  },
  {
    says: 'lib/ and bin/ read contracts, never what is behind them',
    breaks: (from, to) =>
      (isIn(from, 'lib') || isIn(from, 'bin')) &&
      isIn(to, 'functions') &&
      !isShared(to) &&
      !CONTRACT_FILES.includes(fileOf(to)),
  },
  {
    says: 'functions/ never imports lib/, local/ or scripts/',
    breaks: (from, to) => isIn(from, 'functions') && !isIn(to, 'functions'),
  },
  {
    says: 'another context only through its contract, writes, reads or gateway',
    breaks: (from, to) =>
      isIn(from, 'functions') &&
      isIn(to, 'functions') &&
      !isShared(from) &&
      !isShared(to) &&
      contextOf(from) !== contextOf(to) &&
      !(PUBLIC_FILES.includes(fileOf(to)) && layerOf(to) === ''),
  },
  { says: 'shared/ knows no context', breaks: (from, to) => isShared(from) && isIn(to, 'functions') && !isShared(to) },
  {
    says: 'the kernel depends on nothing but itself',
    breaks: (from, to) => from.startsWith('functions/shared/kernel/') && !to.startsWith('functions/shared/kernel/'),
  },
  {
    says: 'domain depends on domain, contracts and pure shared code only: no reads, no SDK client, no handlers',
    breaks: (from, to) =>
      layerOf(from) === 'domain' &&
      (['app', 'handlers'].includes(layerOf(to)) ||
        [
          'reads.ts',
          'operations.ts',
          'cart-orders.ts',
          'take-over.ts',
          'resizing.ts',
          'house-seats.ts',
          'availability.ts',
          'contents.ts',
          'seating.ts',
          'gateway.ts',
        ].includes(fileOf(to)) ||
        [
          'functions/shared/table/client.ts',
          'functions/shared/table/commit.ts',
          'functions/shared/table/read.ts',
        ].includes(to)),
  },
  { says: 'nothing depends on handlers', breaks: (_from, to) => layerOf(to) === 'handlers' },
  {
    says: 'app does not know HTTP',
    breaks: (from, to) => layerOf(from) === 'app' && to === 'functions/shared/runtime/http.ts',
  },
];

function isIn(file: string, folder: string): boolean {
  return file.startsWith(`${folder}/`);
}

function isShared(file: string): boolean {
  return isIn(file, 'functions/shared');
}

function contextOf(file: string): string {
  return file.split('/')[1] ?? '';
}

/** `domain`, `app`, `handlers`, or nothing for a file that lies in its context's own folder. */
function layerOf(file: string): string {
  const parts = file.split('/');
  return isIn(file, 'functions') && !isShared(file) && parts.length > 3 ? (parts[2] ?? '') : '';
}

function fileOf(path: string): string {
  return path.split('/').at(-1) ?? '';
}
