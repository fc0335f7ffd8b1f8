import type { RefundView } from '../../orders/contract.ts';
import type { PrintLanguage } from '../holder-contract.ts';

/** Our own words on a receipt. */
export interface ReceiptWords {
  readonly receipt: string;
  readonly order: string;
  readonly seller: string;
  readonly paid: string;
  readonly byCard: string;
  readonly forFree: string;
  readonly payment: string;
  readonly refunded: (count: number) => string;
  readonly contained: string;
  readonly total: string;
  readonly refunds: string;
  readonly balance: string;
  readonly state: Readonly<Record<RefundView['status'], string>>;
  readonly note: string;
}

const en: ReceiptWords = {
  receipt: 'Receipt',
  order: 'Order',
  seller: 'Organiser',
  paid: 'Paid on',
  byCard: 'By card',
  forFree: 'Nothing to pay',
  payment: 'Payment',
  refunded: (count) => `${count} given back`,
  contained: 'contained in the prices',
  total: 'Total',
  refunds: 'Given back',
  balance: 'Balance',
  state: { DUE: 'on its way', PENDING: 'with the bank', SUCCEEDED: 'done', FAILED: 'failed, we look after it' },
  note: 'This receipt shows what was paid and given back. It is not an invoice for tax purposes.',
};

const de: ReceiptWords = {
  receipt: 'Zahlungsbeleg',
  order: 'Bestellung',
  seller: 'Veranstalter',
  paid: 'Bezahlt am',
  byCard: 'Mit Karte',
  forFree: 'Nichts zu zahlen',
  payment: 'Zahlung',
  refunded: (count) => `${count} zurückgegeben`,
  contained: 'in den Preisen enthalten',
  total: 'Summe',
  refunds: 'Erstattet',
  balance: 'Verbleibt',
  state: { DUE: 'unterwegs', PENDING: 'bei der Bank', SUCCEEDED: 'erledigt', FAILED: 'gescheitert, wir kümmern uns' },
  note: 'Dieser Beleg zeigt, was bezahlt und erstattet wurde. Er ist keine Rechnung im Sinne des Steuerrechts.',
};

const fr: ReceiptWords = {
  receipt: 'Reçu',
  order: 'Commande',
  seller: 'Organisateur',
  paid: 'Payé le',
  byCard: 'Par carte',
  forFree: 'Rien à payer',
  payment: 'Paiement',
  refunded: (count) => `${count} rendus`,
  contained: 'compris dans les prix',
  total: 'Total',
  refunds: 'Remboursé',
  balance: 'Solde',
  state: { DUE: 'en route', PENDING: 'à la banque', SUCCEEDED: 'effectué', FAILED: 'échoué, nous nous en occupons' },
  note: 'Ce reçu indique ce qui a été payé et remboursé. Il ne constitue pas une facture fiscale.',
};

const es: ReceiptWords = {
  receipt: 'Recibo',
  order: 'Pedido',
  seller: 'Organizador',
  paid: 'Pagado el',
  byCard: 'Con tarjeta',
  forFree: 'Nada que pagar',
  payment: 'Pago',
  refunded: (count) => `${count} devueltas`,
  contained: 'incluido en los precios',
  total: 'Total',
  refunds: 'Reembolsado',
  balance: 'Saldo',
  state: { DUE: 'en camino', PENDING: 'en el banco', SUCCEEDED: 'hecho', FAILED: 'fallido, nos ocupamos de ello' },
  note: 'Este recibo muestra lo pagado y lo reembolsado. No es una factura a efectos fiscales.',
};

export const RECEIPT_WORDS: Readonly<Record<PrintLanguage, ReceiptWords>> = { en, de, fr, es };
