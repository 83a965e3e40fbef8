"use strict";
// OIDC Front-Channel Logout §4: go on when every frame is there. The window's own load event waits
// for all of them; a client that does not answer delays it by four seconds at the most.
const onward = document.getElementById("onward");
if (onward) {
  let isGone = false;
  const go = () => {
    if (!isGone) {
      isGone = true;
      window.location.replace(onward.href);
    }
  };
  window.addEventListener("load", go);
  window.setTimeout(go, 4000);
}
