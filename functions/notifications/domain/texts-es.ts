import type { OrderTexts } from './texts.ts';

/** What mails about orders say in Spanish. */
export const ES: OrderTexts = {
  greeting: (firstName) => (firstName === '' ? 'Hola:' : `Hola, ${firstName}:`),
  viewOrder: 'Ver su pedido',
  tickets: {
    subject: (title, orderNumber) => `Sus entradas: ${title} (${orderNumber})`,
    severalEvents: (count) => `${count} eventos`,
    preview: (orderNumber) => `El pedido ${orderNumber} está pagado. Sus entradas están en este mensaje.`,
    intro: (count) =>
      count === 1
        ? 'Hemos recibido su pago, y aquí está su entrada.'
        : `Hemos recibido su pago, y aquí están sus ${count} entradas.`,
    attached: 'También van adjuntas en PDF, una por página.',
    receiptAttached: 'Su recibo va adjunto también.',
    notAttached:
      'Los PDF son demasiado grandes para un mensaje: abra su pedido para descargar las entradas y el recibo.',
    showCode: 'Muestre el código en el teléfono o en papel; admite a una persona, una vez.',
    possibleDuplicate:
      'Es posible que reciba este mensaje dos veces: no pudimos saber si le llegó el primero. Las entradas son las mismas.',
    ticketsHeading: 'Sus entradas',
    orderHeading: 'Su pedido',
    more: (count) => (count === 1 ? 'Otra entrada:' : `Otras ${count} entradas:`),
    total: 'Total',
    included: (name) => `de los cuales ${name}`,
    onYourPhone: 'Mostrar en el teléfono',
    calendarName: (orderNumber) => `pedido-${orderNumber}.ics`,
    keepPrivate: 'No comparta los códigos ni los enlaces: entra quien muestre uno primero.',
    footer: 'Recibe este mensaje porque compró entradas con {brand}.',
    pdfName: (orderNumber) => `entradas-${orderNumber}.pdf`,
    receiptName: (orderNumber) => `recibo-${orderNumber}.pdf`,
  },
  paymentReturned: {
    subject: (orderNumber) => `Su pago le ha sido devuelto (${orderNumber})`,
    body: (orderNumber, total) =>
      `No se pudo completar su pedido ${orderNumber}, así que no hay entradas. ` +
      `Su pago de ${total} se ha liberado o reembolsado por completo. Según su banco, se verá en unos días.`,
    footer: 'Recibe este mensaje porque pidió entradas con {brand}.',
  },
  paymentFailed: {
    subject: (orderNumber) => `Su pago no se ha realizado (${orderNumber})`,
    body: (orderNumber, total) =>
      `El pago de ${total} de su pedido ${orderNumber} no se ha realizado y el plazo para pagarlo ha terminado. ` +
      'No hay entradas y no se le ha cobrado nada. Si aún desea venir, haga un nuevo pedido mientras queden entradas.',
    footer: 'Recibe este mensaje porque pidió entradas con {brand}.',
  },
};
