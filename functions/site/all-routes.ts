import { accessRoutes } from '../access/contract.ts';
import { auditRoutes } from '../audit/contract.ts';
import { catalogRoutes } from '../catalog/contract.ts';
import { deliveryRoutes } from '../delivery/contract.ts';
import { holderRoutes } from '../delivery/holder-contract.ts';
import { printRoutes } from '../delivery/print-contract.ts';
import { notificationsRoutes } from '../notifications/contract.ts';
import { templatesRoutes } from '../notifications/templates-contract.ts';
import { transferRoutes } from '../delivery/transfer-contract.ts';
import { walletRoutes } from '../delivery/wallet-contract.ts';
import { organizationsRoutes } from '../organizations/contract.ts';
import { invitationsRoutes } from '../organizations/invitations-contract.ts';
import { checkoutRoutes } from '../orders/checkout-contract.ts';
import { ordersRoutes } from '../orders/contract.ts';
import { getReceipt, getReceiptPdf } from '../orders/receipt-contract.ts';
import { refundRoutes } from '../orders/refund-contract.ts';
import { getOrderTimeline } from '../orders/timeline-contract.ts';
import { supportRoutes } from '../support/contract.ts';
import { paymentsRoutes } from '../payments/contract.ts';
import { privacyRoutes } from '../privacy/contract.ts';
import { pricingRoutes } from '../pricing/contract.ts';
import { cartsRoutes } from '../reservations/carts-contract.ts';
import { reservationsRoutes } from '../reservations/contract.ts';
import { searchRoutes } from '../search/contract.ts';
import type { Route } from '../shared/runtime/route.ts';
import { usersRoutes } from '../users/contract.ts';
import { sessionRoutes } from '../users/session-contract.ts';
import { profileRoutes } from '../users/profile-contract.ts';
import { registrationRoutes } from '../users/registration-contract.ts';
import { venuesRoutes } from '../venues/contract.ts';
import { siteRoutes } from './contract.ts';

/** The routes of each context, in the order in which the documentation shows them. */
export const routesByContext = {
  users: [...registrationRoutes, ...usersRoutes, ...sessionRoutes, ...profileRoutes],
  privacy: privacyRoutes,
  organizations: [...organizationsRoutes, ...invitationsRoutes],
  catalog: catalogRoutes,
  search: searchRoutes,
  venues: venuesRoutes,
  pricing: pricingRoutes,
  reservations: [...reservationsRoutes, ...cartsRoutes],
  orders: [...checkoutRoutes, ...ordersRoutes, getOrderTimeline, getReceipt, getReceiptPdf, ...refundRoutes],
  support: supportRoutes,
  payments: paymentsRoutes,
  delivery: [...deliveryRoutes, ...holderRoutes, ...transferRoutes, ...walletRoutes, ...printRoutes],
  notifications: [...notificationsRoutes, ...templatesRoutes],
  access: accessRoutes,
  audit: auditRoutes,
  site: siteRoutes,
} as const satisfies Readonly<Record<string, readonly Route[]>>;

/** Every route of the API: what infrastructure, OpenAPI document and authorisation matrix are made from. */
export const allRoutes: readonly Route[] = Object.values(routesByContext).flat();
