// Asks for the token of the service, and keeps it for this tab.
import { get } from "./dom.js";

export function askToken(refusal) {
  keep("");
  if (refusal) get("ask-why").textContent = `The last one was refused: ${refusal}.`;
  const dialog = get("ask");
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.oncancel = (event) => event.preventDefault();
    get("ask-form").onsubmit = (event) => {
      event.preventDefault();
      dialog.close();
      resolve(keep(get("token").value));
      get("token").value = "";
    };
  });
}

// A token may come after the # of the address, which a browser never sends anywhere.
export function givenToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    history.replaceState(null, "", location.pathname);
    return keep(given);
  }
  try { return sessionStorage.getItem("fes-token") ?? ""; } catch { return ""; }
}

function keep(token) {
  try { sessionStorage.setItem("fes-token", token); } catch { /* asked again next time */ }
  return token;
}
