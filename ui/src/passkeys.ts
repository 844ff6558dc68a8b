// Forms that ask the browser for a passkey. The server says what is asked for, the browser asks
// the person, and the form then carries the answer. Bytes travel as base64url.
import { closest } from "./dom";
import { said } from "./words";

type Json = Record<string, unknown>;

export function startPasskeys(): void {
  document.addEventListener("submit", (event) => {
    const form = closest<HTMLFormElement>(event, "form[data-passkey]");
    if (!form) return;
    event.preventDefault();
    void ask(form);
  });
}

async function ask(form: HTMLFormElement): Promise<void> {
  const button = form.querySelector<HTMLButtonElement>("[type=submit]");
  say(form, "");
  if (!window.PublicKeyCredential) {
    say(form, said("This browser cannot use passkeys here. They need HTTPS (or localhost)."));
    return;
  }
  if (button) button.disabled = true;
  try {
    const options = await optionsOf(form);
    const credential =
      form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: creation(options) })
        : await navigator.credentials.get({ publicKey: request(options) });
    const answer = form.elements.namedItem("answer") as HTMLInputElement;
    answer.value = JSON.stringify(written(credential as PublicKeyCredential));
    form.submit();
  } catch (error) {
    say(form, reason(error));
    if (button) button.disabled = false;
  }
}

async function optionsOf(form: HTMLFormElement): Promise<Json> {
  const body = new URLSearchParams();
  body.set("csrf", (form.elements.namedItem("csrf") as HTMLInputElement).value);
  const response = await fetch(form.dataset.options ?? "", { method: "POST", body, headers: { accept: "application/json" } });
  if (!response.ok) {
    const told = response.headers.get("content-type")?.includes("json") ? ((await response.json()) as { error?: string }) : {};
    throw new Error(told.error ?? said("The server did not answer as expected. Load the page again."));
  }
  return (await response.json()) as Json;
}

function creation(options: Json): PublicKeyCredentialCreationOptions {
  const user = options.user as Json;
  return {
    ...(options as unknown as PublicKeyCredentialCreationOptions),
    challenge: bytes(options.challenge),
    user: { ...(user as unknown as PublicKeyCredentialUserEntity), id: bytes(user.id) },
    excludeCredentials: descriptors(options.excludeCredentials),
  };
}

function request(options: Json): PublicKeyCredentialRequestOptions {
  return {
    ...(options as unknown as PublicKeyCredentialRequestOptions),
    challenge: bytes(options.challenge),
    allowCredentials: descriptors(options.allowCredentials),
  };
}

function descriptors(list: unknown): PublicKeyCredentialDescriptor[] {
  return ((list ?? []) as Json[]).map((one) => ({ ...(one as unknown as PublicKeyCredentialDescriptor), id: bytes(one.id) }));
}

/** What the browser answered, as the server reads it. */
function written(credential: PublicKeyCredential): Json {
  const { response } = credential;
  const made = response as AuthenticatorAttestationResponse;
  const used = response as AuthenticatorAssertionResponse;
  const common = { clientDataJSON: text(response.clientDataJSON) };
  const answer = made.attestationObject
    ? { ...common, attestationObject: text(made.attestationObject), transports: made.getTransports?.() ?? [] }
    : {
        ...common,
        authenticatorData: text(used.authenticatorData),
        signature: text(used.signature),
        userHandle: used.userHandle ? text(used.userHandle) : undefined,
      };
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: answer };
}

function bytes(encoded: unknown): ArrayBuffer {
  const plain = String(encoded).replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0)).buffer;
}

function text(buffer: ArrayBuffer): string {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function reason(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return said("Nothing was confirmed on the device, or it took too long. Try again.");
  if (name === "InvalidStateError") return said("This device holds a passkey for you already.");
  if (name === "SecurityError") return said("Passkeys need a host name and HTTPS (or localhost).");
  return error instanceof Error ? error.message : String(error);
}

function say(form: HTMLFormElement, message: string): void {
  const place = form.querySelector<HTMLElement>(".passkey-error");
  if (!place) return;
  place.textContent = message;
  place.hidden = message === "";
}
