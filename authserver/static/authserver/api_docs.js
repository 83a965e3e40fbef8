"use strict";

// Everything that differs between servers stands in the page's attributes: no script is inline.
const place = document.getElementById("documentation");
const told = place.dataset;
const ui = SwaggerUIBundle({
  domNode: place,
  url: told.schema,
  oauth2RedirectUrl: told.redirect,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  defaultModelsExpandDepth: 0,
  supportedSubmitMethods: told.methods.split(" ").filter(Boolean),
  persistAuthorization: false, // a token stays in this page, and goes with it
  queryConfigEnabled: false, // or a link could name another description
  validatorUrl: null, // the default asks another site
});
ui.initOAuth({
  clientId: told.clientId,
  scopes: told.scopes,
  usePkceWithAuthorizationCodeGrant: true,
});
