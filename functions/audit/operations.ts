// Orders are listed with their events from what the outbox has marked, by whoever needs them all.
export { listNewOrders } from './app/list-orders.ts';
// What has changed lately is known to the outbox's marks alone.
export { touchedOrders } from './app/touched-orders.ts';
