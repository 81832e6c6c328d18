// Follows the events of a fes service: connects, says the token, resumes after every interruption.
//
//   import { EventClient } from "http://localhost:8765/js/client.js";
//
//   const client = new EventClient({
//     event({ type, data }, fresh) {
//       if (fresh) console.log("another stream: forget what was known");
//       if (type === "fes.expression.end") console.log(data.kind, data.onset_s, data.offset_s);
//     },
//     lost({ first, last }) { console.warn(`events ${first} to ${last} are gone`); },
//   }, { url: "http://localhost:8765/", token: "..." });
//   client.start();
//
// Handlers, all optional:
//   event(envelope, fresh)  a CloudEvent; those with a sequence come in order, none twice. Fresh is
//                           true with the hello of another stream than before (the first one, or a
//                           service that was restarted), and where events in between are lost.
//   lost({ first, last })   the service no longer had these sequences when the client came back.
//   link(name, text)        "connecting", "waiting" (for the stream), "live", "lost", "stopped".
//   token(refusal)          returns the token, or a promise of it; refusal is "" at first, then the
//                           service's reason. Without it a refusal ends the client.
// Options: url (default: where the page comes from), token, since (0 for all that the service still
// holds; default: from now on), stream (the source of the events that `since` counts).
// Needs fetch and WebSocket: any browser, Node from 22 on.
const LONGEST_WAIT_S = 10;
const AGAIN_S = 0.2;
const SILENCE_MS = 15000;
const ANSWER_MS = 5000;
export const CODES = { stopped: 1001, refused: 1008, behind: 1013 };

export class EventClient {
  constructor(handlers, { url, token = "", since = null, stream = null } = {}) {
    this.handlers = handlers;
    this.base = new URL(url ?? globalThis.location.href);
    this.token = token;
    this.since = since;
    this.source = stream;
    this.refusal = "";
    this.failures = 0;
    this.asked = 0;
    this.fresh = true;
    this.socket = null;
    this.running = false;
    // Each attempt has a number; what an earlier one still says is not heard.
    this.attempt = 0;
  }

  start() {
    if (this.running) return;
    this.running = true;
    this.connect();
  }

  // Ends the connection for good, or until start().
  stop() {
    this.running = false;
    this.drop();
    this.tell("link", "stopped", "Stopped");
  }

  // Sends an object, such as a mark; returns whether it went out.
  send(message) {
    if (this.socket?.readyState !== WebSocket.OPEN || !this.admitted) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  async connect() {
    this.drop();
    const { attempt } = this;
    this.tell("link", "connecting", this.failures ? "Reconnecting" : "Connecting");
    const health = await this.health();
    if (attempt !== this.attempt) return;
    if (health === null) {
      this.later("Service not reachable");
      return;
    }
    if (health.token_needed && !this.token) {
      if (!this.handlers.token) {
        this.refuse("no token was given");
        return;
      }
      const token = await this.handlers.token(this.refusal);
      if (attempt !== this.attempt) return;
      this.token = token;
    }
    this.open(health.token_needed);
  }

  async health() {
    try {
      const answer = await fetch(new URL("/healthz", this.base), {
        cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS),
      });
      return answer.ok ? await answer.json() : null;
    } catch { return null; }
  }

  open(tokenNeeded) {
    const { attempt } = this;
    const address = new URL("/events", this.base);
    address.protocol = this.base.protocol === "https:" ? "wss:" : "ws:";
    if (this.since !== null) address.searchParams.set("since", this.since);
    if (this.source !== null) address.searchParams.set("stream", this.source);
    const socket = new WebSocket(address, "cloudevents.json");
    const current = (action) => (event) => { if (attempt === this.attempt) action(event); };
    socket.onopen = current(() => {
      if (tokenNeeded) socket.send(JSON.stringify({ token: this.token }));
      this.tell("link", "waiting", "Waiting for the stream");
    });
    socket.onmessage = current((message) => this.receive(JSON.parse(message.data)));
    socket.onclose = current((goodbye) => this.closed(goodbye));
    this.socket = socket;
    this.watch();
  }

  receive(envelope) {
    this.heard = performance.now();
    if (envelope.type === "fes.hello") this.greet(envelope);
    else if (envelope.type === "fes.snapshot") this.settle(envelope);
    else if (envelope.sequence === undefined) this.tell("event", envelope, false);
    else this.take(envelope);
  }

  greet(envelope) {
    const { resumed, oldest } = envelope.data;
    const other = envelope.source !== this.source;
    this.fresh ||= other || resumed === false;
    if (resumed === false) {
      // Those after `oldest` are still held: better than to go on from now.
      if (!other && oldest > this.since) this.missed(this.since + 1, oldest);
      this.source = envelope.source;
      this.since = oldest;
      this.again();
      return;
    }
    this.source = envelope.source;
    this.admitted = true;
    this.refusal = "";
    this.tell("event", envelope, this.fresh);
    this.fresh = false;
    this.tell("link", "live", "Live");
  }

  settle(envelope) {
    this.failures = 0;
    this.asked = 0;
    this.since ??= envelope.data.sequence;
    this.tell("event", envelope, false);
  }

  take(envelope) {
    if (envelope.sequence <= this.since) return;
    if (envelope.sequence > this.since + 1) this.missed(this.since + 1, envelope.sequence - 1);
    this.since = envelope.sequence;
    this.tell("event", envelope, false);
  }

  missed(first, last) { this.tell("lost", { first, last }); }

  closed({ code, reason }) {
    if (code === CODES.refused) {
      this.token = "";
      this.refuse(reason || "refused");
    } else if (code === CODES.behind) this.later("Fell behind", AGAIN_S);
    else this.later(code === CODES.stopped ? "Service stopped" : "Connection lost");
  }

  refuse(reason) {
    this.refusal = reason;
    if (this.handlers.token) {
      this.later(`Refused: ${reason}`, AGAIN_S);
      return;
    }
    this.running = false;
    this.drop();
    this.tell("link", "stopped", `Refused: ${reason}`);
  }

  // At once the first time, so that what is held does not run out.
  again() {
    this.asked += 1;
    if (this.asked > 1) this.later("Resuming", AGAIN_S);
    else this.connect();
  }

  later(why, wait_s) {
    this.drop();
    const backoff = Math.min(LONGEST_WAIT_S, 0.5 * 2 ** this.failures);
    // Clients that lost the same service must not come back all at once.
    const wait = wait_s ?? backoff * (0.75 + 0.5 * Math.random());
    this.failures += 1;
    this.tell("link", "lost", `${why}, next try in ${Math.max(1, Math.round(wait))} s`);
    this.timer = setTimeout(() => this.connect(), 1000 * wait);
  }

  // A connection can be gone without a goodbye. A stream that runs has telemetry ten times a
  // second; one that is silent may wait or have ended, and then the service still answers.
  watch() {
    this.heard = performance.now();
    clearInterval(this.watching);
    this.watching = setInterval(async () => {
      const { attempt } = this;
      if (performance.now() - this.heard < SILENCE_MS) return;
      const health = await this.health();
      if (attempt !== this.attempt) return;
      if (health === null) this.later("Service not reachable");
      else if (health.stream === "live" && performance.now() - this.heard >= SILENCE_MS) this.again();
    }, SILENCE_MS / 3);
  }

  drop() {
    this.attempt += 1;
    this.admitted = false;
    clearTimeout(this.timer);
    clearInterval(this.watching);
    this.socket?.close();
    this.socket = null;
  }

  tell(name, ...what) { this.handlers[name]?.(...what); }
}
