// The connection: resumes where it was, waits longer after each failure, asks for a token.
const LONGEST_WAIT_S = 10;

export class Stream {
  // handlers: event(envelope, restart), link(name, text), token(refusal) -> Promise<string>
  constructor(handlers) {
    this.handlers = handlers;
    this.since = 0;
    this.source = null;
    this.failures = 0;
    this.refusal = "";
    this.token = takeToken();
  }

  async connect() {
    this.handlers.link("connecting", this.failures ? "Reconnecting" : "Connecting");
    const needed = await fetch("/healthz", { cache: "no-store" })
      .then((answer) => answer.json())
      .then((health) => health.token_needed, () => null);
    if (needed === null) return this.later("Service not reachable");
    if (needed && !this.token) this.token = keepToken(await this.handlers.token(this.refusal));
    this.open(needed);
  }

  open(needed) {
    const query = new URLSearchParams({ since: this.since });
    if (this.source) query.set("stream", this.source);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/events?${query}`, "cloudevents.json");
    socket.onopen = () => {
      if (needed) socket.send(JSON.stringify({ token: this.token }));
      this.handlers.link("waiting", "Waiting for the stream");
    };
    socket.onmessage = (message) => this.receive(socket, JSON.parse(message.data));
    socket.onclose = (goodbye) => this.closed(goodbye);
  }

  // Returns whether it was sent.
  send(message) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  receive(socket, envelope) {
    this.failures = 0;
    if (envelope.type === "fes.hello") {
      this.socket = socket;
      const fresh = envelope.source !== this.source;
      this.source = envelope.source;
      const { resumed, oldest } = envelope.data;
      if (resumed === false && this.since !== oldest) {
        // What is still held is better than nothing: start again from there.
        this.since = oldest;
        this.handlers.event(envelope, true);
        socket.onmessage = null;
        socket.onclose = () => this.connect();
        socket.close();
        return;
      }
      this.handlers.link("live", "Live");
      this.handlers.event(envelope, fresh || resumed === false);
      return;
    }
    if (envelope.sequence !== undefined) this.since = envelope.sequence;
    this.handlers.event(envelope, false);
  }

  closed(goodbye) {
    if (goodbye.code === 1008) {
      this.token = keepToken("");
      this.refusal = goodbye.reason || "refused";
      return this.later(`Refused: ${this.refusal}`, 0.2);
    }
    if (goodbye.code === 1013) return this.later("Fell behind", 0.2);
    return this.later(goodbye.code === 1001 ? "Service stopped" : "Connection lost");
  }

  later(why, wait_s) {
    const backoff = Math.min(LONGEST_WAIT_S, 0.5 * 2 ** this.failures);
    const wait = wait_s ?? backoff * (0.75 + 0.5 * Math.random());
    this.failures += 1;
    this.handlers.link("lost", `${why}, next try in ${Math.max(1, Math.round(wait))} s`);
    setTimeout(() => this.connect(), 1000 * wait);
  }
}

// A token may come after the # of the address, which a browser never sends anywhere.
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    history.replaceState(null, "", location.pathname);
    return keepToken(given);
  }
  try { return sessionStorage.getItem("fes-token") ?? ""; } catch { return ""; }
}

function keepToken(token) {
  try { sessionStorage.setItem("fes-token", token); } catch { /* asked again next time */ }
  return token;
}
