import type { AccountTexts } from './account-texts.ts';

/** Mails about accounts in Spanish. */
export const ES: AccountTexts = {
  hello: (name) => (name === '' ? 'Hola:' : `Hola, ${name}:`),
  footer: 'Recibe este mensaje por una cuenta de {brand} con esta dirección.',
  mails: {
    verification: {
      subject: 'Confirme su dirección de correo',
      link: 'Confirmar dirección',
      paragraphs: [
        'Le damos la bienvenida a {brand}. Confirme que esta dirección es suya; después podrá iniciar sesión.',
        'El enlace vale durante 24 horas y una sola vez. Se le pedirá la contraseña que se eligió para la cuenta.',
        'Si no ha creado ninguna cuenta, no haga nada: sin esta confirmación nadie puede usarla.',
      ],
    },
    welcome: {
      subject: 'Su cuenta de {brand} está lista',
      link: 'Ir a {brand}',
      paragraphs: ['Su dirección está confirmada. Ya puede iniciar sesión, y sus entradas llegarán a esta dirección.'],
    },
    passwordReset: {
      subject: 'Elija una contraseña nueva',
      link: 'Contraseña nueva',
      paragraphs: [
        'Alguien ha pedido una contraseña nueva para su cuenta. Si ha sido usted, elíjala con este enlace.',
        'El enlace vale durante 15 minutos y una sola vez. La contraseña nueva cierra todas sus sesiones.',
        'Si no ha sido usted, no haga nada: su contraseña sigue igual.',
      ],
    },
    passwordChanged: {
      subject: 'Su contraseña ha cambiado',
      link: 'No he sido yo',
      paragraphs: [
        'La contraseña de su cuenta cambió el {when}. Se cerró la sesión en los demás dispositivos.',
        'Si ha sido usted, todo está bien. Si no, elija enseguida una contraseña nueva.',
      ],
    },
    emailChangeConfirm: {
      subject: 'Confirme su nueva dirección de correo',
      link: 'Confirmar nueva dirección',
      paragraphs: [
        'Quiere usar esta dirección para su cuenta de {brand}. Confirme que es suya.',
        'El enlace vale durante 24 horas y una sola vez. Hasta entonces su cuenta conserva la dirección anterior.',
        'Si no lo ha pedido, no haga nada.',
      ],
    },
    emailChangeNotice: {
      subject: 'Su dirección de correo va a cambiar',
      link: 'No he sido yo',
      paragraphs: [
        'Alguien que conoce su contraseña pidió el {when} usar otra dirección de correo para su cuenta. Cambiará en cuanto esa dirección se confirme.',
        'Si no ha sido usted, elija enseguida una contraseña nueva: así lo impide.',
      ],
    },
    emailChanged: {
      subject: 'Su dirección de correo ha cambiado',
      paragraphs: [
        'Su cuenta de {brand} usa esta dirección desde el {when}. Inicie sesión con ella a partir de ahora; sus entradas llegarán aquí.',
      ],
    },
    emailChangedOld: {
      subject: 'Su cuenta ya no usa esta dirección',
      paragraphs: [
        'Su cuenta de {brand} usa otra dirección de correo desde el {when}. A esta no se enviará nada más.',
        'Si no ha sido usted, responda enseguida a este mensaje para que podamos ayudarle.',
      ],
    },
    phoneChanged: {
      subject: 'Se ha cambiado su número de teléfono',
      link: 'No he sido yo',
      paragraphs: [
        'El número de teléfono de su cuenta se cambió o se quitó el {when}. A un número no se envían SMS antes de que se confirme.',
        'Si ha sido usted, todo está bien. Si no, elija enseguida una contraseña nueva: así se cierran todas las sesiones.',
      ],
    },
    phoneProven: {
      subject: 'Se ha confirmado un número de teléfono',
      link: 'No he sido yo',
      paragraphs: [
        'El {when} se confirmó un número de teléfono para su cuenta, con un código que se le envió. Desde ahora pueden llegar a él SMS sobre su cuenta.',
        'Si ha sido usted, todo está bien. Si no, elija enseguida una contraseña nueva y compruebe después el número en su perfil.',
      ],
    },
    accountErased: {
      subject: 'Se ha borrado su cuenta',
      paragraphs: [
        'Su cuenta de {brand} se borró el {when}, por usted o, a petición, por nuestra administración. Ya nadie puede iniciar sesión en ella, y lo que sabíamos de usted ha desaparecido o ya no se puede abrir.',
        'Las entradas que recibió siguen dejando pasar a quien las muestre. Este es el último mensaje sobre esta cuenta; si no lo quería, respóndalo.',
      ],
    },
    accountLocked: {
      subject: 'Su cuenta está bloqueada por un momento',
      link: 'Desbloquear cuenta',
      paragraphs: [
        'Alguien escribió tres veces una contraseña incorrecta para su cuenta. Está bloqueada 15 minutos para los dispositivos desconocidos.',
        'Si ha sido usted, este enlace la desbloquea; vale durante un día. Si no, no tiene que hacer nada: no se ha averiguado la contraseña.',
      ],
    },
    newDevice: {
      subject: 'Inicio de sesión en un dispositivo nuevo',
      link: 'No he sido yo',
      paragraphs: [
        'El {when} alguien inició sesión en su cuenta con la contraseña correcta, en un dispositivo y desde un lugar que no conocíamos.',
        'Si ha sido usted, todo está bien. Si no, elija una contraseña nueva: así se cierran todas las sesiones.',
      ],
    },
    sessionCopied: {
      subject: 'Se ha cerrado una sesión de su cuenta',
      link: 'No he sido yo',
      paragraphs: [
        'El {when} se volvió a usar una sesión de su cuenta de un modo que solo es posible con una copia. Por seguridad, esa sesión se ha cerrado.',
        'Inicie sesión de nuevo donde se haya cerrado. Si cree que alguien tiene acceso a su dispositivo, elija una contraseña nueva: así se cierran todas las sesiones.',
      ],
    },
    signedOutEverywhere: {
      subject: 'Se han cerrado todas sus sesiones',
      link: 'No he sido yo',
      paragraphs: [
        'El {when} se cerraron todas las sesiones de su cuenta, en todos los dispositivos.',
        'Si ha sido usted, todo está bien. Si no, elija una contraseña nueva de inmediato.',
      ],
    },
    dataExported: {
      subject: 'Se han entregado sus datos personales',
      link: 'No he sido yo',
      paragraphs: [
        'El {when} se entregó todo lo que guardamos sobre usted: a alguien que ha iniciado sesión en su cuenta, o a una persona de nuestra administración a raíz de una solicitud.',
        'Si ha sido usted, o nuestro equipo de soporte por usted, todo está bien. Si no, elija una contraseña nueva de inmediato.',
      ],
    },
  },
};
