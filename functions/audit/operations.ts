// Orders are listed with their events from what the outbox has marked, by whoever needs them all.
export { listNewOrders } from './app/list-orders.ts';
